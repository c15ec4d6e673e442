"""A new project with a plugin of each kind: the work behind ``ipshell plugins new``.

The files are made from those in the folder ``new_project_files``, whose names end in ``.template``:

* ``@dist@``, ``@package@``, ``@core@`` and ``@api@`` stand for the name of the distribution, that of its
  import package, this core's version and that of the hook contracts; the folder ``package`` is the package;
* a line ``#[if line_magics cell_magics]`` begins lines that are left out of a project that has none of these
  pieces, ``#[end]`` ends them;
* a file that begins with ``#[only line_magics cell_magics]`` is left out of such a project itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from .. import __version__
from ..errors import UsageError, UserError
from ..hookspecs import API_VERSION, BY_NAME, FAMILIES
from .declared import normalized

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from .registry import Registry

#: Family of each piece → the families that it cannot do without.
PIECES: Final = {
    "line_magics": (),
    "cell_magics": (),
    "completers": ("line_magics",),
    "input": ("line_magics",),
    "inputhooks": (),
    "commands": (),
}

_FOLDER: Final = "new_project_files"
_SUFFIX: Final = ".template"
_MARK: Final = re.compile(r"#\[(only|if|end)((?: \w+)*)\]")


class Names(NamedTuple):
    """What a project is called."""

    dist: str
    """The distribution, as indexes compare names: lower case, with hyphens."""
    package: str
    """The import package, and the key of each of its plugins."""


# -- names -------------------------------------------------------------------------


def names_for(text: str) -> Names:
    """Read a project's name.

    :raises UsageError: if no distribution or no package can be called so.
    """
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", text):
        raise UsageError(
            f"{text!r} is no name for a distribution: use letters, digits, and hyphens between them."
        )
    from keyword import iskeyword

    dist = normalized(text)
    package = dist.replace("-", "_")
    if not package.isidentifier():
        raise UsageError(f"{text!r} cannot be imported as {package}: let it begin with a letter.")
    if iskeyword(package):
        raise UsageError(f'"{package}" is a word of Python and cannot be imported; choose another name.')
    return Names(dist, package)


def check_free(names: Names, pieces: Collection[str], registry: Registry) -> None:
    """Make sure that nothing that is installed, and no part of ipshell, has these names.

    :param pieces: the families to which the project will contribute.
    :raises UserError: if something has.
    """
    taken = _taken_by(names) or next(filter(None, (_key_taken(names, each, registry) for each in pieces)), "")
    if taken:
        raise UserError(f"{taken}; choose another name.")


def _taken_by(names: Names) -> str:
    """Say what has the name of the distribution or the package; empty if nothing has."""
    import sys

    from .doctor import OURS

    if names.package in OURS or names.dist in OURS.values():
        return f'the name "{names.dist}" belongs to a part of ipshell'
    version = _installed(names.dist)
    if version:
        return f"the distribution {names.dist} {version} is installed"
    if names.package == "conftest" or names.package.startswith("test_"):
        return f'"{names.package}" is what pytest calls its own files'
    if names.package in sys.stdlib_module_names:
        return f'the standard library has a module "{names.package}"'
    origin = _module(names.package)
    if origin:
        return f'there is a module "{names.package}" already: {origin}'
    return ""


def _installed(dist: str) -> str:
    """Give the version of an installed distribution; empty if there is none of that name."""
    import importlib_metadata

    try:
        return str(importlib_metadata.version(dist) or "of an unknown version")
    except importlib_metadata.PackageNotFoundError:
        return ""


def _module(name: str) -> str:
    """Give where a module is, without importing it; empty if there is none."""
    from importlib.util import find_spec

    try:
        spec = find_spec(name)
    except ValueError:  # it is imported, and says nothing of where it came from
        return "imported by this program"
    # A folder without code, such as one in the working directory, is in nobody's way.
    return str(spec.origin) if spec is not None and spec.origin is not None else ""


def _key_taken(names: Names, family: str, registry: Registry) -> str:
    """Say whose key the name is in a family where each key has one owner; empty if it is free."""
    if FAMILIES[family].kind != BY_NAME:
        return ""
    for owner in registry.owners(family, names.package):
        return f'"{names.package}" is a key of {owner.dist} {owner.version} in the family {family}'
    from ..known_parts import distribution_of_command, distribution_of_inputhook, distribution_of_magic

    brought = {
        "line_magics": distribution_of_magic,
        "cell_magics": distribution_of_magic,
        "commands": distribution_of_command,
        "inputhooks": distribution_of_inputhook,
    }[family](names.package)
    return f'"{names.package}" is a key that {brought} has in the family {family}' if brought else ""


def with_needed(chosen: Collection[str]) -> list[str]:
    """Give the pieces of a project, those included that the chosen ones cannot do without.

    :param chosen: families.
    :raises UsageError: for one of which there is no piece.
    """
    for name in chosen:
        if name not in PIECES:
            from difflib import get_close_matches

            near = get_close_matches(name, PIECES, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(PIECES)}."
            raise UsageError(f'there is no piece for "{name}"; {hint}')
    needed = {*chosen, *(each for name in chosen for each in PIECES[name])}
    return [name for name in PIECES if name in needed]


# -- text --------------------------------------------------------------------------


def project_files(names: Names, pieces: Collection[str]) -> dict[str, str]:
    """Give the text of each file of a project, by its path with ``/``.

    :param pieces: the families to which it contributes.
    """
    from importlib.resources import files

    words = {"dist": names.dist, "package": names.package, "core": __version__, "api": API_VERSION}
    found = {}
    for path, template in _templates(files(__package__) / _FOLDER):
        text = _chosen(template.read_text(encoding="utf-8"), pieces)
        if text is not None:
            target = path.removesuffix(_SUFFIX).replace("/package/", f"/{names.package}/")
            found[target] = re.sub(r"@(dist|package|core|api)@", lambda match: words[match[1]], text)
    return found


def _templates(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _templates(each, f"{prefix}{each.name}/")
        elif each.name.endswith(_SUFFIX):
            yield f"{prefix}{each.name}", each


def _chosen(text: str, pieces: Collection[str]) -> str | None:
    """Give the lines of a template that belong to some pieces; ``None`` if the whole file does not."""
    kept: list[str] = []
    keep = True
    for line in text.splitlines(keepends=True):
        mark = _MARK.fullmatch(line.strip())
        if mark is None:
            if keep:
                kept.append(line)
            continue
        wanted = mark[1] == "end" or any(name in pieces for name in mark[2].split())
        if mark[1] == "only" and not wanted:
            return None
        keep = wanted
    return "".join(kept)


# -- files -------------------------------------------------------------------------


def write_project(folder: Path, files: dict[str, str]) -> None:
    """Write the files of a project into a new folder; whatever fails, there is all of it or nothing.

    :param files: texts by paths.
    :raises UserError: if the folder exists or cannot be made.
    """
    from os.path import lexists
    from shutil import rmtree

    if lexists(folder):
        raise UserError(f"{folder} exists, and nothing in it is overwritten; name a folder that does not.")
    if not lexists(folder.parent):
        raise UserError(f"there is no folder {folder.parent} to put {folder.name} in.")
    draft = folder.with_name(f".{folder.name}.new")
    try:
        draft.mkdir()
    except FileExistsError:
        raise UserError(f"{draft} is left of an attempt that was ended; remove it.") from None
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror or error}.") from None
    try:
        for path, text in files.items():
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        draft.rename(folder)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror or error}.") from None
    finally:
        rmtree(draft, ignore_errors=True)  # not there any more, unless something failed
