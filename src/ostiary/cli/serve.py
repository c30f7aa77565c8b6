"""`ostiary serve`: the HTTP gateway."""

from __future__ import annotations

from pathlib import Path

import click

from ostiary.cli import options


@click.command()
@options.config
@click.pass_context
def serve(context: click.Context, config: Path | None) -> None:
    """Guard many servers over HTTP.

    Each server of the configuration has a URL, `http://HOST:PORT/mcp/NAME`, and each agent a grant.
    """
    from ostiary.app.serve import serve_gateway
    from ostiary.settings import DEFAULT_FILE, load

    context.exit(serve_gateway(load(config or DEFAULT_FILE)))
