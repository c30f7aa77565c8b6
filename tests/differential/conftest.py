"""The servers, the gate and the agents, once for all differential tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.differential.ways import Places, places


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def everywhere(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Places]:
    with places(tmp_path_factory.mktemp("differential")) as found:
        yield found
        await found.close()
