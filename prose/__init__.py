"""Markdown to sanitised HTML, contents, excerpt and words; pure, and the same for page, feed, preview and search."""

from prose.outline import Heading
from prose.rendering import RENDERER_VERSION, Rendered, plain_text, render
from prose.slugs import slug

__all__ = ["RENDERER_VERSION", "Heading", "Rendered", "plain_text", "render", "slug"]
