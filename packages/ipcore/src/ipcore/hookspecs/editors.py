"""Hooks of the family ``editors``: open text in an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.editors import Editor


class EditorSpecs:
    """Hooks of the ``ipshell.editors`` group; the entry's name is that of the editor's program."""

    @hookspec
    def ipshell_editor(self, name: str, shell: InteractiveShell) -> Editor:
        """Tell how an editor is called.

        :param name: the entry's name: that of the program which the option ``editor`` begins with, in lower
            case and without its folder and ``.exe``.
        :param shell: the shell that will start it.
        :returns: an object as described by :class:`ipcore.types.editors.Editor`.

        :When: when a file is first opened with that editor.
        :How often: once per shell; its method once per file.
        :Thread: the thread that runs cells.
        :May it block: no.
        :Order: one entry owns a name; with two owners neither is used until configuration picks one. An
            ``editor`` with ``{filename}`` or ``{line}`` in it is called as it says, and nobody is asked.
        :On failure: reported once; the editor is called as ``PROGRAM +LINE FILE``.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Quill:
                def arguments(self, filename, line, wait):
                    place = f"{filename}#{line}" if line else filename
                    return ["--stay", place] if wait else [place]

            @hookimpl
            def ipshell_editor(name):
                return Quill()
        """
