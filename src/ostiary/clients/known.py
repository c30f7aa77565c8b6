"""The clients we know: where each keeps its servers, after its own documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ostiary.clients.client import Client, Dialect, Place, Scope, Variables
from ostiary.clients.documents.document import KeyPath
from ostiary.clients.surroundings import Surroundings

__all__ = ["CLIENTS"]

_SERVERS: Final[tuple[KeyPath, ...]] = (("mcpServers",),)
_EDITORS: Final = ("Code", "Code - Insiders", "VSCodium")
"""Editions of VS Code, by the folder of their user data."""


def _project(here: Surroundings, *names: str, under: tuple[KeyPath, ...] = _SERVERS) -> Iterator[Place]:
    if here.project is not None:
        yield from (Place(here.project / name, under, Scope.PROJECT) for name in names)


def _claude_desktop(here: Surroundings) -> Iterator[Place]:
    """Connecting to local servers, `claude_desktop_config.json`."""
    yield Place(here.support / "Claude" / "claude_desktop_config.json", _SERVERS)


def _claude_code(here: Surroundings) -> Iterator[Place]:
    """MCP installation scopes: user and local in `.claude.json`, project in `.mcp.json`."""
    folder = here.named("CLAUDE_CONFIG_DIR", here.home)
    yield Place(folder / ".claude.json", (*_SERVERS, ("projects", "*", "mcpServers")))
    yield from _project(here, ".mcp.json")


def _cursor(here: Surroundings) -> Iterator[Place]:
    """Model Context Protocol, configuration locations."""
    yield Place(here.home / ".cursor" / "mcp.json", _SERVERS)
    yield from _project(here, ".cursor/mcp.json")


def _vscode(here: Surroundings) -> Iterator[Place]:
    """MCP configuration reference; `mcp` in `settings.json` is how it was up to mid 2025."""
    for edition in _EDITORS:
        user = here.support / edition / "User"
        for folder in (user, *sorted(user.glob("profiles/*"))):
            yield Place(folder / "mcp.json", (("servers",),))
            yield Place(folder / "settings.json", (("mcp", "servers"),))
    yield from _project(here, ".vscode/mcp.json", under=(("servers",),))
    yield from _project(here, ".vscode/settings.json", under=(("mcp", "servers"),))


def _copilot(here: Surroundings) -> Iterator[Place]:
    """Copilot CLI, adding MCP servers."""
    yield Place(here.named("COPILOT_HOME", here.home / ".copilot") / "mcp-config.json", _SERVERS)


def _windsurf(here: Surroundings) -> Iterator[Place]:
    """Cascade MCP integration, `mcp_config.json`."""
    yield Place(here.home / ".codeium" / "windsurf" / "mcp_config.json", _SERVERS)
    yield Place(here.home / ".codeium" / "mcp_config.json", _SERVERS)


def _codex(here: Surroundings) -> Iterator[Place]:
    """Codex MCP, `config.toml`; a project's counts where the project is trusted."""
    under: tuple[KeyPath, ...] = (("mcp_servers",),)
    yield Place(here.named("CODEX_HOME", here.home / ".codex") / "config.toml", under)
    yield from _project(here, ".codex/config.toml", under=under)


def _gemini(here: Surroundings) -> Iterator[Place]:
    """MCP servers with Gemini CLI, `settings.json`."""
    yield Place(here.named("GEMINI_CLI_HOME", here.home) / ".gemini" / "settings.json", _SERVERS)
    yield from _project(here, ".gemini/settings.json")


def _zed(here: Surroundings) -> Iterator[Place]:
    """Model Context Protocol, custom servers; on macOS Zed keeps its settings where command line programs do."""
    config = here.home / ".config" if here.platform == "darwin" else here.support
    under: tuple[KeyPath, ...] = (("context_servers",),)
    yield Place(config / ("Zed" if here.platform == "win32" else "zed") / "settings.json", under)
    yield from _project(here, ".zed/settings.json", under=under)


def _goose(here: Surroundings) -> Iterator[Place]:
    """Configuration overview, `config.yaml`."""
    under: tuple[KeyPath, ...] = (("extensions",),)
    if here.environ.get("GOOSE_PATH_ROOT"):
        yield Place(here.named("GOOSE_PATH_ROOT", here.home) / "config" / "config.yaml", under)
    elif here.platform == "win32":
        yield Place(here.roaming / "Block" / "goose" / "config" / "config.yaml", under)
    else:
        yield Place(here.config / "goose" / "config.yaml", under)


def _extension(here: Surroundings, folder: str, file: str) -> Iterator[Place]:
    for edition in (*_EDITORS, "Cursor", "Windsurf"):
        storage = here.support / edition / "User" / "globalStorage"
        yield Place(storage / folder / "settings" / file, _SERVERS)


def _cline(here: Surroundings) -> Iterator[Place]:
    """Configuring MCP servers; the command line has a folder of its own."""
    yield from _extension(here, "saoudrizwan.claude-dev", "cline_mcp_settings.json")
    yield Place(here.home / ".cline" / "data" / "settings" / "cline_mcp_settings.json", _SERVERS)


def _roo(here: Surroundings) -> Iterator[Place]:
    """Using MCP in Roo Code, global and project."""
    yield from _extension(here, "rooveterinaryinc.roo-cline", "mcp_settings.json")
    yield from _project(here, ".roo/mcp.json")


def _lm_studio(here: Surroundings) -> Iterator[Place]:
    """Use MCP servers, `mcp.json`."""
    yield Place(here.home / ".lmstudio" / "mcp.json", _SERVERS)


def _kiro(here: Surroundings) -> Iterator[Place]:
    """MCP configuration, user and workspace."""
    yield Place(here.home / ".kiro" / "settings" / "mcp.json", _SERVERS)
    yield from _project(here, ".kiro/settings/mcp.json")


def _amazon_q(here: Surroundings) -> Iterator[Place]:
    """MCP configuration of Amazon Q Developer, global and workspace."""
    yield Place(here.home / ".aws" / "amazonq" / "mcp.json", _SERVERS)
    yield from _project(here, ".amazonq/mcp.json")


def _opencode(here: Surroundings) -> Iterator[Place]:
    """MCP servers: under `mcp`, since version 2 under `mcp.servers`."""
    under: tuple[KeyPath, ...] = (("mcp",), ("mcp", "servers"))
    if here.environ.get("OPENCODE_CONFIG"):
        yield Place(here.named("OPENCODE_CONFIG", here.home), under)
    for name in ("opencode.json", "opencode.jsonc"):
        yield Place(here.config / "opencode" / name, under)
        yield from _project(here, name, f".opencode/{name}", under=under)


_PLAIN: Final = Dialect()
_FILLED: Final = Dialect(variables=Variables.BRACES)

CLIENTS: Final = (
    Client("claude-desktop", "Claude Desktop", _PLAIN, _claude_desktop),
    Client("claude-code", "Claude Code", _FILLED, _claude_code),
    Client("cursor", "Cursor", _FILLED, _cursor),
    Client("vscode", "VS Code", _FILLED, _vscode),
    Client("copilot", "Copilot CLI", Dialect(stdio="local"), _copilot),
    Client("windsurf", "Windsurf", Dialect(urls=("serverUrl", "url"), variables=Variables.BRACES), _windsurf),
    Client(
        "codex",
        "Codex",
        Dialect(
            headers="http_headers",
            logins=("oauth", "scopes", "oauth_resource"),
            passed_on="env_vars",
            bearer="bearer_token_env_var",
            env_headers="env_http_headers",
        ),
        _codex,
    ),
    Client("gemini", "Gemini CLI", Dialect(urls=("httpUrl", "url"), variables=Variables.DOLLAR), _gemini),
    Client("zed", "Zed", Dialect(kind="source", stdio="custom"), _zed),
    Client(
        "goose",
        "Goose",
        Dialect(command=("cmd",), env=("envs",), urls=("uri",), fills_headers=True, passed_on="env_keys"),
        _goose,
    ),
    Client("cline", "Cline", _PLAIN, _cline),
    Client("roo", "Roo Code", _FILLED, _roo),
    Client("lm-studio", "LM Studio", _PLAIN, _lm_studio),
    Client("kiro", "Kiro", _FILLED, _kiro),
    Client("amazon-q", "Amazon Q Developer", _PLAIN, _amazon_q),
    Client(
        "opencode",
        "OpenCode",
        Dialect(args=None, env=("environment",), stdio="local", variables=Variables.ENV_BRACES),
        _opencode,
    ),
)
