"""Whether a page is in order as a document: every element closed where it should be, every id once, nothing foreign."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

VOID: Final = frozenset({"meta", "link", "br", "wbr", "input", "rect", "path", "hr", "img"})
PHRASING: Final = frozenset({"p", "h1", "h2", "h3", "code", "a", "span", "dt", "summary"})
BLOCKS: Final = frozenset(
    {"p", "div", "ul", "ol", "dl", "pre", "table", "section", "article", "details", "h1", "h2", "h3"}
)


class Markup(HTMLParser):
    """A page: what is wrong with it, its ids, and where it links to."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.labels: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]
        self.faults += [f"#{label} labels nothing" for label in self.labels if label not in self.ids]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self._fault(f"<{tag}> has an attribute twice")
        if tag in BLOCKS and self._open and self._open[-1] in PHRASING:
            self._fault(f"<{tag}> inside <{self._open[-1]}>")
        self._references(tag, {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self._open.append(tag)

    def _references(self, tag: str, given: dict[str, str]) -> None:
        if "id" in given:
            if given["id"] in self.ids or not given["id"] or " " in given["id"]:
                self._fault(f"the id {given['id']!r} is there twice, or is none")
            self.ids.add(given["id"])
        if "href" in given:
            (self.loads if tag == "link" else self.links).append(given["href"])
        if "src" in given:
            self.loads.append(given["src"])
        self.labels += given.get("aria-labelledby", "").split()
        if "for" in given:
            self.labels.append(given["for"])
        for name in given:
            if name.startswith("on") or name == "style":
                self._fault(f"<{tag}> has {name}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID and self._open[-1:] != [tag]:
            return
        if not self._open or self._open.pop() != tag:
            self._fault(f"</{tag}> closes nothing")

    def _fault(self, words: str) -> None:
        line, column = self.getpos()
        self.faults.append(f"{line}:{column}: {words}")
