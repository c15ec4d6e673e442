"""The contracts of the family ``input``: transformers of text, and of parsed cells."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from .plugin import PluginContract, required

if TYPE_CHECKING:
    from types import FrameType

    from ipcore.plugins.declared import Declared
    from ipcore.testing.shells import TestedShell
    from ipcore.types.input import AstTransformer, InputTransformer

_FLAGS: Final = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

#: What is too much for a test that runs on every cell → what it is called in a message.
_DEAR_BUILTINS: Final = {
    compile: "parses the text",
    eval: "runs code",
    exec: "runs code",
    open: "opens a file",
}
_DEAR_MODULES: Final = {"tokenize": "splits the text into tokens", "subprocess": "starts a process"}


class InputTransformerContract(PluginContract):
    """What a transformer of a cell's text keeps to."""

    family = "input"
    first_use = "shell.transform('x')"

    examples: ClassVar[Mapping[str, str]] = required(
        "texts that it rewrites, each with what it makes of it", '{"calc 6 times 7": "6 * 7"}'
    )
    transformer: ClassVar[str] = ""
    """The ``name`` of the transformer that is meant, where the plugin gives several."""
    refuses: ClassVar[Sequence[str]] = ()
    """Texts that it refuses with a ``SyntaxError``."""
    incomplete: ClassVar[Sequence[str]] = ()
    """Texts that the user has not typed to their end: a line that it needs more lines after."""
    idempotent: ClassVar[bool] = True
    """Whether it leaves alone what it has rewritten."""
    keeps_lines: ClassVar[bool] = True
    """Whether it gives as many lines as it gets, so that tracebacks name the right ones."""
    leaves_strings_alone: ClassVar[bool] = True
    """Whether it leaves alone what stands in strings and comments of plain Python."""
    rewrites_python: ClassVar[bool] = False
    """Whether plain Python is what it is meant to rewrite. Then it must give plain Python."""

    @pytest.fixture
    def tested(self, shell: TestedShell, declared: Declared) -> InputTransformer:
        """The transformer itself."""
        from ipcore.cells.transformers import _check_transformers

        given = shell.registry.call_each(
            "input", "ipshell_input_transformers", _check_transformers, shell=shell
        )
        self.check_no_failures(shell.registry)
        mine: list[InputTransformer] = [
            each for item in given if item.plugin == declared for each in item.value
        ]
        found = _chosen(self, mine, self.transformer, "input transformer", "ipshell_input_transformers")
        name = getattr(found, "name", None)
        self.check(
            isinstance(name, str) and name.strip(),
            f"the name of its input transformer {type(found).__name__} is {name!r}.",
            "Give the class an attribute `name`, a word that users see in reports.",
        )
        return found  # type: ignore[no-any-return]

    def use(self, shell: TestedShell) -> None:
        """Have the shell rewrite the examples."""
        for text in self.examples:
            shell.transform(text)
        self.check_no_failures(shell.registry)

    def rewritten(self, tested: InputTransformer, text: str) -> str:
        """Have the transformer rewrite a text as the shell does: if it applies, and as lines.

        :raises SyntaxError: if it refuses the text.
        """
        from ipcore.cells.transform import split_lines

        text = text if text.endswith("\n") else text + "\n"
        todo = "A text that is not what it looks for must pass unchanged; refuse one by a SyntaxError."
        with self.trying(f"applies({text!r})", todo):
            applies = tested.applies(text)
        if not applies:
            return text
        refused: list[SyntaxError] = []
        lines: Any = None
        with self.trying(f"transform() of {text!r}", todo):
            try:
                lines = tested.transform(split_lines(text))
            except SyntaxError as error:
                refused.append(error)
        if refused:
            raise refused[0]
        good = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
        self.check(
            good,
            f"transform() of {text!r} gives {lines!r}.",
            'It has to give a list of lines, each a str with its "\\n" at the end.',
        )
        changed = "".join(lines)
        return changed if changed.endswith("\n") else changed + "\n"

    # -- what is tested --------------------------------------------------------

    def test_the_examples_come_out_as_they_say(self, tested: InputTransformer) -> None:
        """It applies to each example, and rewrites it so, each time."""
        self.check(self.examples, "there are no examples.", "Set the class attribute `examples`.")
        for text, expected in (*self.examples.items(), *self.examples.items()):
            with self.trying(f"applies({text!r})"):
                applies = tested.applies(text if text.endswith("\n") else text + "\n")
            self.check(applies, f"applies({text!r}) is {applies!r}, so it is never asked to rewrite that.")
            try:
                given = self.rewritten(tested, text)
            except SyntaxError as error:
                self.fail(f"it refuses the example {text!r}: {error}")
            wanted = expected if expected.endswith("\n") else expected + "\n"
            self.check(
                given == wanted, f"of {text!r} it makes\n{given}and not, as the example says,\n{wanted}"
            )

    def test_the_examples_come_to_python(self, shell: TestedShell, tested: InputTransformer) -> None:
        """With the shell's own rules and those of others, each example becomes Python."""
        for text in self.examples:
            try:
                python = shell.transform(text)
                parse(python)
            except SyntaxError as error:
                self.fail(
                    f"what the shell makes of {text!r} is no Python: {error}",
                    "At stage `cleanup` the shell's own rules come after it, at stage `post` before: is it "
                    "the right one?",
                )
            self.check_no_failures(shell.registry)

    def test_it_leaves_plain_python_alone(self, tested: InputTransformer) -> None:
        """Plain Python passes unchanged, whatever it holds."""
        from .texts import PLAIN, for_all, plain_python, with_names_of

        quoted = list(self.examples) if self.leaves_strings_alone else []

        def check(text: str) -> None:
            try:
                given = self.rewritten(tested, text)
            except SyntaxError as error:
                self.fail(f"it refuses plain Python, {text!r}: {error}", _LOOK_CLOSER)
            if self.rewrites_python:
                try:
                    parse(given)
                except SyntaxError as error:
                    self.fail(f"of plain Python, {text!r}, it makes\n{given}which is none: {error}")
            elif given != (text if text.endswith("\n") else text + "\n"):
                inert = any(each.strip() and each.strip() in text for each in quoted)
                self.fail(
                    f"of plain Python, {text!r}, it makes\n{given}",
                    _IN_STRINGS if inert else _LOOK_CLOSER,
                )

        for_all(plain_python(quoted), check, first=(*PLAIN, *with_names_of(self.examples)))

    def test_it_survives_any_text(self, tested: InputTransformer) -> None:
        """Of what is no Python at all it makes lines, or refuses it by a SyntaxError."""
        from .texts import ODD, any_text, damaged, for_all

        def check(text: str) -> None:
            with suppress(SyntaxError):
                self.rewritten(tested, text)

        for_all(any_text(), check, first=(*ODD, *self.refuses))
        for_all(damaged([*self.examples, *self.refuses]), check)

    def test_it_says_cheaply_whether_it_applies(self, tested: InputTransformer) -> None:
        """``applies`` runs on every cell: it neither rewrites nor parses it."""
        for text in (*self.examples, "x = 1\n", "for i in y:\n    print(i)\n" * 20):
            with self.trying(f"applies({text!r})"):
                done = _dear_calls(tested, text)
            self.check(
                not done,
                f"applies() {' and '.join(sorted(done))}.",
                "Look for what is cheap to find, `'calc' in source`, and leave the rest to transform().",
            )

    def test_it_keeps_the_number_of_lines(self, tested: InputTransformer) -> None:
        """Line numbers in tracebacks are those that were typed."""
        if not self.keeps_lines:
            return
        for text in self.examples:
            typed = text if text.endswith("\n") else text + "\n"
            try:
                given = self.rewritten(tested, text)
            except SyntaxError:
                continue  # told elsewhere
            before, after = typed.count("\n"), given.count("\n")
            self.check(
                before == after,
                f"of {before} line{'s' if before > 1 else ''}, {text!r}, it makes {after}:\n{given}",
                "Then tracebacks name the wrong lines. Join what belongs together by `; ` or brackets, and "
                "put empty lines in for what is gone. If it cannot, set keeps_lines = False.",
            )

    def test_rewriting_twice_is_rewriting_once(self, tested: InputTransformer) -> None:
        """What it has rewritten, it leaves alone: a cell may come by again."""
        if not self.idempotent:
            return
        for text in self.examples:
            try:
                once = self.rewritten(tested, text)
                twice = self.rewritten(tested, once)
            except SyntaxError as error:
                self.fail(f"what it has made of {text!r} it refuses: {error}")
            self.check(
                once == twice,
                f"of {text!r} it makes\n{once}and of that\n{twice}",
                "Let applies() say no to what is rewritten. If that cannot be told, set idempotent = False.",
            )

    def test_what_it_refuses_is_the_users_error(self, shell: TestedShell, tested: InputTransformer) -> None:
        """A text of ``refuses`` is a SyntaxError with a message, and the plugin stays on."""
        for text in self.refuses:
            try:
                given = self.rewritten(tested, text)
            except SyntaxError as error:
                self.check(
                    str(error.msg or "").strip() not in ("", "None"),
                    f"it refuses {text!r} without a word.",
                    "Say what is wrong: raise SyntaxError('calc cannot divide').",
                )
            else:
                self.fail(f"it was to refuse {text!r}, and makes of it\n{given}")
            outcome = shell.run_cell(text)
            self.check_no_failures(shell.registry)
            self.check(
                isinstance(outcome.error_before_exec, SyntaxError),
                f"in a shell {text!r} is not refused, but comes to {outcome.error!r}.",
            )

    def test_it_can_be_asked_whether_a_text_is_complete(
        self, shell: TestedShell, tested: InputTransformer
    ) -> None:
        """The line editor asks that at Enter: an example is complete, and each of ``incomplete`` is not."""
        expected = (
            {} if getattr(tested, "has_side_effects", False) else dict.fromkeys(self.examples, "complete")
        )
        for text, wanted in (expected | dict.fromkeys(self.incomplete, "incomplete")).items():
            verdict = shell.check_complete(text)[0]
            self.check_no_failures(shell.registry)
            # A block may be left open for further lines.
            fine = verdict == wanted or (wanted == "complete" and verdict == "incomplete" and "\n" in text)
            self.check(
                fine,
                f"asked whether {text!r} is complete, the shell says {verdict!r}, not {wanted!r}.",
                "transform() is called for that too: of a text with something missing it has to make Python "
                "with something missing, an open bracket for example.",
            )


_LOOK_CLOSER = (
    "A cell that it is not meant for has to pass unchanged: look closer, in applies() or transform(). "
    "If plain Python is what it rewrites, set rewrites_python = True."
)
_IN_STRINGS = (
    "That stands in a string or a comment. Look at the first line alone, or take lines from tokenize. "
    "If it cannot tell, say so: leaves_strings_alone = False."
)


class AstTransformerContract(PluginContract):
    """What a transformer of parsed cells keeps to."""

    family = "input"
    first_use = "shell.run_cell('')"

    examples: ClassVar[Mapping[str, str]] = required(
        "cells of Python, each with the Python that comes out", '{"x = 21": "x = 42"}'
    )
    transformer: ClassVar[str] = ""
    """The ``name`` of the transformer that is meant, or its class's, where the plugin gives several."""
    rejects: ClassVar[Sequence[str]] = ()
    """Cells that it cancels with :class:`ipcore.errors.InputRejected`."""
    leaves_alone: ClassVar[Sequence[str]] = ()
    """Cells that it does not change."""

    @pytest.fixture
    def tested(self, shell: TestedShell, declared: Declared) -> AstTransformer:
        """The transformer itself."""
        from ipcore.cells.transformers import _check_visitors

        given = shell.registry.call_each("input", "ipshell_ast_transformers", _check_visitors, shell=shell)
        self.check_no_failures(shell.registry)
        mine = [each for item in given if item.plugin == declared for each in item.value]
        found: AstTransformer = _chosen(
            self, mine, self.transformer, "AST transformer", "ipshell_ast_transformers"
        )
        return found

    def use(self, shell: TestedShell) -> None:
        """Run a cell, which the transformer sees."""
        shell.run_cell("x = 1")
        self.check_no_failures(shell.registry)

    def visited(self, tested: AstTransformer, source: str) -> ast.Module:
        """Have the transformer visit a cell.

        :raises InputRejected: if it cancels the cell.
        """
        from ipcore.errors import InputRejected

        tree = parse(source)
        rejected: list[InputRejected] = []
        given: Any = None
        with self.trying(
            f"visit() of {source!r}", "To cancel a cell, raise ipcore.errors.InputRejected; let others pass."
        ):
            try:
                given = tested.visit(tree)
            except InputRejected as error:
                rejected.append(error)
        if rejected:
            raise rejected[0]
        if not isinstance(given, ast.Module):
            self.fail(
                f"visit() of {source!r} gives {type(given).__name__}, not a module.",
                "Return the node at the end of visit() and of each visit_...(): a NodeTransformer removes "
                "the node for which it gets None.",
            )
        return given

    # -- what is tested --------------------------------------------------------

    def test_the_examples_come_out_as_they_say(self, tested: AstTransformer) -> None:
        """Each example is rewritten so, each time."""
        self.check(self.examples, "there are no examples.", "Set the class attribute `examples`.")
        for source, expected in (*self.examples.items(), *self.examples.items()):
            given = ast.unparse(ast.fix_missing_locations(self.visited(tested, source)))
            wanted = ast.unparse(parse(expected))
            self.check(
                given == wanted, f"of {source!r} it makes\n{given}\nand not, as the example says,\n{wanted}"
            )

    def test_what_it_gives_can_be_compiled(self, tested: AstTransformer) -> None:
        """Of any Python it makes Python, or cancels the cell."""
        from ipcore.errors import InputRejected

        from .texts import PLAIN, for_all, plain_python

        def check(source: str) -> None:
            try:
                compilable(parse(source))
            except (SyntaxError, ValueError):
                return  # it is none by itself, a return at the top level for example
            try:
                tree = self.visited(tested, source)
            except InputRejected:
                return
            try:
                compilable(tree)
            except (SyntaxError, ValueError, TypeError, RecursionError) as error:
                self.fail(
                    f"what it makes of {source!r} cannot be compiled: {type(error).__name__}: {error}",
                    "Are all fields of its new nodes set, with the right kinds of nodes in them?",
                )

        for_all(plain_python(), check, first=(*self.examples, *PLAIN))

    def test_places_are_those_in_the_cell(self, tested: AstTransformer) -> None:
        """Nodes say the lines that they come from; new ones that say nothing get those of their parents."""
        above = 5
        for source in self.examples:
            text = "# a comment\n" * above + source
            lines = text.rstrip("\n").count("\n") + 1
            for node in ast.walk(self.visited(tested, text)):
                at = getattr(node, "lineno", None)
                if at is None:
                    continue
                end = getattr(node, "end_lineno", None) or at
                self.check(
                    above < at <= end <= lines,
                    f"in a cell whose {'only ' if lines == above + 1 else ''}code stands on line {above + 1}"
                    f"{'' if lines == above + 1 else f' to {lines}'}, a new {type(node).__name__} says "
                    f"line {at}" + (f" to {end}." if end != at else "."),
                    "Tracebacks would point there. Give a new node the place of the one that it replaces, by "
                    "ast.copy_location(new, old); to nodes from ast.parse() that is done one by one.",
                )

    def test_it_leaves_alone_what_is_not_for_it(self, tested: AstTransformer) -> None:
        """Each cell of ``leaves_alone`` comes out as it was."""
        for source in self.leaves_alone:
            before = ast.dump(parse(source))
            after = ast.dump(self.visited(tested, source))
            self.check(before == after, f"{source!r} was to pass, and came out as\n{after}")

    def test_what_it_rejects_does_not_run(self, shell: TestedShell, tested: AstTransformer) -> None:
        """A cell of ``rejects`` is cancelled with a message, and the plugin stays on."""
        from ipcore.errors import InputRejected

        for source in self.rejects:
            try:
                tree = self.visited(tested, source)
            except InputRejected as error:
                self.check(
                    str(error).strip(),
                    f"it cancels {source!r} without a word.",
                    "Say why: raise InputRejected('...').",
                )
            else:
                self.fail(f"it was to cancel {source!r}, and makes of it\n{ast.unparse(tree)}")
            outcome = shell.run_cell(source)
            self.check_no_failures(shell.registry)
            self.check(
                isinstance(outcome.error_before_exec, InputRejected),
                f"in a shell {source!r} is not cancelled, but comes to {outcome.error!r}.",
            )


def parse(source: str) -> ast.Module:
    """Parse a cell, in which ``await`` may stand at the top level.

    :raises SyntaxError: if it is no Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = compile(source, "<cell>", "exec", _FLAGS | ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


def compilable(tree: ast.Module) -> None:
    """Compile a cell.

    :raises SyntaxError: if that cannot be done; or ``ValueError``, ``TypeError``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(ast.fix_missing_locations(tree), "<cell>", "exec", _FLAGS, dont_inherit=True)


def _chosen(contract: PluginContract, given: Sequence[Any], name: str, kind: str, hook: str) -> Any:
    names = [str(getattr(each, "name", type(each).__name__)) for each in given]
    if not given:
        contract.fail(f"it gives no {kind}.", f"{hook}(shell) has to return a list with it.")
    if not name and len(given) == 1:
        return given[0]
    contract.check(
        name in names,
        f"it gives the {kind}s {', '.join(names)}" + (f", and no {name}." if name else "."),
        f'Name the one that is meant: transformer = "{names[0]}". Each has a class of tests.',
    )
    return given[names.index(name)]


def _dear_calls(tested: InputTransformer, text: str) -> set[str]:
    """Ask a transformer whether it applies; give what it does that takes too long for that."""
    found: set[str] = set()
    own = getattr(getattr(tested.transform, "__func__", tested.transform), "__code__", None)

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call":
            found.update(said for builtin, said in _DEAR_BUILTINS.items() if argument is builtin)
        elif event == "call":
            if frame.f_code is own:
                found.add("calls transform()")
            module = frame.f_globals.get("__name__")
            if module in _DEAR_MODULES:
                found.add(_DEAR_MODULES[module])

    with _profiled(watch):
        tested.applies(text)
    return found


class _profiled:
    """Has a function see all calls of this thread."""

    def __init__(self, watch: Callable[[FrameType, str, Any], object]) -> None:
        self._watch = watch
        self._former = sys.getprofile()

    def __enter__(self) -> None:
        sys.setprofile(self._watch)

    def __exit__(self, *error: object) -> None:
        sys.setprofile(self._former)
