"""One AWS and one Redis for all tests here, as new for each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws import fleet, world
from tests.aws.fleet import Fleet
from tests.aws.world import World


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world.running(tmp_path_factory.mktemp("backends")) as running:
        yield running


@pytest.fixture
def backend(backends: World) -> World:
    backends.reset()
    return backends


@pytest.fixture
def example(backend: World, tmp_path: Path, free_port: int) -> Fleet:
    return fleet.build(tmp_path / "aws", free_port, backend)


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """A new user's environment, with Ostiary and the servers on the `PATH`."""
    known = fleet.environment(tmp_path)
    del known["AWS_PROFILE"], known["AWS_REGION"]
    return {**known, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{known['PATH']}"}
