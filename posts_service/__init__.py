"""Owns what authors write: drafts, revisions, and the addresses at which posts are published."""
