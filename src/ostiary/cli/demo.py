"""`ostiary demo`: everything at once on a small real server, no set-up."""

from __future__ import annotations

from typing import Annotated

import typer

from ostiary.errors import ConfigurationError


def demo(
    is_serving: Annotated[
        bool, typer.Option("--serve", help="Leave the gateway running, and say what to paste into an MCP client.")
    ] = False,
) -> int:
    try:
        from mcp import Client  # noqa: F401 (version 1 of the SDK has none)
    except ImportError:
        raise ConfigurationError(
            "ostiary demo: needs the official MCP SDK, version 2, as agent and server; pip install 'ostiary[demo]'"
        ) from None
    from ostiary.demo.show import run

    raise typer.Exit(run(is_serving))
