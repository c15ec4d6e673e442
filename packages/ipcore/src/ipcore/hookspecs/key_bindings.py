"""Hooks of the family ``key_bindings``: commands of the cell's editor, and their keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.key_bindings import KeyBinding


class KeyBindingSpecs:
    """Hooks of the ``ipshell.key_bindings`` group."""

    @hookspec
    def ipshell_key_bindings(self, shell: InteractiveShell) -> Iterable[KeyBinding]:
        """Contribute commands that keys of the editor may be bound to.

        :param shell: the shell whose cells are edited.
        :returns: :class:`ipcore.types.key_bindings.KeyBinding` objects. The user's own keys win over
            theirs, and theirs over those of the editor.

        :When: when the editor is made, behind the first prompt. Where there is no editor, never.
        :How often: once for each editor, in practice once per shell; a function as often as its key is
            pressed.
        :Thread: the editor's, where no loop or object of the user's is at hand.
        :May it block: no: keys wait for it.
        :Order: core first, then by distribution and key, unless configured; of two that bind the same
            keys the later one wins.
        :On failure: reported once, also what a function raises; the plugin's commands and keys go.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl
            from ipcore.types.key_bindings import KeyBinding

            def shout(cell):
                cell.replace(cell.text.upper(), cell.cursor)

            @hookimpl
            def ipshell_key_bindings():
                return [KeyBinding("letters.shout", shout, "Write the cell in capitals.", "c-x u")]
        """
