"""Run and operate an Inkstream: the embedded run, its front door, and the commands of developers and operators."""
