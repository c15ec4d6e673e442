"""Hooks of the family ``clipboards``: read and write the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.clipboards import Clipboard


class ClipboardSpecs:
    """Hooks of the ``ipshell.clipboards`` group; the entry's name is what the option ``clipboard`` names."""

    @hookspec
    def ipshell_clipboard(self, name: str, shell: InteractiveShell) -> Clipboard:
        """Give a way to the clipboard.

        :param name: the entry's name, the value of ``InteractiveShell.clipboard``.
        :param shell: the shell that will use it.
        :returns: an object as described by :class:`ipcore.types.clipboards.Clipboard`.

        :When: when the clipboard is first read or written.
        :How often: once per shell; its methods as often as something is copied or pasted.
        :Thread: any, one at a time.
        :May it block: the hook no; the methods a few seconds at most.
        :Order: the one that the option names; with ``auto`` the core's, then the others by their names, until
            one does the work. One entry owns a name; with two owners neither is used until configuration
            picks one.
        :On failure: reported once; the next one is asked.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Pocket:
                text = ""

                def read(self):
                    return self.text

                def write(self, text):
                    self.text = text

            @hookimpl
            def ipshell_clipboard(name):
                return Pocket()
        """
