"""The pages of the documentation and the blocks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parent.parent

_FENCE = re.compile(r"(?P<ticks>`{3,})(?P<directive>\{[\w-]+\})?\s*(?P<words>.*)")
_OPTION = re.compile(r":(\w+):\s*(.*)")


class Block(NamedTuple):
    """A fenced block."""

    page: Path
    line: int
    """The line of its fence, from 1."""
    directive: str
    """Of a directive its name, ``code-block`` included; empty for plain code."""
    language: str
    """The language, or the directive's argument."""
    caption: str
    """The file that the block is the content of; empty if it is none."""
    text: str

    @property
    def place(self) -> str:
        """Page and line, as editors understand them."""
        return f"docs/{self.page.relative_to(DOCS).as_posix()}:{self.line}"


def pages() -> list[Path]:
    """Give all pages, sorted."""
    return sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)


def name_of(page: Path) -> str:
    """Give a page's name, for example ``howto/switch-plugins.md``."""
    return page.relative_to(DOCS).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """Give the fenced blocks of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        at += 1
        if fence is None:
            continue
        first = at
        while not lines[at].startswith(fence["ticks"]):
            at += 1
        body = lines[first:at]
        at += 1
        options: dict[str, str] = {}
        if fence["directive"]:
            while body and (option := _OPTION.fullmatch(body[0])):
                options[option[1]] = option[2]
                del body[0]
        text = "\n".join(body).strip("\n") + "\n"
        directive = (fence["directive"] or "").strip("{}")
        # Captions are markup: __init__.py would be bold without its backslashes.
        caption = options.get("caption", "").replace("\\", "")
        yield Block(page, first, directive, fence["words"].strip(), caption, text)


def headings(page: Path, level: int) -> list[str]:
    """Give the headings of a level."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(rf"^#{{{level}}} (.*)$", text, flags=re.MULTILINE)


def rows(page: Path, first_column: str) -> list[list[str]]:
    """Give the cells of all tables of a page whose first column has that heading."""
    found: list[list[str]] = []
    inside = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells[0] == first_column:
            inside = True
        elif inside and not set("".join(cells)) <= set("-: "):
            found.append(cells)
    return found
