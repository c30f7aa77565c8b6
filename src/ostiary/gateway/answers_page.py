"""The page on which a person looks at a call and answers: plain HTML, no script, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from ostiary.approvals import Case, as_lines, facts, headline
from ostiary.ports import Headers

_STYLE: Final = """
:root { color-scheme: light dark; --edge: #8888; --yes: #14713a; --no: #a11b1b; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { opacity: .65; } dd { margin: 0; overflow-wrap: anywhere; }
pre { border: 1px solid var(--edge); border-radius: .4rem; padding: .8rem; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.risk { color: var(--no); font-weight: 600; }
form { display: flex; gap: .8rem; flex-wrap: wrap; align-items: end; margin-top: 1.5rem; }
label { flex: 1 1 100%; } input { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem; }
button { font: inherit; padding: .5rem 1.4rem; border: 0; border-radius: .4rem; color: #fff; cursor: pointer; }
.yes { background: var(--yes); } .no { background: var(--no); } .look { background: #345; }
"""

HEADERS: Final[Headers] = (
    (b"content-type", b"text/html; charset=utf-8"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
STYLE_HEADERS: Final[Headers] = ((b"content-type", b"text/css; charset=utf-8"), (b"x-content-type-options", b"nosniff"))
STYLE: Final = _STYLE.encode()


def question(case: Case, now: int, ticket: Mapping[str, str]) -> bytes:
    """The call, and buttons where it is still open."""
    told = "".join(f"<dt>{escape(name)}</dt><dd{_class(name)}>{escape(value)}</dd>" for name, value in facts(case, now))
    lines = escape("\n".join(as_lines(case.question.arguments)))
    hidden = "".join(
        f'<input type="hidden" name="{escape(key)}" value="{escape(value)}">' for key, value in ticket.items()
    )
    buttons = f"""<form method="post">{hidden}
<label>A word to the agent and the record (may be empty)<input name="note" maxlength="500" autocomplete="off"></label>
<button class="yes" name="answer" value="approve">Approve this call</button>
<button class="no" name="answer" value="refuse">Refuse</button></form>"""
    return _page(
        headline(case),
        f"<dl>{told}</dl><h2>Arguments</h2><pre>{lines}</pre>{buttons if case.approval.state.is_open else ''}",
    )


def entrance() -> bytes:
    """Where nobody knows yet who is looking."""
    form = """<p>To see this call, say who you are.</p><form method="post"><label>Operator's token
<input type="password" name="token" autocomplete="current-password" required></label>
<button class="look">Show the call</button></form>"""
    return _page("An approval", form)


def notice(text: str) -> bytes:
    """One sentence."""
    return _page(text, "")


def _page(title: str, body: str) -> bytes:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    style = '<link rel="stylesheet" href="/approvals/style.css">'
    text = f"<body><h1>{escape(title)}</h1>{body}</body>"
    return f'<!doctype html><html lang="en"><head>{head}{style}</head>{text}</html>'.encode()


def _class(name: str) -> str:
    return ' class="risk"' if name == "risk" else ""
