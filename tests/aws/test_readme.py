"""`examples/aws/README.md`: what is to be typed is typed, in a copy of the folder, and what it says of files is so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from tests.aws.fleet import AGENTS, EXAMPLE
from tests.aws.page import Page, typed
from tests.real.places import ROOT

PAGE: Final = Page(EXAMPLE / "README.md")
PAGES: Final = (PAGE, Page(ROOT / "docs/aws.md"))


def test_policies_are_tried_and_agents_are_made(tmp_path: Path, shell: dict[str, str]) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "aws"))
    assert "0 failed" in typed(PAGE.block("ostiary test"), folder, shell)
    typed(PAGE.block("for server"), folder, shell)
    assert "ann" in typed(PAGE.block("ostiary operator").splitlines()[0], folder, shell)
    assert "every one as it was written" in typed("ostiary ledger verify", folder, shell)
    made = typed("ostiary grant list", folder, shell).splitlines()
    assert len(made) == sum(len(servers) for servers in AGENTS.values())


def test_what_it_shows_of_the_policies_is_in_them() -> None:
    policies = [" ".join(path.read_text().split()) for path in (EXAMPLE / "policies").glob("*.yaml")]
    for yaml in PAGE.blocks("yaml"):
        assert any(" ".join(yaml.split()) in text for text in policies), yaml


def test_every_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)", page.text):
            assert (page.path.parent / target).exists(), f"{page.path.name}: {target}"


def test_the_versions_are_those_that_are_tested() -> None:
    locked = (ROOT / "requirements/real/aws.txt").read_text()
    named = {found for page in PAGES for found in re.findall(r"(awslabs\.[a-z-]+)==([0-9.]+)", page.text)}
    assert len(named) == 4
    for package, version in named:
        assert f"{package.replace('.', '-')}=={version}" in locked
