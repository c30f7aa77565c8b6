"""A gateway that nobody looks after any more does not go on as if it were."""

from __future__ import annotations

import asyncio

import pytest

from ostiary.app.run import _until_over
from ostiary.settings import ServerSettings


async def test_it_ends_and_says_why() -> None:
    serving: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    watching: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    watching.set_exception(OSError("the policies are out of sight"))
    with pytest.raises(OSError, match="out of sight"):
        await _until_over(ServerSettings("pages"), serving, None, watching)
    assert serving.cancelled()
