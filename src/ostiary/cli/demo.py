"""`ostiary demo`: everything at once on a small real server, no set-up."""

from __future__ import annotations

import click

from ostiary.errors import ConfigurationError


@click.command()
@click.option("--serve", is_flag=True, help="Leave the gateway running, and say what to paste into an MCP client.")
@click.pass_context
def demo(context: click.Context, serve: bool) -> None:
    """See it work, on a small real server.

    A support desk with a database, an agent with a script, the gate between them: each call, what became of it and
    why, and the ledger at the end.
    """
    try:
        from mcp import Client  # noqa: F401 (version 1 of the SDK has none)
    except ImportError:
        raise ConfigurationError(
            "ostiary demo: needs the official MCP SDK, version 2, as agent and server; pip install 'ostiary[demo]'"
        ) from None
    from ostiary.demo.show import run

    context.exit(run(serve))
