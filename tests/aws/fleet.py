"""The example, as it is in `examples/aws`, on a machine without an AWS account: another port, an AWS and a Redis that
are on loopback, and agents that are made the way its README says."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from ostiary.demo.show import through_gate
from ostiary.demo.stand import create_grant
from tests.aws.world import World
from tests.real.places import ROOT, installed, ostiary

EXAMPLE: Final = ROOT / "examples" / "aws"
SERVERS: Final = ("valkey", "elasticache", "iam", "agentcore")
AGENTS: Final = {"operator": SERVERS, "observer": SERVERS, "ci": ("elasticache", "valkey")}
"""Which agent has a grant for which server. The operator's policy is the server's; the others have their own."""

HOLD: Final = "1s"
_PATIENCE: Final = 60.0
_NOWHERE: Final = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Fleet:
    """`directory` has a copy of the example, the state, and the AWS profile; `servers` is what its configuration says
    of each."""

    directory: Path
    port: int
    servers: Mapping[str, Any]

    @property
    def config(self) -> Path:
        return self.directory / "ostiary.yaml"

    @property
    def environment(self) -> dict[str, str]:
        """What the person who starts it has in the environment."""
        return environment(self.directory)

    def url(self, server: str) -> str:
        return f"http://127.0.0.1:{self.port}/mcp/{server}"


def environment(directory: Path) -> dict[str, str]:
    path = f"{Path(installed('aws', 'awslabs.iam-mcp-server')).parent}{os.pathsep}{os.environ['PATH']}"
    known = {"AWS_PROFILE": "agents", "AWS_REGION": "us-east-1", "VALKEY_HOST": "127.0.0.1"}
    return {"PATH": path, "HOME": str(directory), **known}


def build(directory: Path, port: int, world: World) -> Fleet:
    """Copy the example and point it at the world. `directory` is made."""
    shutil.copytree(EXAMPLE, directory)
    (directory / "aws-config").write_text("[profile agents]\nregion = us-east-1\n")
    (directory / "aws-credentials").write_text(
        "[agents]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n"
    )
    config = yaml.safe_load((EXAMPLE / "ostiary.yaml").read_text())
    config["listen"] = f"127.0.0.1:{port}"
    config["approvals"]["hold"] = HOLD
    for name, server in config["servers"].items():
        server["env"] |= {"VALKEY_PORT": str(world.port)} if name == "valkey" else _aws(directory, world)
    (directory / "ostiary.yaml").write_text(json.dumps(config, indent=2))
    (directory / "state").mkdir(mode=0o700)
    return Fleet(directory, port, config["servers"])


def change(fleet: Fleet, **servers: Any) -> Fleet:
    """The same with members of some servers replaced, `env` member by member; servers that it lacks are added."""
    changed = {name: {**server, "env": dict(server["env"])} for name, server in fleet.servers.items()}
    for name, members in servers.items():
        server = changed.setdefault(name, {"env": {}})
        server["env"] |= members.pop("env", {})
        server |= members
    config = json.loads(fleet.config.read_text())
    fleet.config.write_text(json.dumps({**config, "servers": changed}, indent=2))
    return replace(fleet, servers=changed)


def _aws(directory: Path, world: World) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": world.cloud.url,
        "AWS_CONFIG_FILE": str(directory / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(directory / "aws-credentials"),
        "https_proxy": _NOWHERE,  # the AgentCore server reads AWS's documentation at its start; here it does not
    }


def grants(fleet: Fleet) -> dict[tuple[str, str], str]:
    """A token for each agent and server."""
    return {
        (agent, server): create_grant(
            fleet.config, server, agent, None if agent == "operator" else fleet.directory / f"policies/{agent}.yaml"
        )
        for agent, servers in AGENTS.items()
        for server in servers
    }


@asynccontextmanager
async def over_http(fleet: Fleet, server: str, token: str) -> AsyncIterator[Client]:
    """The official client at the gateway, which has to be running."""
    async with through_gate(fleet.url(server), token, _PATIENCE) as client:
        yield client


@asynccontextmanager
async def over_stdio(fleet: Fleet, server: str) -> AsyncIterator[Client]:
    """The official client at an `ostiary run` of its own, with the same policy and state."""
    about = fleet.servers[server]
    words = ["run", "--policy", str(fleet.directory / about["policy"]), "--name", server, "--hold", HOLD]
    words += ["--state", str(fleet.directory / "state")]
    words += [f"--env={name}={_filled(value, fleet)}" for name, value in about["env"].items()]
    words += [f"--failure={pattern}" for pattern in about.get("failures", ())]
    async with _started([*ostiary(), *words, "--", *about["command"]], fleet) as client:
        yield client


@asynccontextmanager
async def bare(fleet: Fleet, server: str) -> AsyncIterator[Client]:
    """The official client at the server itself."""
    about = fleet.servers[server]
    known = {name: _filled(value, fleet) for name, value in about["env"].items()}
    async with _started(list(about["command"]), fleet, **known) as client:
        yield client


@asynccontextmanager
async def _started(command: list[str], fleet: Fleet, **more: str) -> AsyncIterator[Client]:
    parameters = StdioServerParameters(
        command=shutil.which(command[0], path=fleet.environment["PATH"]) or command[0],
        args=command[1:],
        env={**fleet.environment, **more},
        cwd=fleet.directory / "state",
    )
    with (fleet.directory / "stderr.log").open("a") as log:
        async with Client(stdio_client(parameters, log), read_timeout_seconds=_PATIENCE) as client:
            yield client


def _filled(value: str, fleet: Fleet) -> str:
    for name, known in fleet.environment.items():
        value = value.replace(f"${{{name}}}", known)
    return value
