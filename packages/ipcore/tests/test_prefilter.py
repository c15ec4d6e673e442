"""Bare names of magics and aliases."""

from __future__ import annotations

import ast
import functools
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets.config import Config

from ipcore.macros import Macro
from ipcore.shell import InteractiveShell


@pytest.fixture
def ran(shell: InteractiveShell) -> list[str]:
    """Give the list of what a magic called ``greet`` was called with."""
    lines: list[str] = []
    shell.magics.register("line", "greet", lines.append)
    return lines


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("greet", ""),
        ("greet you there", "you there"),
        ("greet  ", ""),
        ("greet /tmp", "/tmp"),
        ("greet *.py", "*.py"),
        ("greet -l | wc", "-l | wc"),
        ("greet inside", "inside"),
        ("  greet you", "you"),
    ],
)
def test_a_bare_magic_runs(shell: InteractiveShell, ran: list[str], cell: str, line: str) -> None:
    assert shell.run_cell(cell).success
    assert ran == [line]


@pytest.mark.parametrize(
    "cell",
    [
        "greet = 5",
        "greet: int = 5",
        "greet, b = 1, 2",
        "greet = greet = 1",
        "greet += 1",
        "greet in []",
        "greet()",
    ],
)
def test_what_can_be_python_is_python(shell: InteractiveShell, ran: list[str], cell: str) -> None:
    shell.run_cell(cell, silent=True)
    assert ran == []


def test_a_variable_hides_the_magic_until_it_is_deleted(shell: InteractiveShell, ran: list[str]) -> None:
    for cell in ("greet = 1", "greet", "del greet"):
        shell.run_cell(cell, silent=True)
    assert ran == []
    shell.run_cell("greet")
    assert ran == [""]


def test_cells_of_several_lines_are_python(shell: InteractiveShell, ran: list[str]) -> None:
    assert isinstance(shell.run_cell("x = 1\ngreet", silent=True).error_in_exec, NameError)
    assert ran == []


def test_automagic_can_be_switched_off(shell: InteractiveShell, ran: list[str]) -> None:
    shell.automagic = False
    assert not shell.run_cell("greet", silent=True).success
    assert shell.run_cell("%greet you").success
    assert ran == ["you"]


def test_an_alias_runs_its_command(shell: InteractiveShell, capfd: pytest.CaptureFixture[str]) -> None:
    shell.aliases.define("say", "echo said")
    shell.run_cell("say it")
    assert capfd.readouterr().out.split() == ["said", "it"]


def test_names_in_a_line_are_expanded_once(
    shell: InteractiveShell,
    ran: list[str],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("x", "set")
    shell.push({"x": "$y", "y": "deep"})
    shell.run_cell("%greet $x {{x}} $$x")
    assert ran == ["$y {x} $x"]
    shell.aliases.define("say", "echo said")
    shell.run_cell("%say {{x}} $$x")
    assert capfd.readouterr().out.split() == ["said", "{x}", "%x%" if sys.platform == "win32" else "set"]


# -- macros ------------------------------------------------------------------------


def test_a_macro_runs_its_text_where_its_name_stands_alone(
    shell: InteractiveShell, ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    shell.push({"m": Macro("n = 6\n%greet you\nprint(n * 7)")})
    result = shell.run_cell("m")
    assert result.success
    assert (ran, capsys.readouterr().out) == (["you"], "42\n")
    assert result.cell.transformed_cell == result.transformed
    assert "run_line_magic" in result.transformed


def test_a_traceback_shows_the_line_of_the_macro(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.push({"m": Macro("n = 6\nn / 0")})
    shell.run_cell("m")
    assert "line 2\n    n / 0\n" in capsys.readouterr().err


def test_a_macros_name_can_be_assigned_to(shell: InteractiveShell) -> None:
    shell.push({"m": Macro("n = 6")})
    shell.run_cell("m = 5")
    assert shell.user_ns["m"] == 5


def test_macros_add_up_and_can_be_kept() -> None:
    one = Macro("a = 1")
    both = one + "b = 2" + Macro("c = 3\n")
    assert str(both) == "a = 1\nb = 2\nc = 3\n"
    assert repr(one) == "Macro('a = 1\\n')"
    assert pickle.loads(pickle.dumps(both)) == both != one
    assert len({both, pickle.loads(pickle.dumps(both))}) == 1
    with pytest.raises(TypeError):
        one + 5  # type: ignore[operator]


# -- exit, and others that are always called ----------------------------------------


@pytest.mark.parametrize(
    ("cell", "code"),
    [("exit", None), ("quit", None), ("exit 3", 3), ("exit(3)", 3), ("quit 1 + 1", 2), ("exit;", None)],
)
def test_exit_leaves_with_and_without_parentheses(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, code: object
) -> None:
    shell.run_cell(cell)
    assert (shell.exiting, shell.exit_code) == (True, code)
    assert capsys.readouterr() == ("", "")


def test_the_program_ends_with_the_status_given_to_exit(ipcore: Callable[..., Any]) -> None:
    done = ipcore(typed="print('before')\nquit 1 + 2\nprint('after')\n")
    assert done.returncode == 3
    assert "before" in done.stdout
    assert "after" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("cell", ["exit = 5", "exit: int = 5", "exit, x = 5, 6"])
def test_exit_can_be_a_variable(shell: InteractiveShell, cell: str) -> None:
    assert shell.run_cell(cell).success
    assert shell.user_ns["exit"] == 5
    assert shell.run_cell("exit").result == 5
    assert not shell.exiting


# -- autocall ----------------------------------------------------------------------


def test_autocall_shows_the_call_it_makes_unless_told_not_to(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.autocall = 1
    shell.run_cell("print 6, 7")
    shell.show_rewritten_input = False
    shell.run_cell("print 8")
    assert capsys.readouterr().out == "------> print(6, 7)\n6 7\n8\n"


def test_a_silent_cell_and_a_question_show_no_call(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.autocall = 1
    assert shell.run_cell("n = 1", silent=True).success
    assert shell.run_cell("len 'abc'", silent=True).result == 3
    assert shell.transform_cell("len 'abc'") == "len('abc')\n"
    assert shell.input_transformer_manager.check_complete("len 'abc'")[0] == "complete"
    assert shell.should_run_async("len 'abc'") is False
    assert capsys.readouterr().out == ""


def test_cells_of_several_lines_are_never_called(shell: InteractiveShell) -> None:
    shell.autocall = 2
    assert isinstance(shell.run_cell("x = 1\nlen 'abc'", silent=True).error_before_exec, SyntaxError)


def test_the_command_line_sets_autocall(ipcore: Callable[..., Any]) -> None:
    done = ipcore("--autocall=1", "-c", "print 6")
    assert done.stdout == "------> print(6)\n6\n"
    wrong = ipcore("--autocall=3", "-c", "print(6)")
    assert (wrong.stdout, wrong.stderr.count("\n")) == ("6\n", 1)
    assert "must be one of 0, 1, 2, not 3" in wrong.stderr


def test_plain_cells_import_no_checkers(ipcore: Callable[..., Any]) -> None:
    code = "import sys\nprint([name for name in sys.modules if name.startswith('ipcore.cells.ch')])"
    ipcore(typed="")  # the first run writes a file with all options, and looks at all classes for it
    done = ipcore(typed=f"x = 5\nx\nlen('abc')\nexit_ = 5\n{code}\n")
    assert "]: []\n" in done.stdout


HOSTILE = """
ran = []
class Meta(type):
    def __getattribute__(cls, name):
        ran.append(name)
        return super().__getattribute__(name)
    def __getattr__(cls, name):
        raise SystemExit
class Thing(metaclass=Meta):
    def __getattr__(self, name):
        ran.append(name)
        raise SystemExit
    __class__ = property(lambda self: ran.append("class"))
    def __repr__(self):
        return "a thing"
thing = Thing()
"""


def test_no_code_of_the_users_runs_to_tell_what_a_name_means(shell: InteractiveShell) -> None:
    lines = ("thing", "thing x", "thing.at", "thing.at.all x", "Thing.at x", "thing [1]")
    assert shell.run_cell(HOSTILE).success
    shell.user_ns["ran"].clear()
    assert [shell.transform_cell(line) for line in lines] == [f"{line}\n" for line in lines]
    assert shell.user_ns["ran"] == []
    shell.autocall = 2  # the standard library's static look-up asks for __class__ and __dict__, no more
    assert [shell.transform_cell(line) for line in lines] == [f"{line}\n" for line in lines]
    assert {"at", "all", "_ipshell_prefilter_", "rewrite", "__getitem__"}.isdisjoint(shell.user_ns["ran"])


#: What lines are made of, to find those that are Python as they stand.
_WORDS = """
f x l os.path 'a' 1 ( ) [ ] { } + - * ** / @ & ~ < == = += : := , . .5 ... ; is not in and or if else
for lambda await print f.g
""".split()
_WORDS.append("# c")


@given(words=st.lists(st.sampled_from(_WORDS), max_size=6), first=st.sampled_from(["f", "print", "x"]))
@settings(max_examples=1500, deadline=None)
def test_what_is_python_is_never_called(words: list[str], first: str) -> None:
    line = " ".join([first, *words])
    if not words or words[0] in ("[", "# c", ";"):
        return  # f [x] is a call where f has no items, and f ; at level 2, as in IPython
    try:
        ast.parse(line)
    except (SyntaxError, ValueError):
        return
    assert autocalling().transform_cell(line) == line + "\n"


@given(text=st.text(alphabet=st.characters(exclude_characters="\r\n"), max_size=30))
@settings(max_examples=500, deadline=None)
def test_no_line_makes_it_fail(text: str) -> None:
    made = autocalling()
    changed = made.transform_cell(f"f {text}")
    assert changed.endswith("\n")
    assert made.transform_cell(changed) == changed


@functools.cache
def autocalling() -> InteractiveShell:
    """Give a shell that calls what it can, shared by generated lines; it is not closed."""
    made = InteractiveShell()
    made.start()
    made.run_cell("import os\ndef f(*a, **k): return a\nx, l = 1, [1]\nf.g = f")
    made.autocall = 2
    return made


# -- what extensions register --------------------------------------------------------


class Loud:
    """A checker and its handler: lines that end with an exclamation mark."""

    priority = 200
    enabled = True

    def __init__(self) -> None:
        self.seen: list[str] = []

    def check(self, info: Any) -> Any:
        self.seen.append(info.line)
        return self if info.line.endswith("!") else None

    def handle(self, info: Any) -> str:
        return f"said = {info.line.upper()!r}"


def test_a_registered_checker_has_lines_rewritten(shell: InteractiveShell) -> None:
    loud = Loud()
    shell.run_cell("pass")
    shell.prefilter_manager.register_checker(loud)
    shell.prefilter_manager.register_checker(loud)
    assert shell.run_cell("hey you!").success
    assert shell.user_ns["said"] == "HEY YOU!"
    shell.run_cell("x = 1")
    shell.run_cell("x = 1\ny = 2")
    assert loud.seen == ["hey you!", "x = 1"]
    loud.enabled = False
    assert not shell.run_cell("hey!", silent=True).success
    loud.enabled = True
    shell.prefilter_manager.unregister_checker(loud)
    assert not shell.run_cell("hey!", silent=True).success
    assert len(loud.seen) == 2


def test_checkers_are_asked_by_priority(shell: InteractiveShell) -> None:
    asked: list[str] = []

    class Listens:
        def __init__(self, name: str, priority: int) -> None:
            self.name, self.priority = name, priority

        def check(self, info: Any) -> None:
            asked.append(self.name)

    for name, priority in (("late", 2000), ("early", 10), ("middle", 650)):
        shell.prefilter_manager.register_checker(Listens(name, priority))
    shell.run_cell("x = 1")
    assert asked == ["early"]  # an assignment is decided at 600
    asked.clear()
    shell.run_cell("x")
    assert asked == ["early", "middle", "late"]


def test_a_registered_handler_takes_lines_by_how_they_begin(shell: InteractiveShell) -> None:
    loud = Loud()
    shell.prefilter_manager.register_handler("loud", loud, esc_strings=["@@"])
    assert shell.prefilter_manager.get_handler_by_name("loud") is loud
    assert shell.prefilter_manager.get_handler_by_esc("@@") is loud
    assert shell.run_cell("@@hey").success
    assert shell.user_ns["said"] == "@@HEY"
    shell.prefilter_manager.unregister_handler("loud", loud, ["@@"])
    assert not shell.run_cell("@@hey", silent=True).success


def test_a_registered_transformer_sees_lines_before_the_checkers(
    shell: InteractiveShell, ran: list[str]
) -> None:
    class Polite:
        def transform(self, line: str, continue_prompt: bool) -> str:
            return line.removeprefix("please ")

    polite = Polite()
    shell.prefilter_manager.register_transformer(polite)
    shell.run_cell("please greet me")
    assert ran == ["me"]
    shell.prefilter_manager.unregister_transformer(polite)
    assert not shell.run_cell("please greet me", silent=True).success


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), 5])
@pytest.mark.parametrize("kind", ["checker", "handler", "transformer"])
def test_what_fails_is_told_once_and_unregistered(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], error: object, kind: str
) -> None:
    class Broken:
        priority = 1

        def fail(self, *given: Any) -> Any:
            if isinstance(error, BaseException):
                raise error
            return error

        if kind == "checker":
            check = fail
        elif kind == "transformer":
            transform = fail
        else:
            handle = fail

            def check(self, info: Any) -> Any:
                return self if info.line == "x" else None

    broken = Broken()
    manager = shell.prefilter_manager
    if kind == "transformer":
        manager.register_transformer(broken)
    else:
        manager.register_checker(broken)
    shell.push({"x": 7})
    assert shell.run_cell("x").result == 7
    told = capsys.readouterr().err
    assert told.startswith("ipshell: Broken, registered with prefilter_manager: ")
    assert told.endswith(" It is unregistered, and the line stays as it is.\n")
    assert told.count("\n") == 1
    assert shell.run_cell("x").result == 7
    assert capsys.readouterr().err == ""


def test_a_failing_handler_loses_its_name_and_the_shells_own_comes_back(
    shell: InteractiveShell, ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        def handle(self, info: Any) -> str:
            raise ValueError("no")

    manager = shell.prefilter_manager
    broken = Broken()
    manager.register_handler("magic", broken)
    manager.register_handler("other", broken, esc_strings=["@@"])
    assert isinstance(shell.run_cell("greet you", silent=True).error_before_exec, SyntaxError)
    assert capsys.readouterr().err.count("\n") == 1
    assert manager.get_handler_by_name("other") is None
    assert manager.get_handler_by_esc("@@") is None
    shell.run_cell("greet you")
    assert ran == ["you"]


def test_a_syntax_error_refuses_the_line(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    class Strict:
        def check(self, info: Any) -> None:
            if info.ifun == "forbidden":
                raise SyntaxError("not here")

    shell.prefilter_manager.register_checker(Strict())
    result = shell.run_cell("forbidden = 1")
    assert isinstance(result.error_before_exec, SyntaxError)
    assert "forbidden" not in shell.user_ns
    assert capsys.readouterr().err == "SyntaxError: not here\n"


def test_what_cannot_check_or_handle_is_not_taken(shell: InteractiveShell) -> None:
    manager = shell.prefilter_manager
    for register in (manager.register_checker, manager.register_transformer):
        with pytest.raises(TypeError, match="object has no method"):
            register(object())
    with pytest.raises(TypeError, match=r"int has no method handle\(\)"):
        manager.register_handler("five", 5)
    loud = Loud()
    loud.priority = "high"  # type: ignore[assignment]
    with pytest.raises(TypeError, match="the priority of Loud is not a number: 'high'"):
        manager.register_checker(loud)


def test_a_question_leaves_out_what_has_side_effects(shell: InteractiveShell) -> None:
    loud = Loud()
    loud.has_side_effects = True  # type: ignore[attr-defined]
    shell.prefilter_manager.register_checker(loud)
    assert shell.input_transformer_manager.check_complete("hey you!")[0] == "invalid"
    assert loud.seen == []
    shell.run_cell("hey you!")
    assert loud.seen == ["hey you!"]


# -- configuration -------------------------------------------------------------------


def test_checkers_can_be_switched_off_and_reordered(ipcore: Callable[..., Any]) -> None:
    lines = "from ipcore.macros import Macro\nm = Macro('print(1)')\nm\n"
    on = ipcore("--nosep", typed=lines)
    off = ipcore("--nosep", "--PrefilterManager.enabled.macro=False", typed=lines)
    assert "In [3]: 1\n" in on.stdout
    assert "Out[3]: Macro('print(1)\\n')" in off.stdout
    assert off.stderr == ""
    wrong = ipcore("--nosep", "--PrefilterManager.priorities.macro=soon", typed=lines)
    assert "In [3]: 1\n" in wrong.stdout
    assert (
        wrong.stderr == "ipshell: PrefilterManager.priorities, macro: 'soon' should be an int; 250 is kept.\n"
    )


def test_a_checker_that_does_not_exist_is_told(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    made = InteractiveShell(config=Config({"PrefilterManager": {"priorities": {"automatic": 5}}}))
    made.start()
    try:
        made.run_cell("pass")
    finally:
        made.close()
    said = capsys.readouterr().err
    assert said.startswith(
        "ipshell: PrefilterManager.priorities: there is no checker 'automatic'; there are emacs, "
    )
    assert said.count("\n") == 1


def test_the_place_of_a_checker_counts(ran: list[str]) -> None:
    made = InteractiveShell(config=Config({"PrefilterManager": {"priorities": {"autocalled": 20}}}))
    made.start()
    try:
        assert [each.name for each in made.prefilter_manager.checkers][:2] == ["autocalled", "emacs"]
    finally:
        made.close()


@pytest.mark.parametrize("line", ["cd work", "pwd", "who", "run it.py"])
def test_a_command_of_a_part_that_is_missing_names_the_part(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    shell.run_cell(line)
    assert f"%{line.split()[0]} comes with ipmagics, which is not installed." in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["time.sleep(1)", "nosuch", "who = nosuch", "if True: who", "x\nwho", "run = = 1"]
)
def test_a_mistake_in_python_is_not_taken_for_a_command(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    shell.run_cell("run = 1\n" + "pass")
    shell.run_cell(line)
    assert "comes with" not in capsys.readouterr().err
