"""Real servers, real stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.real import servers
from tests.real.servers import Server


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with servers.running_redis(tmp_path_factory.mktemp("redis")) as client:
        yield client


@pytest.fixture(params=["valkey", "git", "time", "filesystem"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """Each real server in turn, over data of its own."""
    match str(request.param):
        case "valkey":
            return servers.valkey(request.getfixturevalue("redis"))
        case "git":
            return servers.git(servers.new_repository(tmp_path / "repository"))
        case "time":
            return servers.clock()
        case "filesystem":
            return servers.filesystem(tmp_path)
        case unknown:
            raise LookupError(unknown)
