"""What a scan found, as one page that stands alone: no script, no request to anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from ostiary.risk import Assessed, Assessment, Finding, RiskClass
from ostiary.risk.rules import shown

__all__ = ["as_html"]

_MEANINGS: Final = {
    RiskClass.FINANCIAL: "moves money",
    RiskClass.DESTRUCTIVE: "destroys",
    RiskClass.EXECUTE: "sets something going",
    RiskClass.WRITE: "changes something",
    RiskClass.READ: "only reads",
}
_ACTIONS: Final = {"allow": "allow", "deny": "deny", "hide": "hide", "require_approval": "hold for a person"}

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1f23; --dim: #646b74; --line: #d9dde2; --paper: #fff; --soft: #f5f6f8;
  --financial: #8e24aa; --destructive: #c62828; --execute: #b26a00; --write: #00729b; --read: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --dim: #9aa2ad; --line: #343a41; --paper: #15181b;
  --soft: #1d2125; --financial: #ce93d8; --destructive: #ef7a7a; --execute: #f0b455; --write: #5cc3e8; --read: #7cc680;
  } }
* { box-sizing: border-box } body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.2rem 4rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; margin: 0 }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .4rem }
h2 small, .dim { color: var(--dim); font-weight: 400 }
header { display: flex; gap: 1.2rem; align-items: center; border-bottom: 1px solid var(--line); padding-bottom: 1rem }
.grade { font-size: 2.6rem; font-weight: 700; border: 3px solid; border-radius: .6rem; line-height: 1;
  padding: .4rem .8rem }
.A, .B { color: var(--read) } .C, .D { color: var(--execute) } .F { color: var(--destructive) }
ul.reasons { margin: .8rem 0 0; padding: 0; list-style: none; color: var(--dim) }
.points { display: inline-block; min-width: 2.4rem; font-weight: 600 }
details { border-bottom: 1px solid var(--line) }
summary { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: .45rem 0; cursor: pointer; list-style: none }
summary code { flex: 1 1 16rem; font-size: .95rem }
.severity { flex: 0 0 5rem; font-size: .85rem }
.advice { flex: 0 0 12rem; font-size: .85rem; color: var(--dim) }
details > div { padding: 0 0 .8rem 1rem; border-left: 3px solid var(--line); margin: .2rem 0 .8rem }
blockquote { margin: .2rem 0; padding: .3rem .7rem; background: var(--soft); border-radius: .3rem }
.finding { border-left: 4px solid var(--destructive); padding: .2rem 0 .2rem .9rem; margin: .7rem 0 }
pre { background: var(--soft); padding: 1rem; border-radius: .4rem; overflow-x: auto; font-size: .85rem }
.financial { color: var(--financial) } .destructive { color: var(--destructive) } .execute { color: var(--execute) }
.write { color: var(--write) } .read { color: var(--read) }
"""


def as_html(found: Assessment, version: str, notes: Sequence[str]) -> str:
    """A whole document. Everything a server said is escaped, and what cannot be seen is made visible."""
    return "\n".join(_document(found, version, notes)) + "\n"


def _document(found: Assessment, version: str, notes: Sequence[str]) -> Iterator[str]:
    server = _said(found.server)
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{server}: grade {found.grade.letter}</title><style>{_STYLE}</style></head><body>"
    yield f'<header><div class="grade {found.grade.letter}">{found.grade.letter}</div><div><h1>{server}</h1>'
    counts = f"{len(found.tools)} tools · {found.grade.score} of 100"
    yield f'<div class="dim">{_said(version)} {counts}</div></div></header>'
    if found.grade.reasons:
        items = "".join(
            f'<li><span class="points">-{reason.points}</span> {_said(reason.why)}</li>'
            for reason in found.grade.reasons
        )
        yield f'<ul class="reasons">{items}</ul>'
    if notes:
        yield "<ul>" + "".join(f"<li>{_said(note)}</li>" for note in notes) + "</ul>"
    if found.findings:
        yield f"<h2>Findings <small>{len(found.findings)}</small></h2>"
        yield from (_finding(one) for one in found.findings)
    for risk_class, meaning in _MEANINGS.items():
        group = [one for one in found.tools if one.risk.risk_class is risk_class]
        if group:
            name = risk_class.value
            yield f'<h2><span class="{name}">{name.title()}</span> <small>{meaning} · {len(group)}</small></h2>'
            yield from map(_tool, sorted(group, key=lambda one: (-one.risk.severity.rank, one.tool.name)))
    yield f"<h2>Recommended policy</h2><pre>{escape(found.policy)}</pre></body></html>"


def _finding(one: Finding) -> str:
    owasp = " · ".join(one.owasp)
    return (
        f'<div class="finding"><strong>{_said(one.title)}</strong> <code>{_said(one.tool)}</code> '
        f'<span class="dim">{_said(one.where)} · {one.severity.value}</span>'
        f'<blockquote>{_said(one.quote)}</blockquote>{_said(one.why)} <span class="dim">{owasp}</span></div>'
    )


def _tool(one: Assessed) -> str:
    advice = _ACTIONS[one.recommended.action]
    limit = f", {one.recommended.rate_limit}" if one.recommended.rate_limit else ""
    name = one.risk.risk_class.value
    evidence = "".join(
        f"<blockquote>{_said(piece.quote)}</blockquote>"
        f'<div>{_said(piece.why)} <span class="dim">{piece.source.value}</span></div>'
        for piece in one.risk.evidence
    )
    signals = f'<div class="dim">Also: {_said(", ".join(one.risk.signals))}</div>' if one.risk.signals else ""
    return (
        f'<details><summary><code>{_said(one.tool.name) or "(no name)"}</code><span class="severity {name}">'
        f'{one.risk.severity.value}</span><span class="advice">{advice}{limit}</span></summary><div>'
        f"{evidence}{signals}<div>{_said(one.recommended.reason)}.</div></div></details>"
    )


def _said(text: str) -> str:
    return escape(shown(text, 400))
