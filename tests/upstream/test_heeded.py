"""That a server's tools have changed is heard, whoever listens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ostiary.upstream.child_stderr import ChildStderr
from ostiary.upstream.heeded import Heeded
from ostiary.upstream.line import Line


class Silent:
    """A server that says what it is told to."""

    label = "silent"
    say: Callable[[bytes], None]

    async def open(
        self,
        stderr: ChildStderr,  # noqa: ARG002
        received: Callable[[bytes], None],
        ended: Callable[[], None],  # noqa: ARG002
        largest: int,  # noqa: ARG002
    ) -> Line:
        self.say = received
        raise NotImplementedError


@pytest.mark.parametrize(
    ("line", "is_heard"),
    [
        (b'{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}', True),
        (b'{"jsonrpc":"2.0","method":"notifications\\/tools\\/list_changed"}', True),
        (b'{"jsonrpc":"2.0","method":"notifications/tools/list_chan\\u0067ed"}', True),
        (b'[{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}]', True),
        (b'{"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"\\u00e9"}}', False),
        (b'{"jsonrpc":"2.0","id":1,"result":{}}', False),
        (b"nonsense \\u0067", False),
    ],
)
async def test_every_way_to_write_it_counts_and_the_line_goes_on(line: bytes, is_heard: bool) -> None:
    silent, heard, said = Silent(), list[str](), list[bytes]()
    with pytest.raises(NotImplementedError):
        await Heeded(silent, lambda: heard.append("changed")).open(ChildStderr(""), said.append, lambda: None, 1)
    silent.say(line)
    assert bool(heard) is is_heard
    assert said == [line]
