"""The documentation as a test sees it: pages, their fenced blocks, their headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_FILE = re.compile(r"# ([\w./-]+\.(?:py|toml))\n")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, and the line its text begins on."""

    language: str
    text: str
    line: int
    prints: str | None = None

    @property
    def file(self) -> str | None:
        """The file a reader saves the block as, where its first line is a comment naming one."""
        found = _FILE.match(self.text)
        return found[1] if found else None


def pages() -> list[Path]:
    """Return every page a reader finds: the README, the guides at the root, and docs/."""
    guides = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*guides, *sorted(DOCS.rglob("*.md"))]


def name(page: Path) -> str:
    """Return a page's path from the root, as test ids show it."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks; a `text` block right below a `python` one is what it prints."""
    text = page.read_text("utf-8")
    found = list(_FENCE.finditer(text))
    result = []
    for index, fence in enumerate(found):
        prints = None
        if fence[1] == "python" and index + 1 < len(found):
            below = found[index + 1]
            if below[1] == "text" and not text[fence.end() : below.start()].strip():
                prints = below[2]
        line = text.count("\n", 0, fence.start(2)) + 1
        result.append(Block(fence[1], fence[2], line, prints))
    return result


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> Iterator[str]:
    """Yield the targets of the links that lead to other pages of ours."""
    for target in _LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", target):
            yield target


def images(page: Path) -> Iterator[str]:
    """Yield where the pictures of a page are."""
    for in_markdown, in_html in _IMAGE.findall(prose(page)):
        yield in_markdown or in_html


def anchors(page: Path) -> set[str]:
    """Return the anchors that the headings of a page get."""
    return {_slug(heading) for heading in _HEADING.findall(prose(page))}


def _slug(heading: str) -> str:
    plain = re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
