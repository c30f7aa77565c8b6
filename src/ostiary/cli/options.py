"""Options that several commands share, and the shape of their values."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

import click

FILE: Final = click.Path(path_type=Path)
"""A path, as given: whether it is of use is for the command to say."""


class Format(StrEnum):
    """For people, or one JSON document."""

    TABLE = "table"
    JSON = "json"


config = click.option("--config", "-c", type=FILE, metavar="FILE", help="The configuration.  [default: ostiary.yaml]")
state = click.option("--state", type=FILE, metavar="DIR", help="The state directory, instead of the configuration's.")
format = click.option(
    "--format",
    type=click.Choice(Format),
    default=Format.TABLE,
    show_default=True,
    help="For people, or one JSON document.",
)
