"""What prompts have to keep to."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from ...styles import STYLES, line_of_names
from .effects import Effects
from .plugin import PluginContract

if TYPE_CHECKING:
    from ..shells import TestedShell

#: Escape sequences of terminals, and the marks that readline wants around them: they take no room.
_ROOMLESS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x01\x02]")

#: Numbers of cells: the first, others, none yet, and what a program may have set ``execution_count`` to.
NUMBERS = (1, 2, 9, 10, 999, 1000, 0, 10**6, 10**30)

_METHODS = ("input", "continuation", "output")


class PromptsContract(PluginContract):
    """Prompts that a key of the family ``prompts`` gives.

    Beside what every plugin keeps to: each method gives text, of one line, at once and in any thread, and
    the continuation is as wide as the first line.
    """

    family = "prompts"
    listings: ClassVar[Mapping[str, str]] = {"the names of prompts": "key in registry.keys('prompts')"}
    first_use = "registry.call_named('prompts', key, 'ipshell_prompts', shell=shell)"

    shows_number: ClassVar[bool] = True
    """Whether the prompt before the input shows the number of the cell."""
    several_lines: ClassVar[bool] = False
    """Whether a prompt may take more than one line; the last one counts for the width."""
    may: ClassVar[Sequence[str]] = ()
    """What a prompt may do each time it is made: audit events of the interpreter, such as ``open``."""

    @pytest.fixture
    def prompts(self, shell: TestedShell) -> Any:
        """What the hook gives, without the guard that the shell puts around it."""
        return self.given(shell)

    def given(self, shell: TestedShell) -> Any:
        """Have the hook give the prompts."""
        from ...shell import _check_prompts

        given = shell.registry.call_named(
            self.family, self.key, "ipshell_prompts", _check_prompts, shell=shell
        )
        if given is None:
            self.check_no_failures(shell.registry)
            self.fail("ipshell_prompts gives nothing.", "Give an object with input, continuation and output.")
        return given.value

    def use(self, shell: TestedShell) -> None:
        """Show a prompt of each kind."""
        shell.prompts_name = self.key
        for which in _METHODS:
            getattr(shell.prompts, which)(1)

    @pytest.mark.parametrize("which", _METHODS)
    def test_each_prompt_is_text_for_every_number(self, prompts: Any, which: str) -> None:
        """Whatever the number is, and however many cells there were."""
        for number in NUMBERS:
            self._text(prompts, which, number)

    @pytest.mark.parametrize("which", _METHODS)
    def test_each_prompt_is_one_line(self, prompts: Any, which: str) -> None:
        """What comes after the prompt stands on its line: editors count on it."""
        for number in NUMBERS:
            text = self._text(prompts, which, number)
            self.check(
                self.several_lines or len(text.splitlines()) <= 1,
                f"{which}({number}) gives {text!r}, which is more than one line.",
                "Give one line; if more are meant, set the class attribute several_lines = True.",
            )
            self.check(
                not text.endswith(("\n", "\r")),
                f"{which}({number}) gives {text!r}, which ends a line.",
                "Leave the line ending out: what is typed or shown is to stand beside the prompt.",
            )

    def test_the_continuation_is_as_wide_as_the_input(self, prompts: Any) -> None:
        """So that the lines of a cell stand below each other."""
        for number in NUMBERS:
            first = self._text(prompts, "input", number)
            further = self._text(prompts, "continuation", number)
            self.check(
                width(further) == width(first),
                f"continuation({number}) gives {further!r}, {width(further)} columns wide, and "
                f"input({number}) gives {first!r}, which is {width(first)} wide.",
                "The lines of a cell are to stand below each other; for example by "
                'return "...: ".rjust(len(self.input(number))).',
            )

    def test_the_number_is_shown(self, prompts: Any) -> None:
        """The user refers to a cell by it: ``In[3]``, ``_3``."""
        if not self.shows_number:
            return
        for number in NUMBERS:
            text = _ROOMLESS.sub("", self._text(prompts, "input", number))
            self.check(
                str(number) in text,
                f"input({number}) gives {text!r}, without the number of the cell.",
                "Show it; if that is not meant, set the class attribute shows_number = False.",
            )

    @pytest.mark.parametrize("which", [*_METHODS, "rewrite"])
    def test_pieces_of_a_prompt_are_its_text(self, prompts: Any, which: str) -> None:
        """Where there is a method ``styled``: together they are what the method of that name gives."""
        if not callable(getattr(prompts, "styled", None)) or not hasattr(prompts, which):
            return
        for number in NUMBERS:
            text = self._text(prompts, which, number)
            pieces = self._pieces(prompts, "styled", which, number)
            together = "".join(piece for _, piece in pieces)
            self.check(
                together == text,
                f"styled({which!r}, {number}) gives {together!r} together, "
                f"and {which}({number}) gives {text!r}.",
                f'The two have to be the same: let {which}() join what styled("{which}", number) gives.',
            )

    def test_what_stands_beside_the_cell_is_pieces_of_one_line(self, prompts: Any) -> None:
        """Where there are methods ``right`` and ``toolbar``."""
        for which, arguments in (("right", (3,)), ("toolbar", ())):
            if not callable(getattr(prompts, which, None)):
                continue
            text = "".join(piece for _, piece in self._pieces(prompts, which, *arguments))
            self.check(len(text.splitlines()) <= 1, f"{which}() gives {text!r}, which is more than one line.")

    @pytest.mark.parametrize("which", _METHODS)
    def test_prompts_do_nothing_but_give_text(self, prompts: Any, which: str) -> None:
        """The user waits for them, each time."""
        self._text(prompts, which, 1)  # what is needed once may be fetched once
        with Effects(*self.may) as effects:
            for number in range(2, 6):
                self._text(prompts, which, number)
        self.check(
            not effects.found,
            f"{which}(number) {effects}, each time, while the user waits for the prompt.",
            "Do it once, or in the hook, and keep the result; what cannot be done without is allowed by the "
            'class attribute may, names of audit events: may = ("open",).',
        )

    def test_prompts_can_be_made_in_any_thread(self, prompts: Any) -> None:
        """The thread of the front end asks, which need not be the one that made them."""
        gave: list[object] = []

        def ask() -> None:
            try:
                gave.extend(getattr(prompts, which)(3) for which in _METHODS)
            except BaseException as error:
                gave.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(60)
        self.check(
            not thread.is_alive(),
            "asked in another thread than the main one, the prompts do not come.",
            "Do not wait in them for another thread.",
        )
        self.check(
            len(gave) == len(_METHODS) and all(isinstance(text, str) for text in gave),
            f"asked in another thread than the main one, the prompts give {gave[-1]!r}.",
            "The front end's thread asks: keep nothing that belongs to one thread, such as a connection.",
        )

    def test_prompts_bear_any_names_of_the_user(self, shell: TestedShell) -> None:
        """The namespace is the user's: any name may be missing, or mean something else."""
        prompts = self.given(shell)
        shell.user_ns.update(dict.fromkeys(("In", "Out", "str", "len", "os", "sys", "_", "__name__"), 0))
        shell.user_ns.pop("get_ipython", None)
        for which in _METHODS:
            self._text(prompts, which, 3)
        shell.user_ns.clear()
        for which in _METHODS:
            self._text(prompts, which, 4)

    def test_the_shell_shows_them(self, shell: TestedShell) -> None:
        """Chosen by ``InteractiveShell.prompts_name``, they are what the shell asks."""
        self.use(shell)
        self.check_no_failures(shell.registry)

    def _pieces(self, prompts: Any, which: str, *arguments: Any) -> list[tuple[str, str]]:
        call = f"{which}({', '.join(map(repr, arguments))})"
        with self.trying(call, "The shell would switch the plugin off and show the plain prompts."):
            found = getattr(prompts, which)(*arguments)
        self.check(
            isinstance(found, (list, tuple))
            and all(isinstance(each, tuple) and list(map(type, each)) == [str, str] for each in found),
            f"{call} gives {found!r}, not a list of pairs of a style name and a text.",
        )
        for style, piece in found:
            self.check(
                any(each in STYLES for each in line_of_names(style)),
                f"{call} has {piece!r} in the style {style!r}, which no theme speaks of.",
                "ipcore.styles.STYLES has all names; further ones stand below them.",
            )
        return [(style, piece) for style, piece in found]

    def _text(self, prompts: Any, which: str, number: int) -> str:
        with self.trying(
            f"{which}({number})",
            "The shell would switch the plugin off and show the plain prompts: give text for every number.",
        ):
            text = getattr(prompts, which)(number)
        self.check(
            isinstance(text, str),
            f"{which}({number}) gives {type(text).__name__}, not text.",
            'The shell would switch the plugin off: give a str, "" for no prompt.',
        )
        return str(text)


def width(prompt: str) -> int:
    """Give the columns that the last line of a prompt takes on a terminal."""
    line = _ROOMLESS.sub("", prompt).rpartition("\n")[2]
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in line
    )
