"""`approval`, `redact` and `log_arguments`: nodes → obligations, and how several blocks' obligations add up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ostiary.model import ApprovalTerms, Redaction
from ostiary.policy.node import Node
from ostiary.policy.path import PathError, parse_path
from ostiary.policy.proofread import Proofreader, nearest
from ostiary.policy.window import read_duration

__all__ = ["all_redactions", "logged", "read_approval", "read_log_arguments", "read_redact", "strictest"]

_APPROVAL_KEYS: Final = ("timeout", "approvers", "assurance", "uses", "valid_for", "notify")
_NAMED_SETS: Final = ("secrets", "pii")


def read_approval(node: Node, proof: Proofreader) -> ApprovalTerms:
    """`{timeout, approvers, assurance, uses, valid_for, notify}`, each with its default."""
    fields = proof.fields(node, _APPROVAL_KEYS, expected="the terms of an approval")
    usual = ApprovalTerms()
    timeout = read_duration(fields["timeout"], proof) if "timeout" in fields else None
    valid_for = read_duration(fields["valid_for"], proof) if "valid_for" in fields else None
    approvers = proof.whole(fields["approvers"], minimum=1) if "approvers" in fields else None
    uses = proof.whole(fields["uses"], minimum=1) if "uses" in fields else None
    assurance = proof.choice(fields["assurance"], ("client", "out_of_band")) if "assurance" in fields else None
    notify = proof.texts(fields["notify"]) if "notify" in fields else None
    return ApprovalTerms(
        timeout=timeout or usual.timeout,
        approvers=approvers or usual.approvers,
        assurance=assurance or usual.assurance,
        uses=uses or usual.uses,
        valid_for=valid_for or usual.valid_for,
        notify=notify or (),
    )


def strictest(terms: Iterable[ApprovalTerms]) -> ApprovalTerms:
    """What satisfies all terms at once; the usual terms if there are none."""
    found = list(terms)
    if not found:
        return ApprovalTerms()
    return ApprovalTerms(
        timeout=min(one.timeout for one in found),
        approvers=max(one.approvers for one in found),
        assurance="out_of_band" if any(one.assurance == "out_of_band" for one in found) else "client",
        uses=min(one.uses for one in found),
        valid_for=min(one.valid_for for one in found),
        notify=tuple(sorted({name for one in found for name in one.notify})),
    )


def read_redact(node: Node, proof: Proofreader) -> Redaction | None:
    """`{result: [secrets, pii, REGEX…]}`."""
    fields = proof.fields(node, ("result",), required=("result",))
    if "result" not in fields:
        return None
    patterns: list[str] = []
    for item in proof.sequence(fields["result"], "a list of `secrets`, `pii` and patterns") or []:
        pattern = proof.text(item)
        if pattern is not None and _is_usable(item, pattern, proof):
            patterns.append(pattern)
    if fields["result"].value == []:
        proof.refuse(fields["result"], "is an empty list", "name `secrets`, `pii`, or a pattern")
    return Redaction(tuple(patterns))


def _is_usable(node: Node, pattern: str, proof: Proofreader) -> bool:
    if pattern in _NAMED_SETS:
        return True
    if pattern.isalpha() and (hint := nearest(pattern, _NAMED_SETS)):
        proof.refuse(node, f"unknown set `{pattern}`", hint)
        return False
    from ostiary.policy.pattern import PatternError, compile_pattern

    try:
        is_empty = compile_pattern(pattern).matches("")
    except (PatternError, UnicodeEncodeError) as error:
        proof.refuse(node, f"the pattern `{pattern}` does not compile: {error}", "patterns are RE2")
        return False
    if is_empty:
        proof.refuse(node, f"the pattern `{pattern}` matches an empty text", "it would mask nothing, everywhere")
    return not is_empty


def all_redactions(redactions: Iterable[Redaction]) -> Redaction | None:
    """Everything that any of them masks."""
    patterns = sorted({pattern for redaction in redactions for pattern in redaction.patterns})
    return Redaction(tuple(patterns)) if patterns else None


def read_log_arguments(node: Node, proof: Proofreader) -> bool | tuple[str, ...] | None:
    """`true`, `false`, or a list of paths."""
    if isinstance(node.value, bool):
        return node.value
    if not isinstance(node.value, list):
        proof.mistyped(node, "true, false, or a list of paths")
        return None
    paths = proof.texts(node) or ()
    for item in node.value:
        try:
            parse_path(item.value if isinstance(item.value, str) else "args")
        except PathError as error:
            proof.refuse(item, str(error))
    return paths


def logged(wishes: Iterable[bool | tuple[str, ...] | None]) -> bool | tuple[str, ...]:
    """What is logged where several blocks speak: a `false` wins over all, then `true`, then all paths named."""
    found = [wish for wish in wishes if wish is not None]
    if any(wish is False for wish in found):
        return False
    if any(wish is True for wish in found):
        return True
    return tuple(sorted({path for wish in found if isinstance(wish, tuple) for path in wish})) or False
