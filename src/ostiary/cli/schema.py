"""`ostiary schema`: JSON Schemas, so that editors complete and underline."""

from __future__ import annotations

import click


@click.command()
@click.argument("kind", type=click.Choice(["policy", "config", "tests"]), default="policy")
def schema(kind: str) -> None:
    """Print a JSON Schema, for editors.

    Of a policy, of the configuration, or of policy tests.
    Editors take it from a comment in the file's first line: `# yaml-language-server: $schema=policy.schema.json`.
    """
    from ostiary.cli.tables import show_json

    show_json(_schema_of(kind))


def _schema_of(kind: str) -> object:
    match kind:
        case "config":
            from ostiary.schemas.config import SCHEMA as CONFIG

            return CONFIG
        case "tests":
            from ostiary.schemas.cases import SCHEMA as TESTS

            return TESTS
        case _:
            from ostiary.schemas.policy import SCHEMA

            return SCHEMA
