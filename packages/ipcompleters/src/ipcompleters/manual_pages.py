"""Options and sub-commands of programs, as their manual pages list them. Nothing is run."""

from __future__ import annotations

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import IO, Final, cast

from .folders import FOLDERS, LINK

#: Characters of a page that are read at most, and pages whose options are remembered.
LARGEST: Final = 2_000_000
MOST_PAGES: Final = 32

_SECTIONS: Final = ("1", "8", "6")
_COMPRESSED: Final = ("", ".gz", ".xz", ".bz2")

#: Programs with a page for each sub-command, such as ``git-add`` for ``git add``. Of others a page of such a
#: name may be about another program: apt-get is none of apt's.
_WITH_PAGES: Final = frozenset(
    {
        "btrfs",
        "buildah",
        "cargo",
        "docker",
        "flatpak",
        "gh",
        "git",
        "kubectl",
        "npm",
        "ostree",
        "perf",
        "podman",
    }
)

#: Where pages are when neither MANPATH nor PATH says so.
_USUAL: Final = ("/usr/local/share/man", "/usr/share/man", "/opt/homebrew/share/man")

_INLINE: Final = re.compile(r"\\f(?:\[[^\]]*\]|\(..|.)|\\[&:/,|^%)]|\\s[-+]?\d")
_CHARACTER: Final = re.compile(r"\\(?:(-)|\(hy|\(em|\((?:aq|cq)|\[(?:aq|hy)\])")
_FONT: Final = re.compile(r"\.\s*(?:B|I|BR|RB|BI|IB|IR|RI|SB|Op|Ic|Cm)\s+")
_ITEM: Final = re.compile(r"\.\s*(?:IP|TP|It)\s+")
_FLAG: Final = re.compile(r"\bFl\s+(-?[\w-]+)")
_OPTION: Final = re.compile(r"--?[A-Za-z0-9?](?:[\w-]*\w)?")
_NEGATABLE: Final = re.compile(r"--\[no-\]([\w-]+)")
_LINK: Final = re.compile(r"\.so\s+(\S+)")

_known: OrderedDict[tuple[str, int], tuple[str, ...]] = OrderedDict()
_changing: Final = threading.Lock()


def options_of(command: str, subcommand: str = "") -> tuple[str, ...]:
    """Give the options of a program, in the order of its manual page; none if it has no page.

    :param command: its name, without a folder.
    :param subcommand: of which of its commands: of those without a page the program's own are given.
    """
    page = (_page(f"{command}-{subcommand}") if subcommand else None) or _page(command)
    if page is None:
        return ()
    try:
        key = (page, os.stat(page).st_mtime_ns)
    except OSError:
        return ()
    with _changing:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    options = tuple(dict.fromkeys(_options_in(_text(page))))
    with _changing:
        _known[key] = options
        while len(_known) > MOST_PAGES:
            _known.popitem(last=False)
    return options


def subcommands_of(command: str, cancelled: Callable[[], bool]) -> list[str]:
    """Give the sub-commands of a program that has a manual page for each."""
    if command not in _WITH_PAGES:
        return []
    begins = f"{command}-"
    found: dict[str, None] = {}
    for folder in folders():
        for names in FOLDERS.names(os.path.join(folder, "man1"), cancelled, begins):
            for name in names:
                found[name.removesuffix(LINK)[len(begins) :].partition(".")[0]] = None
    return [name for name in found if name]


def folders() -> list[str]:
    """Give the folders that hold manual pages, those of the programs on ``PATH`` first."""
    given = os.environ.get("MANPATH", "")
    found: list[str] = []
    for entry in given.split(os.pathsep):
        if entry:
            found.append(entry)
    if not given or "" in given.split(os.pathsep):
        for entry in os.environ.get("PATH", "").split(os.pathsep):
            above, last = os.path.split(entry.rstrip("/"))
            if last in ("bin", "sbin"):
                found += [os.path.join(above, "share", "man"), os.path.join(above, "man")]
        found += _USUAL
    return [entry for entry in dict.fromkeys(found) if os.path.isabs(entry)]


def _page(name: str) -> str | None:
    if not re.fullmatch(r"[\w.+\[-]+", name):
        return None
    for folder in folders():
        if not os.path.isdir(folder):
            continue
        for section in _SECTIONS:
            for ending in _COMPRESSED:
                path = os.path.join(folder, f"man{section}", f"{name}.{section}{ending}")
                if os.path.isfile(path):
                    return path
    return None


def _text(path: str, follow: bool = True) -> str:
    try:
        with _opened(path) as file:
            text = file.read(LARGEST).decode("utf-8", "replace")
    except (OSError, EOFError, ValueError, ImportError):
        return ""
    except Exception:  # lzma and zlib have errors of their own, for what is no archive
        return ""
    link = _LINK.match(text)
    if link is None or not follow:
        return text
    target = os.path.join(os.path.dirname(os.path.dirname(path)), *link[1].split("/"))
    found = next((target + ending for ending in _COMPRESSED if os.path.isfile(target + ending)), None)
    return "" if found is None else _text(found, follow=False)


def _opened(path: str) -> IO[bytes]:
    if path.endswith(".gz"):
        import gzip

        return cast(IO[bytes], gzip.open(path))
    if path.endswith(".xz"):
        import lzma

        return cast(IO[bytes], lzma.open(path))
    if path.endswith(".bz2"):
        import bz2

        return cast(IO[bytes], bz2.open(path))
    return open(path, "rb")


def _options_in(text: str) -> Iterator[str]:
    """Give the options that items of a page begin with, as they are typed."""
    for line in text.split("\n"):
        item = _ITEM.match(line)
        if item is not None:
            flags = _FLAG.findall(line)
            yield from (f"-{flag.replace(chr(92), '')}" for flag in flags)
            if flags:
                continue
        if "-" not in line:
            continue
        shown = line[item.end() :] if item is not None else _FONT.sub("", line, count=1)
        shown = (
            _CHARACTER.sub(lambda match: match[1] or "-", _INLINE.sub("", shown)).replace('"', "").lstrip()
        )
        if not shown.startswith("-"):
            continue
        for piece in re.split(r"[,|]\s*|\s+or\s+|\s(?=-)", shown):
            piece = piece.strip()
            if match := _NEGATABLE.match(piece):
                yield f"--{match[1]}"
                yield f"--no-{match[1]}"
            elif match := _OPTION.match(piece):
                yield match[0]
            else:
                break
