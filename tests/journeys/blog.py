"""A blog that stands already when a journey begins."""

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.kit.system import AGAIN, Person, System

TITLE = "Keeping a ledger of small things"
BODY = """
The first drawer was the *easy* one. It held paper, and paper holds still.

## What goes in

Everything that can be **counted** twice with the same result. `len(drawer)` has to agree with itself.

```python
def count(drawer: dict[str, int]) -> int:
    # Twice, since once proves nothing.
    return sum(drawer.values())
```

## What stays out

| what   | why                  |
| :----- | :------------------- |
| ink    | it is never finished |
| string | nobody can say which |

> A list is a promise to look again.

1. Open the drawer.
2. Count, and write it down.[^1]

- [x] nibs
- [ ] bottles

[^1]: In pencil.
"""


@dataclass(frozen=True)
class Blog:
    """An author with an article that has two comments, and somebody who has published nothing."""

    author: Person
    article: dict[str, Any]
    quiet: Person

    @property
    def profile(self) -> str:
        return f"/@{self.author.handle}"

    @property
    def path(self) -> str:
        return f"{self.profile}/{self.article['slug']}"

    @property
    def silent_profile(self) -> str:
        return f"/@{self.quiet.handle}"


async def written(system: System, author: Person, reader: Person) -> Blog:
    """Publish the article, let both talk about it, and wait until everybody can read that."""
    text = {"title": TITLE, "body": BODY, "tags": ["stationery", "counting"], "excerpt": "Notes on counting what is in a drawer."}
    draft = await author.insist("POST", "/api/posts", text)
    article = await author.insist("POST", f"/api/posts/{draft['id']}/publish", {})
    reader.seen = author.seen
    said = await reader.insist("POST", "/api/comments", {"post_id": article["id"], "body": "Why in `pencil`?"})
    author.seen = reader.seen
    await author.insist("POST", "/api/comments", {"post_id": article["id"], "parent_id": said["id"], "body": "Because of 2014."})
    blog = Blog(author, article, reader)
    async with asyncio.timeout(60):
        while True:
            _, page, _ = await author.ask("GET", f"/api/query/posts/{article['id']}/comments")
            if len(page.get("items", [])) == 2:
                return blog
            await asyncio.sleep(AGAIN)
