"""Posts of other blogs, as Markdown files with front matter (Jekyll, Hugo and their like): read, translated, and every doubt named.

Nothing here writes, asks a service or knows the time: what a folder holds becomes `SourcePost`s and `Skipped`s, the same ones each time.
"""

from inkctl.markdown.folder import files_in, read_files
from inkctl.markdown.post import Skipped, SourcePost, parse

__all__ = ["Skipped", "SourcePost", "files_in", "parse", "read_files"]
