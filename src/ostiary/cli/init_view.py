"""What `ostiary init` says: the plan, the difference, what was done, and how to undo it. No secret is in any of it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import click
from rich.text import Text

from ostiary.cli.stack_table import counted, heading, short
from ostiary.cli.styles import GRADES
from ostiary.cli.tables import console, indent, plural, visible
from ostiary.clients.client import Scope
from ostiary.clients.find import Found
from ostiary.clients.hygiene import secret_values
from ostiary.clients.journal import Deed
from ostiary.clients.plan import Change, Refusal
from ostiary.clients.surroundings import Surroundings

if TYPE_CHECKING:
    from ostiary.cli.init_guard import Planned

__all__ = [
    "question", "say_nothing_to_do", "show_diffs", "show_done", "show_gone", "show_plan", "show_undo", "show_undone",
]  # fmt: skip

_CONTEXT: Final = 2
_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


def show_plan(
    files: Sequence[Found],
    planned: Sequence[Planned],
    changes: Sequence[Change],
    refusals: Sequence[Refusal],
    here: Surroundings,
) -> None:
    """Every server that is to be guarded, with its policy, and every one that is not, with the reason."""
    out = console()
    deeds = {(deed.file, deed.path) for change in changes for deed in change.deeds}
    for each in files:
        mine = [
            one for one in planned if one.entry.file == each.place.file and (one.entry.file, one.entry.path) in deeds
        ]
        left = [one for one in refusals if one.file == each.place.file]
        if not mine and not left:
            continue
        out.print(heading(each.client.title, each.place.file, None, here))
        if each.place.scope is Scope.PROJECT and mine:
            shared = "this file is for everyone who has the folder, and will name paths of this machine"
            out.print(indent(Text.assemble(("! ", "yellow"), shared), 2))
        width = max(len(visible(name)) for name in [*(one.entry.name for one in mine), *(one.name for one in left)])
        for one in mine:
            out.print(_line(one, width, here))
            kept = "the policy that is there, " if one.policy is None else "a new policy, "
            out.print(Text.assemble("      ", (kept, "dim"), short(one.guard.policy, here)), soft_wrap=True)
        for refusal in left:
            out.print(Text.assemble("  ", ("·", "dim"), f" {visible(refusal.name):<{width}}  ", ("left alone", "dim")))
            out.print(indent(Text(visible(refusal.why), "dim"), 6))
        out.print()


def _line(one: Planned, width: int, here: Surroundings) -> Text:
    told = Text.assemble("  ", ("●", "green"), " ", (f"{visible(one.entry.name):<{width}}", "bold"), "  ")
    if one.found is None:
        return told.append("its tools are not known: every call will wait for a person", "yellow")
    letter = one.found.grade.letter
    classes = {tool.risk.risk_class: 0 for tool in one.found.tools}
    for tool in one.found.tools:
        classes[tool.risk.risk_class] += 1
    ordered = dict(sorted(classes.items(), key=lambda item: item[0].rank))
    told.append(letter, GRADES[letter]).append("  ").append_text(counted(ordered))
    return told.append(f"  for {short(one.entry.project, here)}", "dim") if one.entry.project else told


def say_nothing_to_do(files: Sequence[Found], is_meant: Callable[[str, str], bool]) -> None:
    guarded = sum(one.guard is not None for each in files for one in each.entries if is_meant(one.client.id, one.name))
    behind = f"{plural(guarded, 'server')} {'is' if guarded == 1 else 'are'} behind Ostiary already" if guarded else ""
    click.echo(f"Nothing to do{f': {behind}' if behind else ''}.")


def question(changes: Sequence[Change]) -> str:
    servers = sum(len(change.deeds) for change in changes)
    return f"Put Ostiary before {plural(servers, 'server')}, in {plural(len(changes), 'file')}?"


def show_diffs(changes: Sequence[Change]) -> None:
    """What would change, as a unified diff; secrets near it are shown as `…`."""
    out = console()
    for change in changes:
        original = change.original
        secrets = _spellings(secret_values(original.document().data))
        name = str(original.file)
        before, after = original.text.splitlines(), change.text.splitlines()
        for line in difflib.unified_diff(before, after, name, name, lineterm="", n=_CONTEXT):
            shown = line.rstrip("\n").expandtabs(4)
            for secret in secrets:
                shown = shown.replace(secret, "…")
            style = "bold" if line.startswith(("---", "+++")) else _STYLES.get(line[:1], "")
            out.print(Text(visible(shown), style), soft_wrap=True)


def _spellings(secrets: set[str]) -> list[str]:
    """A secret as it is and as JSON has it, the longest first."""
    spelt = {
        form for one in secrets for form in (one, json.dumps(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1])
    }
    return sorted(spelt, key=len, reverse=True)


def show_done(changes: Sequence[Change], here: Surroundings) -> None:
    out = console()
    if not changes:
        return
    for change in changes:
        names = ", ".join(visible(deed.name) for deed in change.deeds)
        out.print(
            Text.assemble(("done  ", "bold green"), short(change.original.file, here), ("  ", ""), names),
            soft_wrap=True,
        )
        backup = change.deeds[0].backup
        if backup is not None:
            out.print(Text(f"      as it was: {short(backup, here)}", "dim"), soft_wrap=True)
    out.print()
    for command, meaning in (
        ("ostiary init --undo", "takes this back, and nothing else"),
        ("ostiary ledger tail -f", "shows every call from now on"),
    ):
        out.print(Text.assemble(("→ ", "cyan"), (command, "bold"), f" {meaning}"))
    out.print(Text.assemble(("→ ", "cyan"), "Restart the clients: they read their configuration when they start."))


def show_undo(changes: Sequence[Change], here: Surroundings) -> None:
    out = console()
    for change in changes:
        if change.deeds or change.refusals:
            out.print(Text(short(change.original.file, here), "bold"))
        for deed in change.deeds:
            out.print(Text.assemble("  ", ("○", "yellow"), f" {visible(deed.name)}  ", ("as it was", "dim")))
        for refusal in change.refusals:
            out.print(Text.assemble("  ", ("·", "dim"), f" {visible(refusal.name)}  ", ("left alone", "dim")))
            out.print(indent(Text(visible(refusal.why), "yellow"), 6))


def show_gone(deeds: Sequence[Deed], here: Surroundings) -> None:
    for deed in deeds:
        line = f"{short(deed.file, here)}: `{visible(deed.name)}` is not there any more; there is nothing to undo"
        console().print(Text(line, "dim"), soft_wrap=True)


def show_undone(deeds: Sequence[Deed], here: Surroundings) -> None:
    if not deeds:
        return
    console().print(Text.assemble(("undone  ", "bold green"), plural(len(deeds), "entry", "entries")))
    for folder in sorted({deed.policy.parent for deed in deeds}):
        console().print(Text(f"The policies stay in {short(folder, here)}.", "dim"), soft_wrap=True)
