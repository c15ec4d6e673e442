"""Highlighting for ``ipshell`` blocks: what is typed at the prompt, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, using
from pygments.lexers.python import PythonLexer
from pygments.token import Error, Generic, Text

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class TypedLexer(PythonLexer):
    """Python with escapes, which are no error here."""

    def get_tokens_unprocessed(self, text: str, *arguments: Any) -> Iterator[tuple[int, Any, str]]:
        """Give the tokens, those that are not Python as text."""
        for at, kind, value in super().get_tokens_unprocessed(text, *arguments):
            yield at, Text if kind is Error else kind, value


class SessionLexer(RegexLexer):
    """A session at the prompt of ipshell."""

    name = "ipshell session"
    aliases: ClassVar = ["ipshell"]
    tokens: ClassVar = {
        "root": [
            (r"^(\$ )(.*\n)", bygroups(Generic.Prompt, Text)),
            (r"^(In \[\d+\]: |\s*\.\.\.: ?|>>> )(.*\n)", bygroups(Generic.Prompt, using(TypedLexer))),
            (r"^(Out\[\d+\]: ?)(.*\n)", bygroups(Generic.Heading, Generic.Output)),
            (r".*\n", Generic.Output),
        ]
    }


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the lexer known to Sphinx."""
    app.add_lexer("ipshell", SessionLexer)
    return {"parallel_read_safe": True}
