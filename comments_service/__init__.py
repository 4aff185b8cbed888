"""Owns what readers say: the comments on a post and their thread."""
