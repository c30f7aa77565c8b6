"""`ostiary demo --serve`: the desk stays open behind the gate, and a reader's own MCP client is invited."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ostiary.demo.stand import SERVER, Scene, create_grant, following, last_line, serving

PREFERRED_PORT = 8417
NAME = "support-desk"


def stay(out: Console, scene: Scene, port: int, url: str) -> int:
    """Serve until Ctrl-C (`KeyboardInterrupt`), which is how it ends well: 0. If the gateway itself ends: 1."""
    token = create_grant(scene.config, SERVER, "visitor")
    try:
        with serving(scene.config, port) as gateway:
            invite(out, url, token, scene.policy)
            with following(scene.config):
                gateway.wait()
        out.print(f"The gateway ended by itself: {last_line(scene.log.read_text())}")
    except KeyboardInterrupt:
        out.print()
        out.print("The gateway has ended, and the temporary files are gone.")
        return 0
    return 1


def invite(out: Console, url: str, token: str, policy: Path) -> None:
    """Print what to paste; one command per line and JSON as it is, never wrapped."""
    authorization = f"Authorization: Bearer {token}"
    headers = {"Authorization": f"Bearer {token}"}
    claude = ["claude", "mcp", "add", "--transport", "http", NAME, url, "--header", authorization]
    paste(out, "Claude Code, in a shell", shlex.join(claude))
    paste(
        out,
        "Cursor, in .cursor/mcp.json",
        json.dumps({"mcpServers": {NAME: {"url": url, "headers": headers}}}, indent=2),
    )
    servers = {NAME: {"type": "http", "url": url, "headers": headers}}
    paste(out, "VS Code, in .vscode/mcp.json", json.dumps({"servers": servers}, indent=2))
    out.print()
    out.print(f"Then ask it to refund order 1001. The policy is {policy}: change it while this runs.", soft_wrap=True)
    config = policy.with_name("ostiary.yaml")
    out.print(f"A new address for a customer waits for you: ostiary approvals list -c {config}", soft_wrap=True)
    out.print(Text("Serving until Ctrl-C. What happens at the gate:", "bold"))


def paste(out: Console, title: str, text: str) -> None:
    out.print()
    out.print(Text(title, "bold"))
    out.print(Text(text), soft_wrap=True)
