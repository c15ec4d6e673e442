"""What a component that formats exceptions has to keep to."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

import ipcore

from ...component import Component
from .hostile_errors import LARGE, MESSAGE, WITH_MESSAGE, WITHOUT_MESSAGE, caught, recursing, run_source
from .plugin import PluginContract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..shells import TestedShell

#: Where the files of the core are, whose frames are not the user's.
_OWN: Final = str(Path(ipcore.__file__).parent)

_FAILING_CELL: Final = f"def fail():\n    raise ValueError({MESSAGE!r})\n\nfail()"

_CHAINED: Final = """\
try:
    try:
        raise KeyError("the-context")
    except KeyError:
        raise OSError("the-cause")
except OSError as former:
    error = ValueError("the-last")
    error.add_note("the-note")
    raise error from former
"""


class TracebackContract(PluginContract):
    """A component that a plugin of the family ``tracebacks`` gives.

    Beside what every plugin keeps to: name and message of the error are in the lines, whatever the error
    does; it raises nothing, changes nothing of the error and keeps none of its frames.
    """

    family = "tracebacks"
    first_use = "registry.call_first('tracebacks', 'ipshell_tracebacks', shell=shell)"

    terse: ClassVar[bool] = False
    """Whether it shows name and message alone: no frames, causes, members of groups or notes."""
    most_lines: ClassVar[int] = 5_000
    """Lines of the longest traceback, however many frames, causes or members there are."""

    @pytest.fixture
    def tracebacks(self, shell: TestedShell) -> Any:
        """The component, as the shell uses it."""
        made = shell.tracebacks
        self.check_no_failures(shell.registry)
        return made

    def use(self, shell: TestedShell) -> None:
        """Show an error."""
        shell.run_cell("1 / 0")

    def test_it_is_a_component_of_the_shell(self, tracebacks: Any, shell: TestedShell) -> None:
        """Started and closed with the shell, and configured as its parts are."""
        name = type(tracebacks).__name__
        self.check(
            isinstance(tracebacks, Component),
            f"ipshell_tracebacks gives {name}, which is no component.",
            f"Derive it: class {name}(ipcore.Component).",
        )
        self.check(
            tracebacks.parent is shell,
            "the component does not know its shell.",
            f"Give it on: return {name}(parent=shell).",
        )

    # -- what is shown ---------------------------------------------------------

    def test_an_error_of_a_cell_is_shown_by_name_and_message(
        self, tracebacks: Any, shell: TestedShell
    ) -> None:
        """What the component gives is what the shell shows; no plainer traceback has to stand in for it."""
        outcome = shell.run_cell(_FAILING_CELL)
        self._lines(tracebacks, outcome.error, "a cell's ValueError")
        self._shows(outcome.stderr.splitlines(), "a cell's ValueError", "ValueError", MESSAGE)
        self.check(
            "plainer one" not in outcome.stderr,
            f"the shell had to use a plainer traceback:\n{outcome.stderr}",
            "format(error) gives a list of str, and raises nothing.",
        )

    def test_frames_are_the_users_and_cells_have_their_label(
        self, tracebacks: Any, shell: TestedShell
    ) -> None:
        """Frames of the shell itself are left out."""
        lines = self._lines(tracebacks, shell.run_cell(_FAILING_CELL).error, "a cell's ValueError")
        own = [line for line in lines if _OWN in line]
        self.check(
            not own,
            "frames of the shell itself are shown:\n" + "\n".join(own),
            f"They tell the user nothing: leave out the frames whose file is in {_OWN}.",
        )
        if not self.terse:
            self._shows(lines, "a cell's ValueError", "Cell In[1]", "fail()")

    def test_a_cell_that_is_no_python_is_shown(self, tracebacks: Any, shell: TestedShell) -> None:
        """``SyntaxError`` has no frames of the user's; its place is in its attributes."""
        error: Any = shell.run_cell("a = = 1").error
        lines = self._lines(tracebacks, error, "a SyntaxError")
        words = ("SyntaxError", error.msg) if self.terse else ("SyntaxError", error.msg, "a = = 1")
        self._shows(lines, "a SyntaxError", *words)

    def test_an_interrupt_is_shown(self, tracebacks: Any) -> None:
        """Ctrl-C has no message; its name is what the user looks for."""
        error = run_source("raise KeyboardInterrupt")
        self._shows(self._lines(tracebacks, error, "Ctrl-C"), "Ctrl-C", "KeyboardInterrupt")

    def test_causes_contexts_and_notes_are_shown(self, tracebacks: Any) -> None:
        """What an error came from is often what is wrong."""
        if self.terse:
            return
        what = "an error with a cause, whose context is a third one, and a note"
        lines = self._lines(tracebacks, run_source(_CHAINED), what)
        self._shows(lines, what, "the-context", "the-cause", "the-last", "the-note")
        error = run_source("try: raise KeyError('hidden')\nexcept KeyError: raise OSError('shown') from None")
        text = "\n".join(self._lines(tracebacks, error, "an error raised from None"))
        self.check(
            "hidden" not in text,
            f'an error that "from None" has hidden is shown:\n{text}',
            "Where __suppress_context__ is true, leave __context__ out.",
        )

    def test_members_of_a_group_are_shown(self, tracebacks: Any) -> None:
        """Of a group the members are what went wrong."""
        error = ExceptionGroup("the-group", [ValueError("one"), ExceptionGroup("in-it", [KeyError("two")])])
        words = ("the-group",) if self.terse else ("the-group", "one", "in-it", "two")
        self._shows(self._lines(tracebacks, error, "a group"), "a group", *words)

    # -- hostile errors --------------------------------------------------------

    @pytest.mark.parametrize("what", WITHOUT_MESSAGE)
    def test_an_error_that_cannot_be_asked_is_named(self, tracebacks: Any, what: str) -> None:
        """Its class is known without asking it."""
        error = caught(WITHOUT_MESSAGE[what])
        self._shows(self._lines(tracebacks, error, what), what, type(error).__name__)

    @pytest.mark.parametrize("what", WITH_MESSAGE)
    def test_a_strange_error_is_shown(self, tracebacks: Any, what: str) -> None:
        """Whatever its class, file, source or frames are."""
        error = caught(WITH_MESSAGE[what])
        self._shows(self._lines(tracebacks, error, what), what, type(error).__name__, MESSAGE)

    @pytest.mark.parametrize("what", [*LARGE, "endless recursion"])
    def test_a_large_error_is_shown_in_bounds(self, tracebacks: Any, what: str) -> None:
        """A person is to read it; what comes again and again is folded or left out."""
        error = caught(LARGE.get(what, recursing))
        lines = self._lines(tracebacks, error, what)
        self._shows(lines, what, type(error).__name__, *([MESSAGE] if what in LARGE else []))
        self.check(
            len(lines) <= self.most_lines,
            f"an error ({what}) takes {len(lines)} lines.",
            f"Nobody reads more than {self.most_lines}: fold what comes again and again, or set the class "
            "attribute most_lines.",
        )

    # -- what is left behind ---------------------------------------------------

    def test_the_error_is_not_changed(self, tracebacks: Any) -> None:
        """It is the user's: post-mortem tools and the next handler get it too."""
        error = run_source(_CHAINED)
        before = _state(error)
        self._lines(tracebacks, error, "an error with a cause")
        after = _state(error)
        changed = [name for name in before if before[name] != after[name]]
        self.check(
            not changed,
            f"format() changes {', '.join(changed)} of the error.",
            "Work on a copy of what it says, such as traceback.TracebackException(...).",
        )

    def test_no_frame_is_kept(self, tracebacks: Any) -> None:
        """A frame keeps all its variables: large arrays, open files."""
        holder: list[weakref.ref[Any]] = []

        class Large:
            pass

        def make() -> Any:
            large = Large()
            holder.append(weakref.ref(large))
            return large

        def show() -> None:
            error = run_source("def f():\n    large = make()\n    1 / 0\nf()", make=make)
            self._lines(tracebacks, error, "an error with a variable in its frame")

        show()
        gc.collect()
        self.check(
            holder[0]() is None,
            "a variable of the error's frames is still alive when the error was shown and let go.",
            "Keep no error, traceback or frame when format() returns.",
        )

    def test_the_same_error_gives_the_same_lines(self, tracebacks: Any) -> None:
        """Also while another one is being handled."""
        error = run_source("1 / 0")
        first = self._lines(tracebacks, error, "an error")
        try:
            raise LookupError("another one")
        except LookupError:
            second = self._lines(tracebacks, error, "an error")
        self.check(
            first == second,
            f"while another error is handled, the lines are\n{_joined(second)}\nand else\n{_joined(first)}",
            "Look at the error that is given, not at sys.exc_info().",
        )

    # -- inside ----------------------------------------------------------------

    def _lines(self, tracebacks: Any, error: Any, what: str) -> list[str]:
        """Give the lines of an error, checked."""
        with self.trying(
            f"format() of an error ({what})",
            "Of a user's error nothing can be trusted: not __str__, __repr__ or any attribute, nor those of "
            "the variables in its frames. ipcore.plain.tracebacks.exception_only(error) gives name and "
            "message of any error, ipcore.saferepr.safe_repr(value) a text for any value.",
        ):
            lines = tracebacks.format(error)
        wrong = _not_lines(lines)
        self.check(
            not wrong, f"format() of an error ({what}) gives {wrong}.", "Give a list of str, a line each."
        )
        ended = [line for line in lines if "\n" in line]
        self.check(
            not ended,
            f"format() of an error ({what}) gives {ended[:1]!r}, which is no line without its ending.",
            "Give one str for each line: text.splitlines() makes them.",
        )
        return list(lines)

    def _shows(self, lines: Sequence[str], what: str, *words: str) -> None:
        text = "\n".join(lines)
        for word in words:
            self.check(
                word in text,
                f"of an error ({what}), {word!r} is not shown:\n{_joined(lines)}",
                "Name and message have to be there; type(error).__name__ is there without asking the error."
                + ("" if self.terse else " If no more than those are meant, set terse = True."),
            )


def _not_lines(lines: object) -> str:
    """Say what is wrong with what was given for lines; empty if nothing is."""
    if not isinstance(lines, list):
        return type(lines).__name__
    other = [type(line).__name__ for line in lines if not isinstance(line, str)]
    return f"a list with {other[0]} in it" if other else "" if lines else "an empty list"


def _joined(lines: Sequence[str]) -> str:
    text = "\n".join(f"    {line}" for line in lines)
    return text if len(text) < 4_000 else f"{text[:2_000]}\n    [...]\n{text[-2_000:]}"


def _state(error: BaseException) -> dict[str, object]:
    names = ("__traceback__", "__cause__", "__context__", "__suppress_context__", "args")
    notes = list(getattr(error, "__notes__", ()))
    return {name: getattr(error, name) for name in names} | {"__notes__": notes}
