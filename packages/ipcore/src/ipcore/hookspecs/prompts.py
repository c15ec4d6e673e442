"""Hooks of the family ``prompts``: the texts of the prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.prompts import Prompts


class PromptSpecs:
    """Hooks of the ``ipshell.prompts`` group; the entry's name is what configuration chooses by."""

    @hookspec
    def ipshell_prompts(self, name: str, shell: InteractiveShell) -> Prompts:
        """Give the prompts known under one name.

        :param name: the entry's name, the value of ``InteractiveShell.prompts_name``.
        :param shell: the shell that will show them.
        :returns: an object as described by :class:`ipcore.types.prompts.Prompts`.

        :When: when the first prompt is shown.
        :How often: once per shell; the object's methods run once per prompt.
        :Thread: the thread of the cells; the methods as well, or the thread of the front end.
        :May it block: no; the user waits for the prompt. The terminal's editor waits a second, and shows
            what it had before until they come.
        :Order: one entry owns a name; with two owners neither is used until configuration picks one.
        :On failure: reported once, the plain prompts are used.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Chevrons:
                def input(self, number):
                    return f"{number} » "

                def continuation(self, number):
                    return "  · "

                def output(self, number):
                    return f"{number} « "

            @hookimpl
            def ipshell_prompts(name, shell):
                return Chevrons()
        """
