"""What names in the cell stand for, found without running code of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipcore.types.completion import Objects

    from .editor import Editor


def objects_of(editor: Editor) -> Objects:
    """Give what looks at the user's objects and runs none of their code, whatever completion may do."""
    from ipcore.completion.objects import ShellObjects

    objects: Objects = editor.shell.completer.objects
    return objects if objects.policy != "live" else ShellObjects(editor.shell, "static")


def find(objects: Objects, name: str, before: str) -> tuple[bool, Any]:
    """Tell what an expression stands for, also in a module that the cell will import; on another thread."""
    found, value = objects.find(name, before)
    if not found:
        from ipcore.completion.sources import find_in_sources

        found, value = find_in_sources(objects, name, before)
    return found, value
