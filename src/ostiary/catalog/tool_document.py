"""Everything that the catalogue says of one tool."""

from __future__ import annotations

import msgspec

from ostiary.catalog import documents
from ostiary.catalog.abuse import Abuse, attacks_on
from ostiary.catalog.advice import advise
from ostiary.catalog.parameters import count, parameters
from ostiary.catalog.questions import Server, questions
from ostiary.catalog.reasons import reasons
from ostiary.catalog.words import CLASSES, SEVERITIES, first_sentence
from ostiary.risk import Assessed, Evidence, Finding, Recommendation

__all__ = ["Around", "advised", "finding", "tool_document"]


class Around(msgspec.Struct, frozen=True):
    """What a tool's page says of its surroundings: its place, its server, its neighbours and its past."""

    page: str
    line: documents.ServerLine
    launch: tuple[str, ...]
    related: tuple[documents.Link, ...]
    namesakes: tuple[documents.Link, ...]
    history: tuple[documents.Change, ...]


def tool_document(one: Assessed, around: Around) -> documents.ToolDocument:
    """The document of one tool."""
    risk, server, fields = one.risk, around.line, parameters(one.tool.input_schema)
    policies = advise(one, fields)
    operations = risk.operations.values if risk.operations else {}
    return documents.ToolDocument(
        name=one.tool.name,
        server=server.server,
        server_title=server.title,
        page=around.page,
        version=server.version,
        scanned=server.scanned,
        package=server.package,
        grade=server.grade,
        risk_class=risk.risk_class.value,
        class_means=CLASSES[risk.risk_class][1],
        severity=risk.severity.value,
        severity_means=SEVERITIES[risk.severity],
        confidence=risk.confidence,
        summary=first_sentence(one.tool.description),
        description=one.tool.description,
        parameters=count(one.tool.input_schema),
        fields=fields,
        annotations={key: value for key, value in one.tool.annotations.items() if isinstance(value, bool | str)},
        reasons=reasons(one, fields),
        evidence=tuple(map(_evidence, risk.evidence)),
        scores=dict(risk.scores),
        signals=risk.signals,
        operations={value: kind.value for value, kind in operations.items()},
        selector=risk.operations.argument if risk.operations else "",
        findings=tuple(map(finding, one.findings)),
        attacks=tuple(map(_misuse, attacks_on(one, fields))),
        recommended=advised(one.recommended),
        policies=policies,
        launch=around.launch,
        related=around.related,
        namesakes=around.namesakes,
        questions=questions(one, Server(server.title, server.version, server.package, server.publisher), policies),
        history=around.history,
        digest=one.digest,
        definition=one.definition,
    )


def advised(one: Recommendation) -> documents.Advised:
    return documents.Advised(one.action, one.reason, one.rate_limit, one.selector)


def finding(one: Finding) -> documents.Finding:
    return documents.Finding(
        one.rule, one.title, one.severity.value, one.tool, one.where, one.quote, one.why, one.owasp
    )


def _evidence(piece: Evidence) -> documents.Evidence:
    speaks_for = piece.speaks_for.value if piece.speaks_for else None
    return documents.Evidence(piece.source.value, piece.quote, piece.why, piece.weight, speaks_for)


def _misuse(abuse: Abuse) -> documents.Misuse:
    attack = abuse.attack
    return documents.Misuse(
        attack.id, attack.title, abuse.because, attack.how, attack.control, attack.incidents, attack.owasp
    )
