"""How clients are told to start Ostiary."""

from __future__ import annotations

from pathlib import Path

from ostiary.clients.program import program


def which(*known: str) -> dict[str, str]:
    return {name: f"/bin/{name}" for name in known}


def test_the_installed_program_by_its_full_path(tmp_path: Path) -> None:
    installed = tmp_path / "ostiary"
    installed.touch()
    assert program(str(installed), "/usr/bin/python3", which().get) == (str(installed),)


def test_from_a_cache_that_may_be_cleared_it_is_uvx_again() -> None:
    started = "/home/ann/.cache/uv/archive-v0/abc/bin/ostiary"
    assert program(started, "/home/ann/.cache/uv/archive-v0/abc/bin/python", which("uvx").get) == (
        "/bin/uvx",
        "ostiary",
    )


def test_started_as_a_module_it_is_the_program_beside_the_interpreter(tmp_path: Path) -> None:
    (tmp_path / "ostiary").touch()
    assert program("/x/__main__.py", str(tmp_path / "python"), which().get) == (str(tmp_path / "ostiary"),)


def test_else_the_one_on_the_path_else_the_module() -> None:
    assert program("/x/__main__.py", "/y/python", which("ostiary").get) == ("/bin/ostiary",)
    assert program("/x/__main__.py", "/y/python", which().get) == ("/y/python", "-m", "ostiary")
