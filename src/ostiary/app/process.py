"""This process: who runs it, and what it is told from outside."""

from __future__ import annotations

import asyncio
import getpass
import os
import signal

from ostiary.model import Principal

__all__ = ["local_principal", "signalled"]


def local_principal() -> Principal:
    """Whoever runs this process, for agents that come without a grant."""
    try:
        return Principal(f"local:{getpass.getuser()}")
    except (KeyError, OSError):
        return Principal(f"local:{os.getuid()}")


def signalled() -> asyncio.Future[int]:
    """The number of the first SIGTERM, SIGINT or SIGHUP, once it comes."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[int] = loop.create_future()

    def tell(number: int) -> None:
        if not told.done():
            told.set_result(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, tell, number)
    return told
