"""Source text in colours: which piece of it is what, by the family ``highlighters``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .providers import provider

if TYPE_CHECKING:
    from .plugins.registry import Given
    from .shell import InteractiveShell

#: The key of the highlighter for languages that have none of their own.
ANY: Final = "any"


def fragments(shell: InteractiveShell, text: str, language: str) -> list[tuple[str, str]]:
    """Give the pieces of a source text, each with its style name; in one piece if nobody knows the language.

    :param language: its name: ``python``, ``bash``.
    """
    language = language.lower()
    known = shell.registry.keys("highlighters")
    for key in dict.fromkeys((language, ANY)):
        if key not in known:
            continue
        given = provider(shell, "highlighters", key, "ipshell_highlighter", check_highlighter)
        if given is not None and (found := _asked(shell, given, text, language)) is not None:
            return found
    return [("code", text)]


def highlighted(shell: InteractiveShell, text: str, language: str) -> str:
    """Give a source text with the escape sequences that show it in the colours of the theme."""
    paint = shell.theme.paint
    return "".join(paint(piece, style) for style, piece in fragments(shell, text, language))


def _asked(shell: InteractiveShell, given: Given, text: str, language: str) -> list[tuple[str, str]] | None:
    from .plugins.failures import reason_of

    try:
        found = given.value.fragments(text, language)
        if found is None:
            return None
        pieces = [(str(style), str(piece)) for style, piece in found]
        wrong = (
            "" if "".join(piece for _, piece in pieces) == text else "its pieces are not the text together"
        )
    except Exception as error:  # a plugin's: the text is shown without colours
        pieces, wrong = [], reason_of(error)
    if wrong:
        shell.registry.disable(given.plugin, f"fragments, {language}", wrong)
        return None
    return pieces


def check_highlighter(value: object) -> str:
    """Say what is wrong with what a plugin gave as highlighter; empty if nothing is."""
    return "" if callable(getattr(value, "fragments", None)) else "what it gave has no fragments()"
