"""What line magics and cell magics have in common."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from .plugin import PluginContract

if TYPE_CHECKING:
    from ipcore.testing.shells import CellOutcome, TestedShell

#: Names that the shell itself sets, beside those that it hides.
_SHELLS: Final = re.compile(r"_+(?:\d+|i+|i\d+|exit_code)?")

_UNKNOWN: Final = "--no-such-option"


class MagicContract(PluginContract):
    """What magics of both kinds keep to."""

    kind: ClassVar[Literal["line", "cell"]] = "line"
    options: ClassVar[Sequence[str]] = ()
    """Options that completion has to know once the magic was used: ``("-n", "--times")``."""
    sets: ClassVar[Collection[str]] = ()
    """Names of the user's that it may set."""
    changes_process: ClassVar[bool] = False
    """Whether it may change the working directory, ``os.environ``, ``sys.path`` and such, as ``%cd`` does."""
    repeatable: ClassVar[bool] = True
    """Whether the same call gives the same value again."""
    runs_code: ClassVar[bool] = False
    """Whether it runs its line or body as code, or does harm when called with anything: then it is called
    with the examples alone."""

    @property
    def mark(self) -> str:
        """What is typed before the name."""
        return "%" if self.kind == "line" else "%%"

    @property
    def typed(self) -> str:
        """The magic as it is typed."""
        return f"{self.mark}{self.key}"

    def use(self, shell: TestedShell) -> None:
        """Call the magic with the first example."""
        for cell, expected in self.cells()[:1]:
            self.check_value(self.run(shell, cell), expected, cell)

    def cells(self) -> list[tuple[str, object]]:
        """The examples as cells, each with the value that is expected."""
        raise NotImplementedError

    def call(self, shell: TestedShell, text: str) -> object:
        """Call the magic with an odd text, as rewritten escapes do."""
        raise NotImplementedError

    def function(self, shell: TestedShell) -> Callable[..., Any]:
        """The function behind the magic."""
        function = shell.magics.find_magic(self.key, self.kind)
        self.check_no_failures(shell.registry)
        if function is None:
            self.fail(
                f"the shell finds no {self.kind} magic {self.typed}.",
                f"ipshell_{self.kind}_magic(name, shell) has to return a function for the name {self.key!r}.",
            )
        return function

    def run(self, shell: TestedShell, cell: str) -> CellOutcome:
        """Run a cell that has to succeed."""
        outcome = shell.run_cell(cell)
        self.check_no_failures(shell.registry)
        if not outcome.success:
            self.fail(f"the cell\n\n{_indented(cell)}\n\nfails:\n{outcome.stderr or outcome.error}")
        return outcome

    def check_value(self, outcome: CellOutcome, expected: object, cell: str) -> None:
        """Fail unless a cell gave what is expected: that value, or one that a function says is right."""
        value = outcome.value
        if not fits(value, expected):
            wanted = "something that the example's function takes" if callable(expected) else repr(expected)
            self.fail(f"the cell\n\n{_indented(cell)}\n\ngives {value!r}; the example says {wanted}.")

    # -- what is tested --------------------------------------------------------

    def test_it_has_help(self, shell: TestedShell) -> None:
        """``%name?`` says what it does."""
        function = self.function(shell)
        text = inspect.getdoc(function) or ""
        first = text.strip().partition("\n")[0]
        self.check(
            first,
            f"it has no docstring, so {self.typed}? has nothing to say.",
            "Give the function a docstring: a line on what it does, then how it is called.",
        )
        outcome = self.run(shell, f"{self.typed}?")
        self.check(
            first in outcome.stdout, f"{self.typed}? does not show its docstring, but:\n{outcome.stdout}"
        )

    def test_it_is_called_with_what_the_shell_gives(self, shell: TestedShell) -> None:
        """The function takes the line, and a cell magic the body."""
        function = self.function(shell)
        given = ("line",) if self.kind == "line" else ("line", "body")
        named: dict[str, Any] = {"local_ns": {}} if getattr(function, "needs_local_scope", False) else {}
        try:
            inspect.signature(function).bind(*given, **named)
        except TypeError as error:
            words = " and ".join((*given, *named))
            self.fail(
                f"its function {inspect.signature(function)} cannot be called with {words}: {error}.",
                "A line magic takes the rest of the line, a cell magic that and the body. "
                "One with @needs_local_scope takes local_ns too.",
            )
        except ValueError:  # of a builtin function: it has no signature to look at
            pass

    def test_the_examples_give_what_they_say(self, shell: TestedShell) -> None:
        """Typed in a cell, it gives the values of the examples."""
        self.check(self.cells(), "there are no examples.", "Set the class attribute `examples`.")
        self.function(shell)
        for cell, expected in self.cells():
            self.check_value(self.run(shell, cell), expected, cell)

    def test_called_again_it_gives_the_same(self, shell: TestedShell) -> None:
        """Nothing is left from the call before."""
        if not self.repeatable:
            return
        for cell, expected in (*self.cells(), *self.cells()):
            outcome = self.run(shell, cell)
            if not fits(outcome.value, expected):
                self.fail(
                    f"called again, {cell!r} gives {outcome.value!r}, and no longer what the example says.",
                    "Does it keep something between calls? If that is meant, set repeatable = False.",
                )

    def test_it_leaves_the_users_names_alone(self, shell: TestedShell) -> None:
        """It sets no variable of the user's but those that it says."""
        for cell, _ in self.cells():
            before = users_names(shell)
            self.run(shell, cell)
            after = users_names(shell)
            changed = {name for name in {*before, *after} if before.get(name) is not after.get(name)}
            strange = sorted(changed - set(self.sets))
            self.check(
                not strange,
                f"{cell!r} changes variables of the user's: {', '.join(strange)}.",
                "Return the value, and let the user give it a name. If setting names is what it is for, say "
                "which: sets = ('name',).",
            )

    def test_it_leaves_the_process_as_it_is(self, shell: TestedShell) -> None:
        """Working directory, environment, module search path and their like are the user's."""
        self.function(shell)
        for cell, _ in self.cells():
            if self.changes_process:
                self.run(shell, cell)
                continue
            with self.leaving_alone(
                repr(cell),
                "Put it back in a `finally`. If that is what it is for, set changes_process = True.",
            ):
                self.run(shell, cell)

    def test_an_option_that_there_is_not_is_the_users_mistake(self, shell: TestedShell) -> None:
        """A wrong option is told in one line."""
        if not self.takes_options(shell):
            return
        self.check_mistake(shell, self.cell_of(_UNKNOWN), "an option that there is not")

    def test_its_options_are_known_to_completion(self, shell: TestedShell) -> None:
        """Once it was used, completion knows its options, and what each is for."""
        from ipcore.magics.completion import magic_options

        function = self.function(shell)
        known = shell.magics.option_names(self.key, self.kind)
        missing = [name for name in self.options if name not in known]
        self.check(
            not missing,
            f"completion does not know {', '.join(missing)}, but {', '.join(known) or 'no option at all'}.",
            "Declare options by @magic_arguments and @argument, or name them in parse_options() as strings.",
        )
        if getattr(function, "parser", None) is None:
            return
        silent = ["/".join(each.names) for each in magic_options(function) if each.names and not each.help]
        self.check(
            not silent,
            f"its options {', '.join(silent)} have no help.",
            'Say in one line what each does: @argument("-n", help="how often").',
        )

    def test_it_survives_anything(self, shell: TestedShell) -> None:
        """Whatever it is called with, it gives a value or a mistake of the user's."""
        from ipcore.errors import UserError

        if self.runs_code:
            return
        for text in self.odd_texts():
            with self.trying(
                f"called with {text!r}, it",
                "A mistake of the user's is a UserError, shown in one line: catch the error and "
                "raise UsageError(...) from None. If it runs what it gets as code, set runs_code = True.",
                allowed=(UserError,),
            ):
                self.call(shell, text)

    # -- for these -------------------------------------------------------------

    def odd_texts(self) -> Iterable[str]:
        """What it is called with beside the examples."""
        raise NotImplementedError

    def cell_of(self, line: str) -> str:
        """Make a cell that calls the magic with a line."""
        raise NotImplementedError

    def takes_options(self, shell: TestedShell) -> bool:
        """Whether options are declared in a way that the shell can see."""
        function = self.function(shell)
        return bool(
            self.options
            or getattr(function, "parser", None) is not None
            or shell.magics.option_names(self.key, self.kind)
        )

    def check_mistake(self, shell: TestedShell, cell: str, what: str) -> None:
        """Fail unless a cell is refused as a mistake of the user's, in one line."""
        from ipcore.errors import UserError

        outcome = shell.run_cell(cell)
        self.check_no_failures(shell.registry)
        todo = "Raise ipcore.errors.UsageError with one line that says what is wrong and what would be right."
        self.check(outcome.error is not None, f"{what}, {cell!r}, is no error.", todo)
        error = outcome.error
        assert error is not None
        self.check(
            isinstance(error, UserError),
            f"{what}, {cell!r}, raises {type(error).__name__}: {error}",
            todo,
        )
        self.check(str(error).strip(), f"{what}, {cell!r}, is told without a word.", todo)
        shown = outcome.stderr.strip().splitlines()
        self.check(
            len(shown) == 1, f"{what}, {cell!r}, is told in {len(shown)} lines:\n{outcome.stderr}", todo
        )


def fits(value: object, expected: Any) -> bool:
    """Tell whether a value is what an example says: equal to it, or right by its function."""
    if callable(expected) and not isinstance(expected, type):
        return bool(expected(value))
    if value is expected:
        return True
    try:
        return bool(value == expected)
    except Exception:  # an array has no single truth; its author gives a function
        return repr(value) == repr(expected)


def users_names(shell: TestedShell) -> Mapping[str, object]:
    """Give the variables of the user's, those of the shell left out."""
    return {
        name: value
        for name, value in shell.user_ns.items()
        if name not in shell.user_ns_hidden and not _SHELLS.fullmatch(name)
    }


def _indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))
