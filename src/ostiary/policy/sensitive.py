"""The named sets of `redact`: what secrets and personal data look like, by form and by the name they go under."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import re2

__all__ = ["MASK", "NAMED_SETS", "Finder", "is_secret_name"]

_SHORTEST_CARD: Final = 13
_ISSUERS: Final = (2, 3, 4, 5, 6)


MASK: Final = "[redacted]"
_MASK: Final = re.compile(re.escape(MASK))


class Finder:
    """One pattern. Where it `keeps` something, the groups `before` and `after` of a match stay as they are; `is_meant`
    says whether a match is what the pattern looks for, since digits alone do not tell."""

    __slots__ = ("_is_meant", "_keeps", "_pattern")

    def __init__(
        self, pattern: re2._Regexp, *, keeps: bool = False, is_meant: Callable[[str], bool] | None = None
    ) -> None:
        self._pattern = pattern
        self._keeps = keeps
        self._is_meant = is_meant

    def replace(self, text: str) -> str:
        """The text with every match masked; what is masked already stays."""
        done = [found.span() for found in _MASK.finditer(text)]

        def masked(found: re2._Match) -> str:
            start, end = found.span()
            is_done = any(first <= start and end <= last for first, last in done)
            if is_done or (self._is_meant is not None and not self._is_meant(found[0])):
                return str(found[0])
            return f"{found['before']}{MASK}{found['after']}" if self._keeps else MASK

        return str(self._pattern.sub(masked, text))


def is_secret_name(name: str) -> bool:
    """Whether a member of this name holds a secret: `password`, `apiKey`, `client_secret`, not `next_page_token`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^0-9A-Za-z]+", "_", name).lower().strip("_")
    return _SECRET_NAME.search(words) is not None and _CURSOR_NAME.search(words) is None


_SECRET_NAME: Final = re.compile(
    r"(?:^|_)(?:passwords?|passwd|pwd|passphrase|secrets?|token|credentials?|authorization|authorisation|cookies?"
    r"|api_?key|access_?key|private_?key|secret_?key|signing_?key|encryption_?key|bearer|session_?id|otp|pin)$"
)
_CURSOR_NAME: Final = re.compile(r"(?:^|_)(?:next|page|continuation|sync|progress)(?:_page)?_token$")


def _is_card(text: str) -> bool:
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) < _SHORTEST_CARD or digits[0] not in _ISSUERS:
        return False
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "")
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _is_unmasked(text: str) -> bool:
    return not text.rstrip("\"'").endswith(MASK)


def _finder(source: str, *, keeps: bool = False, is_meant: Callable[[str], bool] | None = None) -> Finder:
    return Finder(re2.compile(source), keeps=keeps, is_meant=is_meant)


_NAMED_IN_TEXT: Final = (
    r"(?i)(?P<before>\b[a-z0-9_.-]*(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)"
    r"""["']?\s*[:=]\s*)(?:"[^"]+"|'[^']+'|[^\s"',;&\[\]{}]+)(?P<after>)"""
)

NAMED_SETS: Final[dict[str, list[Finder]]] = {
    "secrets": [
        _finder(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*-----|\z)"),
        _finder(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        _finder(
            r"\b(?:ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abeprs]|sk|pk|rk|ost|npm|pypi|hf|whsec)[-_][0-9A-Za-z_-]{16,}"
        ),
        _finder(r"\bAIza[0-9A-Za-z_-]{30,}"),
        _finder(r"\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*"),
        _finder(r"(?i)\b(?P<before>(?:bearer|basic) )[0-9a-z+/._~=-]{12,}(?P<after>)", keeps=True),
        _finder(r"(?P<before>://[^/\s:@]{1,256}:)[^/\s@]{1,256}(?P<after>@)", keeps=True),
        _finder(_NAMED_IN_TEXT, keeps=True, is_meant=_is_unmasked),
    ],
    "pii": [
        _finder(r"(?i)\b[a-z0-9._%+'-]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,}\b"),
        _finder(r"\b[0-9](?:[ -]?[0-9]){12,18}\b", is_meant=_is_card),
        _finder(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", is_meant=_is_iban),
        _finder(r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b"),
        _finder(r"\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,5}\)?){2,6}"),
    ],
}
"""`secrets`: keys, tokens, credentials in URLs, values named like a secret. `pii`: mail addresses, card numbers (Luhn),
IBANs, US social security numbers, international telephone numbers."""
