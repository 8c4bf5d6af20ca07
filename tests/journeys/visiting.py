"""What someone does in a browser, in their own words; every page they look at is checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
MARK = "Invented clinic: nobody here is real."
REFUSAL = "the server responded with a status of"
RUN_AXE = """axe.run(document, {resultTypes: ["violations"]}).then(found => JSON.stringify(
  found.violations.map(each => [each.id, each.impact, each.nodes.map(node => node.html.slice(0, 200))])))"""


class Visitor:
    """Someone with a browser of their own."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type in {"error", "warning"} and REFUSAL not in message.text:
            self.wrong.append(f"{message.text} at {self.page.url}")

    def go(self, path: str) -> int:
        """Open an address and return the status of the answer."""
        answer = self.page.goto(path if path.startswith("http") else f"{self.address}{path}")
        assert answer is not None
        return answer.status

    def enter_as(self, role: str) -> Visitor:
        """Sign in by one click as the first of the staff with a role."""
        self.go("/demo/")
        self.press(self.page.locator("form.card", has_text=role).first.get_by_role("button"))
        return self

    def press(self, what: Locator) -> None:
        """Press something that leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            what.click()

    def click(self, words: str, *, role: Any = "button") -> None:
        """Press the first button (or link) with these words."""
        self.press(self.page.get_by_role(role, name=words).first)

    def follow(self, words: str) -> None:
        """Follow the first link with these words."""
        self.click(words, role="link")

    def put(self, label: str, words: str) -> None:
        """Write into the field with this label."""
        self.page.get_by_label(label).first.fill(words)

    def tell(self, **fields: str) -> None:
        """Fill the fields of a form by their names: write, choose, or tick with `yes`."""
        for name, value in fields.items():
            field = self.page.locator(f'main [name="{name}"]')
            kind = field.first.evaluate("each => each.type")
            if kind == "radio":
                self.page.locator(f'main [name="{name}"][value="{value}"]').check()
            elif kind == "checkbox":
                field.first.check()
            elif kind.startswith("select"):
                field.first.select_option(value)
            elif kind == "file":
                field.first.set_input_files(value)
            else:
                field.first.fill(value)

    def reads(self, words: str) -> None:
        """Hold that these words stand on the page where they can be seen."""
        self.page.get_by_text(words).first.wait_for(state="visible")

    def does_not_read(self, words: str) -> None:
        """Hold that these words stand nowhere in the page."""
        assert words not in self.page.content()

    @property
    def path(self) -> str:
        """Where the visitor is."""
        return self.page.url.removeprefix(self.address)

    def main(self) -> Locator:
        """Return the main part of the page."""
        return self.page.locator("main")

    def looks(self, *, invented: bool = True) -> None:
        """Look at the page: nothing against accessibility, no error in the console, and its mark."""
        session = self.context.new_cdp_session(self.page)
        session.send("Runtime.evaluate", {"expression": AXE, "silent": True})
        found = session.send(
            "Runtime.evaluate",
            {"expression": RUN_AXE, "awaitPromise": True, "returnByValue": True},
        )
        session.detach()
        assert found["result"].get("value") == "[]", f"{self.page.url}: {found['result']}"
        assert self.wrong == []
        if invented:
            assert MARK in self.page.content(), f"{self.page.url}: {self.page.inner_text('body')}"
        self._fits()

    def _fits(self) -> None:
        """Hold that nothing is cut off to the right: the page does not scroll sideways."""
        wide = self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px too wide"

    def leave(self) -> None:
        """Close the browser, which has heard no error."""
        self.context.close()
        assert self.wrong == []


def path_of_link(text: str) -> str:
    """Return the path of the link to a questionnaire in a page's text."""
    found = re.search(r"/q/[\w-]{20,}/", text)
    assert found, "there is no link to a questionnaire on this page"
    return found.group()
