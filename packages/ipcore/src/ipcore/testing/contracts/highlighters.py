"""What a highlighter has to keep to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from ...styles import STYLES, line_of_names
from .effects import Effects
from .plugin import PluginContract, required

if TYPE_CHECKING:
    from ..shells import TestedShell

#: Texts that are half, odd, or of another language.
_TEXTS: Final = (
    "",
    "\n",
    "   ",
    "x = 1",
    "x = 1\n\n\n",
    "\n\nx",
    "a\r\nb\r",
    "\tif\x0c x",
    "'open",
    '"""open\nand on',
    "f'{x!r:>{n}}",
    "<a href='x'>&amp;</a>",
    "§ø書🙂\u200b\ufeff",
    "\x00\x1b[31m\x7f",
    "(" * 200,
    "x" * 3000,
)


class HighlighterContract(PluginContract):
    """A highlighter that a key of the family ``highlighters`` gives.

    Beside what every plugin keeps to: whatever the text is, its pieces are the text together, each in a
    style that there is.
    """

    family = "highlighters"
    listings: ClassVar[Mapping[str, str]] = {"the highlighters": "key in registry.keys('highlighters')"}
    first_use = "registry.call_named('highlighters', key, 'ipshell_highlighter', shell=shell)"

    language: ClassVar[str] = required("a language that it knows", '"sql"')
    examples: ClassVar[Mapping[str, Sequence[tuple[str, str]]]] = {}
    """Texts → some of their pieces, each with its style name."""

    @pytest.fixture
    def highlighter(self, shell: TestedShell) -> Any:
        """What the hook gives."""
        from ...highlighting import check_highlighter

        given = shell.registry.call_named(
            self.family, self.key, "ipshell_highlighter", check_highlighter, shell=shell
        )
        if given is None:
            self.check_no_failures(shell.registry)
            self.fail("ipshell_highlighter gives nothing.", "Give an object with fragments(text, language).")
        return given.value

    def use(self, shell: TestedShell) -> None:
        """Have the shell show a text."""
        from ...highlighting import fragments

        fragments(shell, "x = 1\n", self.language)

    @pytest.mark.parametrize("number", range(len(_TEXTS)))
    def test_the_pieces_are_the_text_together(self, highlighter: Any, number: int) -> None:
        """To the last character, line endings too: what is shown is what was written."""
        self._pieces(highlighter, _TEXTS[number])

    def test_each_piece_has_a_style_that_there_is(self, highlighter: Any) -> None:
        """A name of ``ipcore.styles``, or one below it."""
        for text in (*_TEXTS, *self.examples):
            for style, piece in self._pieces(highlighter, text):
                self.check(
                    any(each in STYLES for each in line_of_names(style)),
                    f"the style of {piece[:20]!r} is {style!r}, which no theme speaks of.",
                    "ipcore.styles.STYLES has all names; further ones stand below them.",
                )

    def test_pieces_are_what_the_examples_say(self, highlighter: Any) -> None:
        """Those that the author gave."""
        for text, wanted in self.examples.items():
            found = [(piece, style) for style, piece in self._pieces(highlighter, text)]
            for piece, style in wanted:
                self.check(
                    (piece, style) in found, f"{text!r} has no piece {piece!r} in the style {style}: {found}."
                )

    def test_it_says_what_it_does_not_know(self, highlighter: Any) -> None:
        """``None`` for a language that is none of its own, so that another one is asked."""
        with self.trying("fragments('x', 'no-such-language')", "Give None for it."):
            highlighter.fragments("x", "no-such-language")

    def test_it_does_nothing_else(self, highlighter: Any) -> None:
        """What is shown waits for it."""
        self._pieces(highlighter, "x = 'a'\n")  # what is needed once may be fetched once
        with Effects() as effects:
            self._pieces(highlighter, "y = 'b'\n")
        self.check(
            not effects.found, f"fragments() {effects}, each time.", "Do it once, and keep the result."
        )

    def test_it_works_in_any_thread(self, highlighter: Any) -> None:
        """The thread of the front end asks too."""
        self.in_another_thread("fragments()", lambda: self._pieces(highlighter, "x = 1\n"))

    def test_the_shell_shows_its_pieces(self, shell: TestedShell) -> None:
        """What the shell shows in that language comes from it."""
        self.use(shell)
        self.check_no_failures(shell.registry)

    def _pieces(self, highlighter: Any, text: str) -> list[tuple[str, str]]:
        call = f"fragments({text[:20]!r}, {self.language!r})"
        with self.trying(call, "Whatever the text is, give its pieces: it may be half typed."):
            found = highlighter.fragments(text, self.language)
        self.check(
            isinstance(found, (list, tuple))
            and all(isinstance(each, tuple) and list(map(type, each)) == [str, str] for each in found),
            f"{call} gives {found!r}, not a list of pairs of a style name and a text.",
        )
        together = "".join(piece for _, piece in found)
        self.check(
            together == text,
            f"the pieces of {call} are together {together[:60]!r}.",
            "They have to be the text: blanks and line endings too are pieces, and none is added.",
        )
        return [(style, piece) for style, piece in found]
