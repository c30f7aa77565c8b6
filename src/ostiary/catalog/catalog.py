"""The whole catalogue as values, from scans and facts. No I/O: the same scans make the same catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from ostiary.catalog import documents
from ostiary.catalog.about import About
from ostiary.catalog.entry import Entry
from ostiary.catalog.snapshot import Snapshot, in_order
from ostiary.risk import assess

__all__ = ["Catalog", "compile_catalog"]


class Catalog:
    """All servers, by title."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=lambda entry: (entry.title.lower(), entry.slug))

    @cached_property
    def document(self) -> documents.CatalogDocument:
        lines = tuple(entry.line for entry in self.entries)
        return documents.CatalogDocument(lines, sum(line.tools for line in lines))

    @cached_property
    def changes(self) -> documents.ChangesDocument:
        found = [
            documents.ServerStep(entry.slug, entry.title, entry.page, step)
            for entry in self.entries
            for step in entry.history
        ]
        return documents.ChangesDocument(tuple(sorted(found, key=lambda one: one.step.at, reverse=True)))

    @cached_property
    def _namesakes(self) -> Mapping[str, list[documents.Link]]:
        found: dict[str, list[documents.Link]] = {}
        for entry in self.entries:
            for place, one in enumerate(entry.found.tools):
                found.setdefault(one.tool.name, []).append(entry.link_to(place))
        return {name: links for name, links in found.items() if len(links) > 1}

    def tools_of(self, entry: Entry) -> Iterable[documents.ToolDocument]:
        """The documents of a server's tools, in the server's order, made one by one."""
        for place, one in enumerate(entry.found.tools):
            others = [link for link in self._namesakes.get(one.tool.name, ()) if link.server != entry.slug]
            yield entry.tool(place, others[:6])


def compile_catalog(snapshots: Iterable[Snapshot], about: About) -> Catalog:
    """The catalogue of these scans; each server as its newest scan found it."""
    by_server: dict[str, list[Snapshot]] = {}
    for snapshot in in_order(snapshots):
        by_server.setdefault(snapshot.server, []).append(snapshot)
    return Catalog(
        Entry(
            slug,
            about.of(slug, scans[-1].name),
            [(one, assess(slug, one.tools)) for one in scans],
        )
        for slug, scans in by_server.items()
    )
