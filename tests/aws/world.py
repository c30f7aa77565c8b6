"""What is behind the servers, an AWS and a Redis on loopback, and what of an agent's call reaches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from redis import Redis

from tests.aws import cloud
from tests.aws.cloud import Cloud
from tests.real.servers import running_redis

SECRET: Final = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
"""What somebody has put into the cache, and no agent may read."""

_SMALL_TALK: Final = ("info", "hello", "ping", "select", "auth", "command", "client")
"""What clients say to Redis of their own accord, and what we ask it ourselves."""


class World:
    """`reached` counts: requests at the AWS API by service and action, commands at Redis by name."""

    def __init__(self, cloud: Cloud, redis: Redis) -> None:
        self.cloud = cloud
        self.redis = redis
        self._seen = 0
        self._commands: Counter[str] = Counter()
        self.reset()

    def reset(self) -> None:
        """Back to what it was before any agent came."""
        self.cloud.reset()
        self._seen = 0
        self.redis.flushall()
        self.redis.config_set("maxmemory", 0)
        self.redis.set("stock:7", "12")
        self.redis.set("session:1", f'{{"user": "ada", "api_key": "{SECRET}"}}')
        self.reached()

    def reached(self) -> tuple[str, ...]:
        """What has arrived since the last time this was asked: `iam:CreateUser`, `redis:set`."""
        asked = self.cloud.asked[self._seen :]
        self._seen += len(asked)
        commands = self._count()
        new, self._commands = commands - self._commands, commands
        return (*(each.name for each in asked), *(f"redis:{name}" for name in new.elements()))

    @property
    def port(self) -> int:
        """Where Redis listens."""
        return int(self.redis.get_connection_kwargs()["port"])

    def _count(self) -> Counter[str]:
        stats = self.redis.info("commandstats")
        found = {name.removeprefix("cmdstat_"): int(one["calls"]) for name, one in stats.items()}
        return Counter({name: calls for name, calls in found.items() if name.partition("|")[0] not in _SMALL_TALK})


@contextmanager
def running(directory: Path) -> Iterator[World]:
    """Both up on entry and gone on exit; their logs are kept in `directory`."""
    with cloud.running(directory) as aws, running_redis(directory) as redis:
        yield World(aws, redis)
