"""Options that several commands share, and the shape of their values."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from ostiary.errors import ConfigurationError

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")

FILE: Final = click.Path(path_type=Path)
"""A path, as given: whether it is of use is for the command to say."""
_LONGEST: Final = 3600


class Format(StrEnum):
    """For people, or one JSON document."""

    TABLE = "table"
    JSON = "json"


def choice_of(values: type[StrEnum], default: StrEnum) -> Callable[[FC], FC]:
    """The option `--format`, one of `values`."""
    return click.option(
        "--format",
        type=click.Choice([value.value for value in values]),
        default=default.value,
        show_default=True,
        callback=lambda _context, _option, value: values(value),
        help="For people, or one JSON document.",
    )


def _seconds(context: click.Context, _: click.Parameter, value: float) -> float:
    if not 0 < value <= _LONGEST:
        raise ConfigurationError(f"ostiary {context.info_name}: --timeout {value:g}: between 0 and {_LONGEST} seconds")
    return value


def _timeout(help: str) -> Callable[[Any], Any]:
    return click.option(
        "--timeout", type=float, default=60.0, show_default=True, metavar="SECONDS", callback=_seconds, help=help
    )


timeout = _timeout("For each server.")
timeout_of_all = _timeout("For all of it.")
config = click.option("--config", "-c", type=FILE, metavar="FILE", help="The configuration.  [default: ostiary.yaml]")
state = click.option(
    "--state",
    type=FILE,
    metavar="DIR",
    help="The state directory.  [default: the configuration's, else that of `ostiary run`]",
)
format = choice_of(Format, Format.TABLE)
