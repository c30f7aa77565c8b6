"""Nothing outlives Ostiary, not even after `kill -9`: a watcher ends the process groups it was told of.

The watcher is one small shell per Ostiary process that has children, in a session of its own. It reads from a pipe
whose other end only Ostiary holds; when that end closes, however that came about, it ends every group still on its
list. A process that leaves its group (a daemon that calls `setsid`) is beyond its reach.
"""

from __future__ import annotations

import functools
import subprocess
from typing import Final

_WATCH: Final = """
trap '' HUP INT TERM
groups=
while read -r mark group; do
    case $mark in
        +) groups="$groups $group" ;;
        -) rest=
           for one in $groups; do [ "$one" = "$group" ] || rest="$rest $one"; done
           groups=$rest ;;
    esac
done
[ -n "$groups" ] || exit 0
for one in $groups; do kill -s TERM -- "-$one"; done
sleep 2
for one in $groups; do kill -s KILL -- "-$one"; done
"""


class GroupGuard:
    """Watches process groups, by the id of their leader. The watcher runs while there is a group to watch."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._watcher: subprocess.Popen[bytes] | None = None

    def watch(self, group: int) -> None:
        """End this group should Ostiary end before it says otherwise."""
        self._groups.add(group)
        self._tell(f"+ {group}\n")

    def forget(self, group: int) -> None:
        """The group is gone, and its id may soon be another's. Unknown groups are ignored."""
        self._groups.discard(group)
        if self._groups:
            self._tell(f"- {group}\n")
        elif self._watcher is not None:
            self._tell(f"- {group}\n")
            self._dismiss(self._watcher)

    def _tell(self, line: str) -> None:
        if self._watcher is not None:
            try:
                self._write(self._watcher, line)
            except BrokenPipeError:  # somebody ended the watcher: the next one learns everything anew
                self._dismiss(self._watcher)
        if self._watcher is None and self._groups:
            self._watcher = subprocess.Popen(
                ["/bin/sh", "-c", _WATCH],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
            self._write(self._watcher, "".join(f"+ {group}\n" for group in sorted(self._groups)))

    def _write(self, watcher: subprocess.Popen[bytes], lines: str) -> None:
        if watcher.stdin is not None:
            watcher.stdin.write(lines.encode())

    def _dismiss(self, watcher: subprocess.Popen[bytes]) -> None:
        """Its list is empty or it is dead already: once its pipe closes it ends at once and harms nobody."""
        self._watcher = None
        if watcher.stdin is not None:
            watcher.stdin.close()
        watcher.wait()


@functools.cache
def guard() -> GroupGuard:
    """The one guard of this process."""
    return GroupGuard()
