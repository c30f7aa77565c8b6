"""The whole catalogue as values, from scans and facts. No I/O: the same scans make the same catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from ostiary.catalog import documents
from ostiary.catalog.about import About, Facts
from ostiary.catalog.advice import advise
from ostiary.catalog.attacks import attacks_on
from ostiary.catalog.history import steps
from ostiary.catalog.parameters import count, parameters
from ostiary.catalog.questions import Server, questions
from ostiary.catalog.reasons import reasons
from ostiary.catalog.related import related
from ostiary.catalog.slugs import slugs
from ostiary.catalog.snapshot import Snapshot, in_order
from ostiary.catalog.words import CLASSES, GRADES, SEVERITIES, first_sentence
from ostiary.risk import Assessed, Assessment, Recommendation, RiskClass, Severity, assess
from ostiary.risk import Finding as Found

__all__ = ["Catalog", "Entry", "compile_catalog"]

_PACKAGE_PAGES: Final = {"pypi": "https://pypi.org/project/{}/", "npm": "https://www.npmjs.com/package/{}"}


class Entry:
    """One server: its newest scan assessed, its history, and the documents about it and its tools."""

    def __init__(self, slug: str, facts: Facts, scans: Sequence[tuple[Snapshot, Assessment]]) -> None:
        self.slug = slug
        self.facts = facts
        self.snapshot, self.found = scans[-1]
        self.history = steps(scans)
        self._slugs = slugs(one.tool.name for one in self.found.tools)

    @property
    def title(self) -> str:
        return self.facts.title or self.snapshot.name or self.slug

    @property
    def page(self) -> str:
        return f"servers/{self.slug}/index.html"

    @cached_property
    def lines(self) -> tuple[documents.ToolLine, ...]:
        """Its tools, riskiest first."""
        order = sorted(range(len(self.found.tools)), key=lambda place: _riskiest(self.found.tools[place]))
        return tuple(self.line_of(place) for place in order)

    def page_of(self, place: int, suffix: str = "html") -> str:
        """The page of the tool at this place in the server's own order."""
        return f"servers/{self.slug}/{self._slugs[place]}.{suffix}"

    def line_of(self, place: int) -> documents.ToolLine:
        one = self.found.tools[place]
        return documents.ToolLine(
            one.tool.name,
            self.slug,
            self.page_of(place),
            self.page_of(place, "json"),
            one.risk.risk_class.value,
            one.risk.severity.value,
            first_sentence(one.tool.description, 140),
            count(one.tool.input_schema),
            len(one.findings),
            advised(one.recommended),
        )

    def link_to(self, place: int) -> documents.Link:
        one = self.found.tools[place]
        risk = one.risk
        return documents.Link(
            one.tool.name, self.slug, self.title, self.page_of(place), risk.risk_class.value, risk.severity.value
        )

    @cached_property
    def line(self) -> documents.ServerLine:
        facts, found = self.facts, self.found
        return documents.ServerLine(
            self.slug,
            self.title,
            self.page,
            f"servers/{self.slug}/index.json",
            found.grade.letter,
            found.grade.score,
            self.snapshot.version,
            facts.package,
            facts.publisher,
            facts.standing.value,
            facts.summary,
            self.snapshot.scanned,
            len(found.tools),
            len(found.findings),
            self._counted(RiskClass),
        )

    def _counted(self, kinds: type[RiskClass | Severity]) -> dict[str, int]:
        by = Counter(
            one.risk.risk_class.value if kinds is RiskClass else one.risk.severity.value for one in self.found.tools
        )
        return {kind.value: by[kind.value] for kind in reversed(list(kinds))}

    @cached_property
    def document(self) -> documents.ServerDocument:
        facts, found = self.facts, self.found
        return documents.ServerDocument(
            self.slug,
            self.title,
            self.page,
            self.snapshot.version,
            self.snapshot.scanned,
            facts.summary,
            found.grade.letter,
            found.grade.score,
            GRADES[found.grade.letter],
            tuple(documents.GradeReason(reason.points, reason.why) for reason in found.grade.reasons),
            self._identity(),
            facts.remarks,
            self.snapshot.notes,
            self._counted(RiskClass),
            self._counted(Severity),
            self.lines,
            tuple(map(_finding, found.findings)),
            self.history,
            found.policy,
        )

    def _identity(self) -> documents.Identity:
        facts = self.facts
        names = tuple(dict.fromkeys([self.snapshot.name, *facts.names])) if self.snapshot.name else facts.names
        pages = _PACKAGE_PAGES.get(facts.registry, "")
        return documents.Identity(
            names,
            facts.package,
            facts.registry,
            pages.format(facts.package) if facts.package else "",
            facts.publisher,
            facts.standing.value,
            facts.licence,
            facts.homepage,
            facts.repository,
            facts.launch,
            facts.credentials,
        )

    @cached_property
    def _related(self) -> list[list[int]]:
        return related(self.found.tools)

    @cached_property
    def _changes(self) -> Mapping[str, list[documents.Change]]:
        found: dict[str, list[documents.Change]] = {}
        for step in self.history:
            for event in step.events:
                if event.tool:
                    found.setdefault(event.tool, []).append(documents.Change(step.at, step.version, event))
        return found

    def tool(self, place: int, namesakes: Sequence[documents.Link] = ()) -> documents.ToolDocument:
        """Everything about the tool at this place in the server's own order."""
        one = self.found.tools[place]
        risk, fields = one.risk, parameters(one.tool.input_schema)
        policies = advise(one, fields)
        server = Server(self.title, self.snapshot.version, self.facts.package, self.facts.publisher)
        return documents.ToolDocument(
            one.tool.name,
            self.slug,
            self.title,
            self.page_of(place),
            self.snapshot.version,
            self.snapshot.scanned,
            self.facts.package,
            self.found.grade.letter,
            risk.risk_class.value,
            CLASSES[risk.risk_class][1],
            risk.severity.value,
            SEVERITIES[risk.severity],
            risk.confidence,
            first_sentence(one.tool.description),
            one.tool.description,
            count(one.tool.input_schema),
            fields,
            {key: value for key, value in one.tool.annotations.items() if isinstance(value, bool | str)},
            reasons(one, fields),
            tuple(
                documents.Evidence(
                    piece.source.value,
                    piece.quote,
                    piece.why,
                    piece.weight,
                    piece.speaks_for.value if piece.speaks_for else None,
                )
                for piece in risk.evidence
            ),
            dict(risk.scores),
            risk.signals,
            {value: kind.value for value, kind in risk.operations.values.items()} if risk.operations else {},
            risk.operations.argument if risk.operations else "",
            tuple(map(_finding, one.findings)),
            tuple(
                documents.Misuse(
                    abuse.attack.id,
                    abuse.attack.title,
                    abuse.because,
                    abuse.attack.how,
                    abuse.attack.control,
                    tuple(documents.Incident(case.name, case.what) for case in abuse.attack.incidents),
                    abuse.attack.owasp,
                )
                for abuse in attacks_on(one, fields)
            ),
            advised(one.recommended),
            policies,
            self.facts.launch,
            tuple(self.link_to(other) for other in self._related[place]),
            tuple(namesakes),
            questions(one, server, policies),
            tuple(self._changes.get(one.tool.name, ())),
            one.digest,
            one.definition,
        )


def advised(one: Recommendation) -> documents.Advised:
    return documents.Advised(one.action, one.reason, one.rate_limit, one.selector)


def _finding(one: Found) -> documents.Finding:
    return documents.Finding(
        one.rule, one.title, one.severity.value, one.tool, one.where, one.quote, one.why, one.owasp
    )


def _riskiest(one: Assessed) -> tuple[int, int, str]:
    return -one.risk.severity.rank, -one.risk.risk_class.rank, one.tool.name


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
