"""CEL behind one small interface: compile and type-check once, evaluate without surprises.

The names CEL sees are those of the policy language, section "Conditions". Numbers reach CEL as 64-bit integers and
doubles; one that would be rounded makes the call unjudgeable instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, TypeAlias

from cel_expr_python import cel

from ostiary.model import Call, JSONObject
from ostiary.policy.exact import LEAST, MOST, exact
from ostiary.policy.facts import Facts, Unjudgeable
from ostiary.policy.functions import NOT_JSON, declared
from ostiary.policy.path import Steps, look_closely
from ostiary.policy.proofread import nearest

__all__ = ["VARIABLES", "Bindings", "Expression", "ExpressionError", "Expressions", "refusal"]

Bindings: TypeAlias = "cel.Activation"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STRINGS: Final = cel.Type.List(cel.Type.STRING)
_OBJECT: Final = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)

VARIABLES: Final[dict[str, tuple[cel.Type, Callable[[Call], Any]]]] = {
    "args": (_OBJECT, lambda call: _arguments(call.arguments)),
    "tool.name": (cel.Type.STRING, lambda call: call.tool.name),
    "tool.server": (cel.Type.STRING, lambda call: call.tool.server),
    "tool.class": (cel.Type.STRING, lambda call: call.tool.risk_class),
    "tool.severity": (cel.Type.STRING, lambda call: call.tool.severity),
    "tool.annotations": (_OBJECT, lambda call: exact(call.tool.annotations)),
    "principal.id": (cel.Type.STRING, lambda call: call.principal.id),
    "principal.grant": (cel.Type.STRING, lambda call: call.principal.grant or ""),
    "principal.roles": (_STRINGS, lambda call: list(call.principal.roles)),
    "principal.groups": (_STRINGS, lambda call: list(call.principal.groups)),
    "principal.claims": (_OBJECT, lambda call: exact(call.principal.claims)),
    "client.name": (cel.Type.STRING, lambda call: call.client.name),
    "client.version": (cel.Type.STRING, lambda call: call.client.version),
    "session.id": (cel.Type.STRING, lambda call: call.session.id),
    "session.started": (cel.Type.TIMESTAMP, lambda call: _moment(call.session.started)),
    "session.calls": (cel.Type.INT, lambda call: call.session.calls),
    "session.labels": (_STRINGS, lambda call: list(call.session.labels)),
    "now": (cel.Type.TIMESTAMP, lambda call: _moment(call.at)),
}

_COMPLAINT: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED: Final = re.compile(r"undeclared reference to '([^']*)'")
_APPLIED: Final = re.compile(r"found no matching overload for '([^']*)' applied to '(.*)'")
_PATTERN: Final = re.compile(r"""\.matches\(\s*(r?"(?:[^"\\\n]|\\.)*"|r?'(?:[^'\\\n]|\\.)*')\s*\)""")
_LITERAL: Final = re.compile(r"""r?"(?:[^"\\\n]|\\.)*"|r?'(?:[^'\\\n]|\\.)*'""")
_OPTIONAL: Final = re.compile(r"\bhas\([^()]*\)")
_ARGUMENT: Final = re.compile(r"(?<![\w.])args\.([A-Za-z_]\w*)")
_TRAIT: Final = re.compile(r"\btool\s*\.\s*(?:class|severity|annotations)\b")
_UNBOUND: Final = re.compile(r'No value with name "tool\.(\w+)" found')
_MISSING_KEY: Final = re.compile(r'Key not found in map : "?([^"]*)"?')
_OVERLOAD: Final = re.compile(r"No matching overloads found : (.*)")


class ExpressionError(Exception):
    """An expression that cannot be used; `hint` says what may help."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@cache
def _environment() -> cel.Env:
    return cel.NewEnv(variables={name: kind for name, (kind, _) in VARIABLES.items()}, functions=declared())


class Expression:
    """One compiled expression. `source` is as the policy wrote it, in one line; `asks` the arguments it looks at."""

    __slots__ = ("_looks", "_program", "asks", "source")

    def __init__(self, source: str, program: cel.Expression) -> None:
        self.source = source
        self.asks = _asked(source)
        self._looks = tuple(look_closely(steps) for steps in self.asks)
        self._program = program

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of the call. Raises `Unjudgeable`."""
        value = self.value(facts)
        if value is True or value is False:
            return value
        raise Unjudgeable(f"`{self.source}` is neither true nor false")

    def value(self, facts: Facts) -> object:
        """What it yields for the call, as a plain value. Raises `Unjudgeable`."""
        bindings = facts.bindings()
        try:
            for find in self._looks:  # `has` cannot know that a server reads another key for the one it asks for
                find(facts.arguments)
        except Unjudgeable as error:
            raise Unjudgeable(f"`{self.source}` asks for an argument that {error}") from None
        try:
            result = self._program.eval(bindings)
            value = result.value()
        except (RuntimeError, ValueError, TypeError, OverflowError) as error:
            raise Unjudgeable(f"`{self.source}` cannot be evaluated: {_cause(str(error), self.source)}") from None
        if value is True or value is False:
            return value
        if result.type() == cel.Type.ERROR:
            raise Unjudgeable(f"`{self.source}` cannot be evaluated: {_cause(value, self.source)}")
        return value


class Expressions:
    """The expressions of one policy, and which names they mention between them.

    `read_traits` where one looks at what only the tool's definition tells.
    """

    def __init__(self) -> None:
        self._mentioned: dict[str, Callable[[Call], Any]] = {}
        self.read_traits = False

    def condition(self, source: str) -> Expression:
        """Compile what must yield a bool. Raises `ExpressionError`."""
        return self._compile(source, (cel.Type.BOOL, cel.Type.DYN), "a condition must yield true or false")

    def term(self, source: str) -> Expression:
        """Compile what must yield a string, a whole number or a bool: a scope's value. Raises `ExpressionError`."""
        kinds = (cel.Type.STRING, cel.Type.INT, cel.Type.BOOL, cel.Type.DYN)
        return self._compile(source, kinds, "it must yield a string or a whole number")

    def bind(self, call: Call) -> Bindings:
        """The names the expressions mention, bound to the call. Raises `Unjudgeable`.

        A class or severity that is not known stays unbound: only what looks at it fails."""
        values = {name: value for name, look in self._mentioned.items() if (value := look(call)) is not None}
        try:
            return _environment().Activation(values)
        except (RuntimeError, ValueError, TypeError, OverflowError) as error:
            raise Unjudgeable(f"the call cannot be shown to CEL: {_cause(str(error))}") from None

    def _compile(self, source: str, kinds: Sequence[cel.Type], wanted: str) -> Expression:
        line = " ".join(source.split())
        try:
            program = _environment().compile(source)
        except (RuntimeError, ValueError, TypeError) as error:
            raise refusal(str(error), source) from None
        kind = program.return_type()
        if kind not in kinds:
            raise ExpressionError(f"`{line}` yields {_KINDS.get(kind.name(), kind.name())}", wanted)
        for literal in _PATTERN.findall(source):
            _check_pattern(literal)
        for name, (_, look) in VARIABLES.items():
            if name.partition(".")[0] in source:
                self._mentioned[name] = look
        self.read_traits = self.read_traits or _TRAIT.search(source) is not None
        return Expression(line, program)


_KINDS: Final = {"INT": "a number", "DOUBLE": "a number", "STRING": "a string", "LIST": "a list", "MAP": "a mapping"}


def _asked(source: str) -> tuple[Steps, ...]:
    """The arguments an expression names outright, without those it only asks the presence of."""
    code = _OPTIONAL.sub(" ", _LITERAL.sub('""', source))
    return tuple((found[1],) for found in _ARGUMENT.finditer(code))


def refusal(message: str, source: str, arguments: Sequence[str] = ()) -> ExpressionError:
    """CEL's complaint in our words; `arguments` are the names that it could have meant."""
    found = _COMPLAINT.search(message)
    if found is None:
        detail = message.partition(" [")[0].partition(": ")[2] or message
        return ExpressionError(f"`{' '.join(source.split())}` is not a usable CEL expression: {detail.splitlines()[0]}")
    row, column, text = int(found[1]), int(found[2]), found[3]
    if undeclared := _UNDECLARED.match(text):
        if arguments and undeclared[1].startswith("args."):
            return ExpressionError(f"there is no argument `{undeclared[1]}`", nearest(undeclared[1], arguments))
        return ExpressionError(f"`{undeclared[1]}` is not a name CEL knows here", _closest(undeclared[1]))
    if "mismatched input '<EOF>'" in text:
        return ExpressionError(f"CEL: `{' '.join(source.split())}` ends too early")
    lines = source.splitlines() or [""]
    part = lines[min(row, len(lines)) - 1][max(column - 1, 0) :].strip() or "the end"
    if text.startswith("Syntax error: token recognition error"):
        return ExpressionError(f"CEL cannot read `{part[:40]}`", "did you mean `==`?" if part[0] == "=" else None)
    if overload := _APPLIED.match(text):
        text = f"`{overload[1].strip('_')}` does not apply to {overload[2]}"
    text = text.partition(" expecting {")[0].removeprefix("Syntax error: ").replace("mismatched input", "unexpected")
    return ExpressionError(f"CEL, at `{part[:40]}`: {text}")


def _closest(name: str) -> str:
    """A hint for a name that CEL does not know."""
    root, dot, rest = name.partition(".")
    if "." in name and root != "args" and nearest(root, ("args",)):
        return f"did you mean `args{dot}{rest}`?"
    return nearest(name, VARIABLES) or "an argument is `args.NAME`"


def _check_pattern(literal: str) -> None:
    result = _environment().compile(f'"".matches({literal})').eval()
    if result.type() == cel.Type.ERROR:
        detail = str(result.value()).rpartition("invalid regular expression: ")[2]
        raise ExpressionError(f"the pattern {literal} does not compile: {detail}", "patterns are RE2")


def _cause(message: str, source: str = "") -> str:
    """What went wrong, without the values that CEL puts into some of its messages."""
    if found := _UNBOUND.search(message):
        return f"the {found[1]} of the tool is not known"
    if found := _MISSING_KEY.search(message):
        return f"there is no `{found[1]}`" if found[1] in source else "it looks for something that is not there"
    if found := _OVERLOAD.search(message):
        name = found[1].partition("(")[0].strip("_")
        return f"`{name}` does not apply to {found[1][found[1].find('(') :].strip()}"
    if NOT_JSON in message:
        return NOT_JSON
    if "budget" in message:
        return "it takes too many steps"
    if "out of range for" in message or "Non-CEL" in message:
        return "an argument is a number that cannot be compared exactly"
    return message.partition(": ")[0].lower().replace("_", " ")


def _moment(nanoseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        raise Unjudgeable("the time is out of range") from None


def _arguments(arguments: JSONObject) -> Any:
    """The arguments as CEL takes them; as they are, where all of them are strings, bools and usual whole numbers."""
    for value in arguments.values():
        kind = type(value)
        if not (kind is str or kind is bool or (kind is int and LEAST <= value <= MOST)):  # type: ignore[operator]
            return exact(arguments)
    return arguments if type(arguments) is dict else dict(arguments)
