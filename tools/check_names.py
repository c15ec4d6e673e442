"""Check the built wheels and the tracked files for names that may not be in them.

    python -m tools.check_names [WHEEL ...]

The distribution of the core is ``ipshell-core``; ``ipcore`` on the public index belongs to
strangers, so no wheel may require it and no page may tell anybody to install it. Tracked files
name no package index and no path of the machine they were written on.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.workspace import ROOT, distributions

#: Distributions of strangers whose names look like ours.
STRANGERS = frozenset({"ipcore"})

#: Hosts that files may link to; none of them serves packages.
HOSTS = frozenset(
    {
        "127.0.0.1",
        "docs.python.org",
        "example.com",
        "example.org",
        "ipython.readthedocs.io",
        "keepachangelog.com",
        "localhost",
        "nox.thea.codes",
        "packaging.python.org",
        "peps.python.org",
        "pluggy.readthedocs.io",
        "spdx.org",
        "traitlets.readthedocs.io",
    }
)

_LINK = re.compile(r"\b(?:https?|git|ssh)://(?:[^\s/@]*@)?(\[[0-9a-fA-F:]+\]|[\w.-]+)")
# Hosts of indexes are also written without a scheme. In pieces, so that this file passes its own check.
_INDEX = re.compile(r"\bpy" r"pi\.(?:org|python)|python" r"hosted\.|--(?:extra-)?index-" r"url\b")
_END = r"(?![\w/\\-]|\.\w)"
_INSTALL = re.compile(
    # "install", options, the name; or a tool, its verb, anything, the name.
    rf"\binstall\s+(?:-\S+\s+)*[\"']?ipcore{_END}"
    rf"|\b(?:pip3?|pipx|uvx?|pdm|poetry|conda)\b.*?\b(?:install|add|download|wheel|run)\b.*?[\s\"']ipcore{_END}",
    re.IGNORECASE,
)


def check_wheel(wheel: Path) -> Iterator[str]:
    """Yield what is wrong with the metadata of one wheel."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    if canonicalize_name(metadata["Name"]) in STRANGERS:
        yield f"{wheel.name}: the name {metadata['Name']} belongs to strangers"
    for text in metadata.get_all("Requires-Dist", []):
        if canonicalize_name(Requirement(text).name) in STRANGERS:
            yield f"{wheel.name}: requires {text!r}, which is a stranger's; ours is ipshell-core"
        if Requirement(text).url:
            yield f"{wheel.name}: requires {text!r}, an address; it would not be what a user can get"
    for line in str(metadata.get_payload()).splitlines():
        if _INSTALL.search(line):
            yield f"{wheel.name}: its description tells people to install a stranger's ipcore: {line!r}"


def check_text(where: str, text: str, paths: Iterable[str] = ()) -> Iterator[str]:
    """Yield what is wrong with one text.

    :param where: how messages name the text.
    :param paths: paths of this machine, which the text may not name.
    """
    places = [re.compile(rf"(?<![\w./~-]){re.escape(path)}(?![\w-])") for path in paths]
    for number, line in enumerate(text.splitlines(), 1):
        here = f"{where}:{number}"
        if _INSTALL.search(line):
            yield f"{here}: tells people to install a stranger's ipcore; ours is ipshell-core"
        if _INDEX.search(line):
            yield f"{here}: names a package index"
        for host in _LINK.findall(line):
            if host not in HOSTS and not host.endswith((".example", ".invalid", ".test")):
                yield f"{here}: links to {host}; add it to HOSTS in tools/check_names.py if it is meant"
        for place in places:
            if place.search(line):
                yield f"{here}: names a path of this machine"


def machine_paths(root: Path = ROOT) -> set[str]:
    """Give the paths of this machine that no file should name."""
    home = Path.home()
    found = {root, root.parent, home, Path(sys.prefix), Path(sys.base_prefix)}
    general = {Path(name) for name in ("/", "/home", "/opt", "/srv", "/tmp", "/usr", "/usr/local", "/var")}
    return {str(path) for path in found - general if path != Path(path.anchor)}


def tracked(root: Path = ROOT) -> list[Path]:
    """Give the files that are in git or would be added to it."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, check=True, capture_output=True, timeout=60).stdout
    return [
        path for name in sorted(set(names.decode().split("\0"))) if name and (path := root / name).is_file()
    ]


def check_tree(root: Path = ROOT) -> Iterator[str]:
    """Yield what is wrong with the tracked files."""
    paths = machine_paths(root)
    for path in tracked(root):
        name = path.relative_to(root).as_posix()
        if path.name == "uv.lock":
            yield f"{name}: records the addresses of whoever wrote it; constraints.txt has the pins"
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield from check_text(name, text, paths)


def check_siblings() -> Iterator[str]:
    """Yield siblings that uv would look for on an index, for want of an entry in the root."""
    import tomllib

    root = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    sources = {canonicalize_name(name) for name in root["tool"]["uv"]["sources"]}
    for each in distributions():
        if canonicalize_name(each.name) not in sources:
            yield f"pyproject.toml: [tool.uv.sources] lacks {each.name} = {{ workspace = true }}"


def main(arguments: list[str]) -> int:
    """Print what is wrong.

    :param arguments: paths of built wheels.
    :returns: 1 if anything is.
    """
    wrong = [*check_tree(), *check_siblings()]
    for wheel in arguments:
        wrong.extend(check_wheel(Path(wheel)))
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"names: {len(tracked())} files and {len(arguments)} wheels checked, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
