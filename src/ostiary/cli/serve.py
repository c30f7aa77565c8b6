"""`ostiary serve`: the HTTP gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    config: Annotated[Path, typer.Option("--config", "-c", help="The configuration.")] = Path("ostiary.yaml"),
) -> int:
    from ostiary.app import serve_gateway
    from ostiary.settings import load

    raise typer.Exit(serve_gateway(load(config)))
