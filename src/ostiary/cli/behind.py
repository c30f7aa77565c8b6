"""What stands behind `ostiary run` in an entry, out of that command's own options."""

from __future__ import annotations

from collections.abc import Sequence

from ostiary.cli.run import run
from ostiary.clients.entry import Entry
from ostiary.clients.surroundings import Surroundings
from ostiary.clients.variables import Launch, directory, filled, variable, variables_of

__all__ = ["launch_behind"]


def launch_behind(entry: Entry, words: Sequence[str], here: Surroundings) -> Launch:
    """How Ostiary would start or reach the server. `words` are the arguments of `ostiary run`; raises `Unfilled`."""
    given = run.make_context("run", list(words), resilient_parsing=True).params
    env = variables_of(entry, here)
    cwd = directory(entry, here)
    if given["command"]:
        own = dict(pair.split("=", 1) for pair in given["env"] or () if "=" in pair)
        return Launch(tuple(filled(word, entry, here) for word in given["command"]), {**env, **own}, cwd)

    def value(name: str) -> str:
        return env[name] if name in env else variable(name, here)

    headers = {name: text.strip() for name, _, text in (line.partition(":") for line in given["header"] or ())}
    named = [pair.partition("=") for pair in given["header_env"] or ()]
    headers |= {name: value(source) for name, _, source in named}
    if given["bearer_env"]:
        headers["Authorization"] = f"Bearer {value(given['bearer_env'])}"
    url = given["upstream"] or (value(given["upstream_env"]) if given["upstream_env"] else "")
    return Launch(cwd=cwd, url=filled(url, entry, here), headers=headers, transport=given["transport"])
