"""How a step of the command line fails: in words that a person can act on."""


class Failed(Exception):
    """A step that failed: what failed, why, and what to do about it."""

    def __init__(self, what: str, why: str, cure: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why
        self.cure = cure

    def lines(self) -> list[str]:
        """Show the failure to a person."""
        return [f"Failed: {self.what}", f"Why: {self.why}", f"What to do: {self.cure}"]
