"""What the places of configuration files depend on: the home, the system, the environment, the project at hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

__all__ = ["Surroundings"]


class Surroundings(msgspec.Struct, frozen=True):
    """`platform` is `sys.platform`; `project` is the folder whose own files count too, if any."""

    home: Path
    environ: Mapping[str, str] = {}
    platform: str = "linux"
    project: Path | None = None

    @classmethod
    def here(cls, project: Path | None) -> Surroundings:
        return cls(Path.home(), dict(os.environ), sys.platform, project)

    def named(self, variable: str, default: Path) -> Path:
        """A directory that a variable names, else the usual one."""
        named = self.environ.get(variable)
        return Path(named) if named else default

    @property
    def config(self) -> Path:
        """Where command line programs keep their configuration."""
        return self.named("XDG_CONFIG_HOME", self.home / ".config")

    @property
    def support(self) -> Path:
        """Where desktop programs keep theirs."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if self.platform == "win32":
            return self.roaming
        return self.config

    @property
    def roaming(self) -> Path:
        return self.named("APPDATA", self.home / "AppData" / "Roaming")
