"""Somebody at a browser of their own, doing what people do on pages."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.kit.browser import FAILED_LOAD, opened, settled
from tests.kit.system import PASSWORD


@dataclass
class Visitor:
    """A person, their browser, and what the consoles of its pages have said that nobody expected."""

    context: BrowserContext
    page: Page
    handle: str = field(default_factory=lambda: f"v{uuid4().hex[:10]}")
    name: str = ""
    token: str = ""
    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    """The statuses of answers that this journey is about; Chromium's console calls them errors."""

    def __post_init__(self) -> None:
        self.context.on("console", self._listen)
        self.context.on("weberror", lambda error: self.faults.append(str(error.error)))

    @property
    def preview(self) -> Locator:
        """The rendered text beside the editor."""
        return self.page.get_by_label("Preview").locator(".prose")

    @property
    def text(self) -> Locator:
        """Where the body of a post is written."""
        return self.page.get_by_label("Text, in Markdown")

    @property
    def status(self) -> Locator:
        """The line of the editor that says whether the text is safe."""
        return self.page.locator("header [role=status]")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def goes_to(self, path: str) -> None:
        await opened(self.page, path)

    async def opens_another_tab(self) -> "Visitor":
        """The same person in a second tab of the same browser."""
        return Visitor(self.context, await self.context.new_page(), self.handle, self.name, self.token, self.faults, self.expected)

    async def asks(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask the API with this browser's cookies; the JSON of a success."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named["Authorization"] = f"Bearer {self.token}"
        response = await self.context.request.fetch(path, method=method, data=body, headers=named)
        assert response.ok, await response.text()
        return await response.json()

    async def has_an_account(self) -> "Visitor":
        """Get one without the form, and be signed in."""
        self.name = self.name or self.handle
        body = {"handle": self.handle, "email": f"{self.handle}@example.org", "password": PASSWORD, "name": self.name}
        session = await self.asks("POST", "/api/auth/register", body)
        self.token = session["access_token"]
        return self

    async def drafts(self, title: str, body: str = "Some words.") -> str:
        """Have a draft, without the editor; its id."""
        post = await self.asks("POST", "/api/posts", {"title": title, "body": body})
        return str(post["id"])

    async def signs_up(self) -> None:
        """Fill in the form, and find oneself where one came from."""
        await self.page.get_by_label("Name").fill(self.name)
        await self.page.get_by_label("Handle").fill(self.handle)
        await self.page.get_by_label("E-mail").fill(f"{self.handle}@example.org")
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("main").get_by_role("button", name="Sign up").click()
        await self.is_signed_in()

    async def fills_in_the_sign_in_form(self, password: str = PASSWORD) -> None:
        await self.page.get_by_label("Handle or e-mail").fill(self.handle)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("main").get_by_role("button", name="Sign in").click()

    async def signs_in(self) -> None:
        await self.fills_in_the_sign_in_form()
        await self.is_signed_in()

    async def is_signed_in(self) -> None:
        await expect(self.button(f"Your account, {self.name}").or_(self.page.get_by_label("Title"))).to_be_visible()

    async def signs_out(self) -> None:
        await self.button(f"Your account, {self.name}").click()
        await self.page.get_by_role("menuitem", name="Sign out").click()
        await expect(self.page.get_by_role("link", name="Sign in")).to_be_visible()

    async def writes(self, title: str, body: str) -> None:
        """Put a text into the editor."""
        await self.page.get_by_label("Title").fill(title)
        await self.text.fill(body)

    async def saves(self) -> None:
        await self.page.keyboard.press("Control+s")
        await expect(self.status).to_contain_text("Saved just now")

    async def publishes(self) -> None:
        """Publish what is in the editor, and find oneself on its page."""
        title = await self.page.get_by_label("Title").input_value()
        await self.button("Publish…").click()
        await self.page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
        await expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible()
        await settled(self.page)

    async def comments(self, text: str) -> None:
        await self.page.get_by_label("Join the discussion").fill(text)
        await self.button("Comment").click()
        await expect(self.page.get_by_text("Comment posted")).to_be_visible()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if not any(message.text.startswith(f"{FAILED_LOAD} {status}") for status in self.expected):
            self.faults.append(f"{message.text} {message.location.get('url', '')}")
