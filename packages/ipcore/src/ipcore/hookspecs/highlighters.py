"""Hooks of the family ``highlighters``: colour source code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.highlighters import Highlighter


class HighlighterSpecs:
    """Hooks of the ``ipshell.highlighters`` group; the entry's name is that of a language, or ``any``."""

    @hookspec
    def ipshell_highlighter(self, name: str, shell: InteractiveShell) -> Highlighter:
        """Give what tells the pieces of a source text apart.

        :param name: the entry's name: a language in lower case, ``sql``; ``any`` for one that is asked for
            the languages that have none of their own.
        :param shell: the shell that will show the text.
        :returns: an object as described by :class:`ipcore.types.highlighters.Highlighter`.

        :When: when a text in that language is first shown in colours.
        :How often: once per shell; its method once per text.
        :Thread: that of who shows something; one at a time.
        :May it block: no; what is shown waits for it.
        :Order: the owner of the language, then that of ``any``. One entry owns a name; with two owners
            neither is used until configuration picks one.
        :On failure: reported once; the text is shown in one style.
        :Since: 0.1

        Example::

            import re

            from ipcore.hookspecs import hookimpl

            class Words:
                def fragments(self, text, language):
                    pieces = re.split(r"(\\b(?:select|from)\\b)", text, flags=re.IGNORECASE)
                    return [("code.keyword" if at % 2 else "code", each) for at, each in enumerate(pieces)]

            @hookimpl
            def ipshell_highlighter(name):
                return Words()
        """
