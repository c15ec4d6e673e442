"""Source in colours, in every language that pygments knows."""

from __future__ import annotations

from typing import Any, Final

#: Lexers that are kept.
_KEPT: Final = 32
#: Characters of a text that is looked at; a longer one is shown in one style.
LONGEST: Final = 500_000
#: Names that pygments does not know.
_NAMES: Final = {
    "ipython": "python",
    "python3": "python",
    "sh": "bash",
    "shell": "bash",
    "latex": "tex",
    "svg": "xml",
}


class PygmentsHighlighter:
    """Takes texts apart by the lexers of pygments."""

    def __init__(self) -> None:
        self._lexers: dict[str, Any] = {}

    def fragments(self, text: str, language: str) -> list[tuple[str, str]] | None:
        """Give the pieces of a text, neighbours of one style joined; ``None`` for an unknown language."""
        lexer = self._lexer(language)
        if lexer is None:
            return None
        if len(text) > LONGEST:
            return [("code", text)]
        from .languages import style_of

        found: list[tuple[str, str]] = []
        # Not get_tokens: that changes line endings and takes empty lines away.
        for _, kind, piece in lexer.get_tokens_unprocessed(text):
            style = style_of(kind).removeprefix("class:") or "code"
            if found and found[-1][0] == style:
                found[-1] = (style, found[-1][1] + piece)
            elif piece:
                found.append((style, piece))
        whole = "".join(piece for _, piece in found)
        # A few lexers lose what they do not understand.
        return found if whole == text else [("code", text)]

    def _lexer(self, language: str) -> Any:
        if language not in self._lexers:
            from pygments.lexers import get_lexer_by_name
            from pygments.util import ClassNotFound

            try:
                lexer = get_lexer_by_name(_NAMES.get(language, language))
            except ClassNotFound:
                lexer = None
            if len(self._lexers) >= _KEPT:
                self._lexers.clear()
            self._lexers[language] = lexer
        return self._lexers[language]
