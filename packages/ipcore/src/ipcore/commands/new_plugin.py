"""``ipshell plugins new``: begin a project with plugins of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..application.app import IPShellApp


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare name, folder and pieces."""
    from ..plugins.new_project import PIECES

    parser.add_argument("name", metavar="NAME", help="the name of the distribution")
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", help="where to write it; by default a new folder of that name"
    )
    parser.add_argument(
        "--only",
        metavar="FAMILY,FAMILY",
        help=f"write these pieces and what they need; by default all: {', '.join(PIECES)}",
    )


def run(arguments: argparse.Namespace, app: IPShellApp) -> int:
    """Write the project, and print what to do with it.

    :raises ipcore.errors.UserError: if the name is none or taken, or the folder cannot be made.
    """
    from os.path import lexists
    from pathlib import Path

    from ..plugins.new_project import (
        PIECES,
        check_free,
        names_for,
        project_files,
        with_needed,
        write_project,
    )

    names = names_for(arguments.name)
    chosen = _words(arguments.only) if arguments.only is not None else list(PIECES)
    pieces = with_needed(chosen)
    folder = Path(arguments.folder if arguments.folder is not None else names.dist)
    if not lexists(folder):  # else that is what is wrong
        check_free(names, pieces, app.registry)
    files = project_files(names, pieces)
    write_project(folder, files)
    print(f"{folder}: {len(files)} files of the distribution {names.dist}, imported as {names.package}")
    print(f"plugins: {', '.join(pieces)}")
    for added in (piece for piece in pieces if piece not in chosen):
        needing = [name for name in chosen if added in PIECES[name]]
        verb = "needs" if len(needing) == 1 else "need"
        print(f"{added} is there because {' and '.join(needing)} {verb} it")
    print(f'\nNext:\n    cd {_quoted(str(folder))}\n    python -m pip install -e ".[test]"')
    print("    python -m pytest")
    return 0


def _words(text: str) -> list[str]:
    """Split a list at its commas.

    :raises ipcore.errors.UsageError: if there is nothing in it.
    """
    from ..errors import UsageError

    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise UsageError("--only needs the name of a family")
    return words


def _quoted(path: str) -> str:
    import os

    if os.name == "nt":
        return f'"{path}"' if " " in path else path
    from shlex import quote

    return quote(path)
