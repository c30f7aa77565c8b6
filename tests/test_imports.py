"""Folders say what may do I/O: a walk over the imports, without importing anything."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = Path(__file__).resolve().parents[1] / "src"
PACKAGE: Final = SOURCE / "ostiary"

PURE: Final = frozenset({"model", "wire", "policy", "limits", "approvals", "ledger", "risk"})
SHARED: Final = frozenset({"ostiary.errors", "ostiary.model"})
ADAPTERS: Final = frozenset({"ostiary.gateway", "ostiary.stores", "ostiary.upstream"})

CALCULATION: Final = frozenset(
    {
        "__future__",
        "base64",
        "binascii",
        "bisect",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "hmac",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "statistics",
        "types",
        "typing",
        "unicodedata",
    }
)
LIBRARIES: Final = frozenset({"cel_expr_python", "jsonschema_rs", "msgspec", "re2", "yaml"})
WORLD: Final = frozenset({"open", "input", "print", "exec", "eval", "compile", "__import__", "now", "utcnow", "today"})

HEAVY: Final = frozenset({"cel_expr_python", "jsonschema_rs", "mcp", "pydantic", "re2", "rich", "uvicorn", "yaml"})
"""What `ostiary run --help` has no use for, and may not pay for."""

ABSENT: Final = frozenset({"mcp", "pydantic", "starlette"})
"""What only the demo and the catalogue's server may import: the path of a call is made without them."""

SERVERS: Final = frozenset({"cli/demo.py", "cli/catalog.py", "catalog/server.py"})
"""Where the official SDK is asked for, and said to be missing."""


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, at any depth, with its line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield node.lineno, module
                if module == "ostiary":
                    yield from ((node.lineno, f"ostiary.{alias.name}") for alias in names)
            case _:
                pass


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(SOURCE.parent)}:{line}"


def is_within(module: str, packages: frozenset[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


pure_modules = [path for folder in sorted(PURE) for path in modules(PACKAGE / folder)]


@pytest.mark.parametrize("path", pure_modules, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_pure_folder_imports_only_the_model_the_errors_and_itself(path: Path) -> None:
    own = f"ostiary.{path.relative_to(PACKAGE).parts[0]}"
    allowed = CALCULATION | LIBRARIES | SHARED | {own}
    strangers = [
        f"{place(path, line)}: {module}"
        for line, module in imports(path)
        if module != "ostiary" and not is_within(module, allowed)
    ]
    assert strangers == []


@pytest.mark.parametrize("path", pure_modules, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_pure_folder_never_asks_the_world(path: Path) -> None:
    asked = [
        f"{place(path, node.lineno)}: {name}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and (name := name_of(node.func)) in WORLD
    ]
    assert asked == []


def name_of(function: ast.expr) -> str:
    """The name that a call is made by: `open`, or the `now` of `datetime.now`; of `re.compile` none, it is pure."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr="now" | "utcnow" | "today" as name):
            return name
        case _:
            return ""


def test_only_app_names_concrete_adapters() -> None:
    """Adapters may use their own folder; the command line reaches them through `app`, or as one it is all about."""
    strangers = []
    for path in modules(PACKAGE):
        folder = path.relative_to(PACKAGE).parts[0]
        if folder in {"app", "cli", "demo"} or path == PACKAGE / "asking" / "office.py":
            continue
        strangers += [
            f"{place(path, line)}: {module}"
            for line, module in imports(path)
            if is_within(module, ADAPTERS - {f"ostiary.{folder}"})
        ]
    assert strangers == []


def test_nothing_but_mcp_servers_knows_the_heavy_frameworks() -> None:
    strangers = [
        f"{place(path, line)}: {module}"
        for path in modules(PACKAGE)
        if PACKAGE / "demo" not in path.parents
        for line, module in imports(path)
        if is_within(module, ABSENT) and path.relative_to(PACKAGE).as_posix() not in SERVERS
    ]
    assert strangers == []


def test_the_command_line_starts_cold_with_nothing_heavy() -> None:
    program = "import sys, ostiary.cli.main; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert HEAVY & {module.partition(".")[0] for module in done.stdout.split()} == frozenset()


def test_a_gateway_that_nobody_is_asked_at_loads_nothing_of_approvals() -> None:
    program = "import sys, ostiary.app.run, ostiary.app.serve; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    unpaid = ("ostiary.approvals", "ostiary.asking.questions", "ostiary.notify", "ostiary.gateway.desk", "smtplib")
    assert [module for module in loaded if module.startswith(unpaid)] == []
