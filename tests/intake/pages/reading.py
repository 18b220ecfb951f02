"""What a page holds, as far as these tests ask: ids, labels, controls, links, headings, and what is wrong with them."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img", "path", "circle"}
CONTROLS = {"input", "select", "textarea"}


class Page(HTMLParser):
    """A parsed page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.described: set[str] = set()
        self.controls: list[dict[str, str]] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.language = ""
        self._open: list[str] = []
        self.faults: list[str] = [] if html.startswith("<!doctype html>") else ["no doctype"]
        self.feed(html)
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "label":
            self.labelled.add(given.get("for", ""))
        if tag in CONTROLS and given.get("type") != "hidden":
            self.controls.append(given)
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if "style" in given or tag == "style" or (tag == "script" and "src" not in given):
            self.faults.append(f"inline style or script in <{tag}>")
        self.described |= set(given.get("aria-describedby", "").split())
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag == "path":
            return
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def wrong(self) -> list[str]:
        """Everything that is wrong with the page."""
        ids = set(self.ids)
        found = [*self.faults]
        found += [f"id {name} is there {count} times" for name, count in Counter(self.ids).items() if count > 1]
        found += [f"no label for {one}" for one in self.controls if one.get("id") not in self.labelled]
        found += [f"label for {name}, which is not there" for name in self.labelled - ids]
        found += [f"described by {name}, which is not there" for name in self.described - ids]
        found += [f"{link} leads nowhere" for link in self.links if link.startswith("#") and link[1:] not in ids]
        found += [] if self.headings.count("h1") == 1 else [f"{self.headings.count('h1')} times <h1>"]
        found += [] if "main" in ids else ["no main"]
        return found
