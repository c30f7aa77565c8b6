"""The catalogue as files: pages, the JSON beside each, and what is needed to look at them anywhere."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from ostiary.catalog import rendering
from ostiary.catalog.abuse import ATTACKS
from ostiary.catalog.catalog import Catalog
from ostiary.catalog.documents import ServerDocument, ToolLine, schemas
from ostiary.catalog.entry import Entry
from ostiary.catalog.words import CLASSES, SEVERITIES
from ostiary.errors import ConfigurationError

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["build", "pages"]

_STATIC: Final = Path(__file__).with_name("static")
_MARK: Final = ".ostiary-catalog"
_MOST_TOOLS: Final = 250
"""Tools on one page: more make it slow to load and to look through."""
_MOST_LISTED: Final = 500
_MOST_POLICY: Final = 500
_MOST_SUMMARIES: Final = 3000
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
T = TypeVar("T")


def build(catalog: Catalog, out: Path, base_url: str = "") -> int:
    """Write the site into a directory that is empty, missing, or an earlier site, which it replaces; how many pages.

    The old site stays as it is until the new one is complete. Raises `ConfigurationError`.
    """
    if base_url and (urlsplit(base_url).scheme not in ("http", "https") or set(base_url) & set("<>\"' \n")):
        raise ConfigurationError(f"--base-url {base_url}: no http or https address")
    base_url = base_url.rstrip("/") + "/" if base_url else ""
    place = out.resolve()
    _refuse_others(place, out)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
        try:
            number = _write(catalog, fresh, base_url)
            fresh.chmod(0o755)
            _refuse_others(place, out)
            _replace(place, fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise ConfigurationError(f"{out}: cannot be written: {error.strerror or error}") from None
    return number


def _refuse_others(place: Path, said: Path) -> None:
    """Only what is empty, or was made here, is ever replaced."""
    if place.exists() and not (place / _MARK).is_file() and (not place.is_dir() or any(place.iterdir())):
        raise ConfigurationError(f"{said}: neither empty nor a catalogue; give another place to --output")


def _replace(out: Path, fresh: Path) -> None:
    old = fresh.with_name(f"{fresh.name}-old")
    if out.exists():
        out.rename(old)
    fresh.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _write(catalog: Catalog, place: Path, base_url: str) -> int:
    made: list[str] = []
    for name, text in pages(catalog, base_url):
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        if name.endswith(".html"):
            made.append(name)
    for file in sorted(_STATIC.iterdir()):
        (place / file.name).write_bytes(file.read_bytes())
    (place / _MARK).write_text("Made by `ostiary catalog build`, which replaces it.\n", "utf-8")
    allowed = f"\nSitemap: {base_url}sitemap.xml" if base_url else ""
    (place / "robots.txt").write_text(f"User-agent: *\nAllow: /{allowed}\n", "utf-8")
    if base_url:
        (place / "sitemap.xml").write_text(_sitemap(base_url, made), "utf-8")
    return len(made)


def _sitemap(base_url: str, made: Sequence[str]) -> str:
    lines = "".join(f"<url><loc>{base_url}{name}</loc></url>\n" for name in sorted(made))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{lines}</urlset>\n"


def pages(catalog: Catalog, base_url: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file whose content depends on the catalogue: its path, with slashes, and its bytes."""
    printer = _Printer(rendering.environment(), base_url)
    yield from printer.page("index.html", "servers", "index", doc=catalog.document)
    yield "index.json", _json(catalog.document)
    addresses = {entry.slug: {one.name: one.page for one in entry.lines} for entry in catalog.entries}
    yield from printer.page("changes.html", "changes", "changes", doc=catalog.changes, pages=addresses)
    yield "changes.json", _json(catalog.changes)
    yield from printer.page("attacks.html", "attacks", "attacks", attacks=ATTACKS)
    kinds = [(kind.value, means[1]) for kind, means in CLASSES.items()]
    degrees = [(degree.value, means) for degree, means in SEVERITIES.items()]
    yield from printer.page("method.html", "method", "method", classes=kinds, severities=degrees)
    yield from _all_tools(catalog, printer)
    yield "search-data.js", _search(catalog)
    for name, schema in schemas().items():
        yield f"schema/{name}.json", _json(schema)
    for entry in catalog.entries:
        yield from _server(catalog, entry, printer, addresses[entry.slug])


class _Printer:
    """Renders templates; every page knows where the root is."""

    def __init__(self, templates: Environment, base_url: str) -> None:
        self._templates = templates
        self._base_url = base_url

    def page(self, page: str, here: str, template: str, **values: object) -> Iterator[tuple[str, bytes]]:
        root = "../" * page.count("/")
        beside = f"{page.removesuffix('.html')}.json" if "doc" in values and values.pop("has_json", True) else ""
        text = self._templates.get_template(f"{template}.html").render(
            page=page, root=root, here=here, json=beside, base_url=self._base_url, **values
        )
        yield page, text.encode("utf-8", "backslashreplace")


def _server(
    catalog: Catalog, entry: Entry, printer: _Printer, addresses: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    found = entry.document
    policy = found.policy.splitlines()
    rest = _parted(entry.lines[_MOST_TOOLS:], _MOST_TOOLS)
    folder = f"servers/{entry.slug}"
    more = [{"page": f"{folder}/index-{n}.html", "first": part[0].name[:40]} for n, part in enumerate(rest, 2)]
    yield from printer.page(
        entry.page,
        "servers",
        "server",
        doc=found,
        shown=entry.lines[:_MOST_TOOLS],
        more=more,
        policy="\n".join(policy[:_MOST_POLICY]),
        policy_is_cut=max(0, len(policy) - _MOST_POLICY),
        policy_file="policy.yaml",
        pages=addresses,
    )
    yield f"{folder}/index.json", _json(found)
    yield f"{folder}/policy.yaml", found.policy.encode("utf-8", "backslashreplace")
    yield from _more(found, rest, more, printer)
    for tool in catalog.tools_of(entry):
        yield from printer.page(tool.page, "servers", "tool", doc=tool, launch=tool.launch)
        yield f"{tool.page.removesuffix('.html')}.json", _json(tool)


def _more(
    found: ServerDocument, rest: Sequence[Sequence[ToolLine]], more: Sequence[Mapping[str, str]], printer: _Printer
) -> Iterator[tuple[str, bytes]]:
    for link, part in zip(more, rest, strict=True):
        yield from printer.page(link["page"], "servers", "more", doc=found, has_json=False, shown=part, more=more)


def _all_tools(catalog: Catalog, printer: _Printer) -> Iterator[tuple[str, bytes]]:
    """The index of all tools: the search of those who have no script."""
    lines = [(entry, line) for entry in catalog.entries for line in sorted(entry.lines, key=lambda one: one.name)]
    parts = _parted(lines, _MOST_LISTED) or [[]]
    names = ["tools.html", *(f"tools-{n}.html" for n in range(2, len(parts) + 1))]
    links = [
        {"page": name, "first": f"{part[0][0].title[:24]}: {part[0][1].name[:24]}" if part else ""}
        for name, part in zip(names, parts, strict=True)
    ]
    for number, (name, part) in enumerate(zip(names, parts, strict=True), 1):
        groups: dict[str, dict[str, Any]] = {}
        for entry, line in part:
            group = groups.setdefault(
                entry.slug,
                {
                    "server": entry.slug,
                    "title": entry.title,
                    "page": entry.page,
                    "number": len(entry.lines),
                    "lines": [],
                },
            )
            group["lines"].append({**msgspec.structs.asdict(line), "anchor": Path(line.page).stem})
        yield from printer.page(
            name, "tools", "tools", groups=list(groups.values()), total=len(lines), number=number, parts_of=links
        )


def _search(catalog: Catalog) -> bytes:
    """What the search looks through, as a script: a page opened from a disk may load that and nothing else."""
    has_summaries = catalog.document.tools <= _MOST_SUMMARIES
    rows: list[list[str]] = []
    for entry in catalog.entries:
        title = rendering.plain(entry.title)
        tools = f"server, grade {entry.found.grade.letter}, {len(entry.lines)} tools"
        rows.append([title, "", entry.page, tools, rendering.plain(entry.facts.summary)])
        rows += [
            [
                rendering.plain(line.name) or "(no name)",
                title,
                line.page,
                f"{line.risk_class}, {line.severity}",
                line.summary if has_summaries else "",
            ]
            for line in entry.lines
        ]
    return b"window.ostiaryCatalog = " + _ENCODER.encode(rows) + b";\n"


def _parted(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _json(value: object) -> bytes:
    return msgspec.json.format(_ENCODER.encode(value), indent=1) + b"\n"
