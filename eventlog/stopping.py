"""Ending tasks for certain."""

import asyncio
from typing import Any

AGAIN = 0.5  # seconds until a task that did not end is told again


async def stop(task: "asyncio.Task[Any]") -> None:
    """Cancel a task until it has ended: a client's library may swallow a cancellation that meets its own cleaning up."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN)
