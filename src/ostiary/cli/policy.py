"""`ostiary policy`: what is done to a policy file as a text."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ostiary.cli.options import FILE
from ostiary.errors import ConfigurationError


@click.group()
def policy() -> None:
    """Rewrite policy files."""


@policy.command()
@click.argument("file")
@click.option("--output", "-o", type=FILE, metavar="FILE", help="Where to write.  [default: standard output]")
def convert(file: str, output: Path | None) -> None:
    """Rewrite Intercept's and PolicyLayer's policies in our form.

    The decisions stay the same. FILE may be `-` for standard input. The result is YAML, or JSON where the output's name
    ends in .json. Comments are lost; a file that exists is never overwritten.
    """
    import msgspec

    from ostiary.cli.check import text_of
    from ostiary.policy.dialects.convert import convert as converted
    from ostiary.policy.yaml_writer import write_yaml

    document = converted(*text_of(file))
    if output is None:
        sys.stdout.write(write_yaml(document))
        return
    is_json = output.suffix.lower() == ".json"
    plain = msgspec.json.format(msgspec.json.Encoder(decimal_format="number").encode(document), indent=2).decode()
    try:
        with output.open("x", encoding="utf-8") as target:
            target.write(f"{plain}\n" if is_json else write_yaml(document))
    except FileExistsError:
        raise ConfigurationError(f"{output}: exists already; name another file, or move it away") from None
    except OSError as error:
        raise ConfigurationError(f"{output}: cannot be written: {error.strerror or error}") from None
