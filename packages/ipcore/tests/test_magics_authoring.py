"""Writing magics: classes, functions, and what the decorators change."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from traitlets import Int
from traitlets.config import Config

from ipcore.errors import UsageError
from ipcore.magics import (
    Magics,
    cell_magic,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
    output_can_be_silenced,
    register_cell_magic,
    register_line_cell_magic,
    register_line_magic,
    skip_doctest,
)
from ipcore.shell import InteractiveShell


@magics_class
class Trial(Magics):
    """One magic of each sort."""

    times = Int(1, help="How often.").tag(config=True)
    was_closed = False

    @line_magic
    def shout(self, line: str) -> str:
        """Say it louder."""
        return line.upper() * self.times

    @cell_magic("count")
    def count_lines(self, line: str, cell: str) -> tuple[str, int]:
        return line, len(cell.splitlines())

    @line_cell_magic
    def both(self, line: str, cell: str | None = None) -> tuple[str, str | None]:
        return line, cell

    @line_magic("a")
    @line_magic("b")
    @cell_magic("c")
    def several(self, line: str, cell: str = "none") -> str:
        return cell

    @line_magic()
    @staticmethod
    def plain(line: str) -> str:
        return f"<{line}>"

    def on_close(self) -> None:
        self.was_closed = True


def value(shell: InteractiveShell, cell: str) -> Any:
    result = shell.run_cell(cell, silent=True)
    result.raise_error()
    return result.result


def failure(shell: InteractiveShell, cell: str) -> str:
    with pytest.raises(UsageError) as caught:
        value(shell, cell)
    return str(caught.value)


def test_the_methods_of_a_class_are_magics(shell: InteractiveShell) -> None:
    shell.register_magics(Trial)
    assert value(shell, "%shout hello") == "HELLO"
    assert value(shell, "%%count it\none\ntwo\n") == ("it", 2)
    assert value(shell, "%both x") == ("x", None)
    assert value(shell, "%%both x\ny\n") == ("x", "y\n")
    assert [value(shell, cell) for cell in ("%a", "%b", "%%c\nd")] == ["none", "none", "d\n"]
    assert value(shell, "%plain x") == "<x>"


def test_an_object_with_arguments_of_its_own_is_registered_too(shell: InteractiveShell) -> None:
    class WithData(Magics):
        def __init__(self, shell: InteractiveShell, data: int) -> None:
            super().__init__(shell)
            self.data = data

        @line_magic
        def data_of(self, line: str) -> int:
            return self.data

    shell.register_magics(WithData(shell, 7))
    assert value(shell, "%data_of") == 7


def test_what_is_no_magics_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(TypeError, match="derive the class from"):
        shell.register_magics(int)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="subclasses of Magics"):
        magics_class(int)  # type: ignore[type-var]
    with pytest.raises(TypeError, match="@line_magic takes a function or a name, not int"):
        line_magic(3)  # type: ignore[call-overload]


def test_a_subclass_has_the_magics_of_its_base_and_its_own_methods(shell: InteractiveShell) -> None:
    class More(Trial):
        several = None  # type: ignore[assignment]

        def shout(self, line: str) -> str:
            return f"{line}!"

        @line_magic
        def more(self, line: str) -> str:
            return "more"

        @line_magic("plain")
        def not_plain(self, line: str) -> str:
            return "not plain"

    shell.register_magics(More)
    assert value(shell, "%shout hello") == "hello!"
    assert value(shell, "%more") == "more"
    assert value(shell, "%plain") == "not plain"
    assert "not found" in failure(shell, "%a")


def test_a_decorator_on_top_does_not_hide_a_magic(shell: InteractiveShell) -> None:
    def twice(function: Callable[..., str]) -> Callable[..., str]:
        @functools.wraps(function)
        def run(*arguments: Any) -> str:
            return function(*arguments) * 2

        return run

    class Wrapped(Magics):
        @twice
        @line_magic
        def echo(self, line: str) -> str:
            return line

        @staticmethod
        @line_magic
        def still(line: str) -> str:
            return line

    shell.register_magics(Wrapped)
    assert value(shell, "%echo ab") == "abab"
    assert value(shell, "%still ab") == "ab"


def test_a_class_of_magics_is_configured_and_closed_with_its_shell() -> None:
    shell = InteractiveShell(config=Config({"Trial": {"times": 3}}))
    shell.register_magics(Trial)
    made = shell.magics_manager.registry["Trial"]
    assert isinstance(made, Trial)
    assert made.shell is shell
    assert made in shell.configurables
    assert shell.run_line_magic("shout", "a") == "AAA"
    shell.close()
    assert made.was_closed


def test_magics_may_have_names_that_components_use(shell: InteractiveShell) -> None:
    class Names(Magics):
        started = 0.0
        name = "mine"

        @line_magic
        def start(self, line: str) -> str:
            self.started = 1.0
            return self.name

        @line_magic
        def close(self, line: str) -> float:
            return self.started

        find = line_magic("find")(lambda self, line: "found")

    shell.register_magics(Names)
    assert [value(shell, cell) for cell in ("%start", "%close", "%find")] == ["mine", 1.0, "found"]


def test_magics_that_do_not_end_cleanly_are_named_and_the_others_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Bad(Magics):
        def on_close(self) -> None:
            raise SystemExit(3)

    shell = InteractiveShell()
    shell.register_magics(Trial, Bad)
    good = shell.magics.registry["Trial"]
    shell.close()
    assert isinstance(good, Trial)
    assert good.was_closed
    assert "ipshell: The magics Bad did not end cleanly: " in capsys.readouterr().err


def test_a_mistake_in_the_configuration_of_magics_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell(config=Config({"Trial": {"times": "many", "tims": 2}}))
    shell.register_magics(Trial)
    told = capsys.readouterr().err
    assert "Trial.times" in told
    assert "did you mean Trial.times" in told
    assert shell.run_line_magic("shout", "x") == "X"
    shell.close()


def test_registering_a_class_again_replaces_and_closes_the_former_object(shell: InteractiveShell) -> None:
    ended = []

    def made(with_old: bool) -> type[Magics]:
        class Reloaded(Magics):
            @line_magic
            def kept(self, line: str) -> bool:
                return with_old

            def on_close(self) -> None:
                ended.append(with_old)

            if with_old:

                @line_magic
                def dropped(self, line: str) -> None: ...

        return Reloaded

    shell.register_magics(made(True))
    former = shell.magics.registry["Reloaded"]
    shell.register_magics(made(False))
    assert value(shell, "%kept") is False
    assert "not found" in failure(shell, "%dropped")
    assert ended == [True]
    assert former not in shell.configurables
    shell.close()
    assert ended == [True, False]


def test_an_object_that_was_given_is_not_closed_by_its_successor(shell: InteractiveShell) -> None:
    shell.register_magics(Trial)
    made = shell.magics.registry["Trial"]
    assert isinstance(made, Trial)
    mine = Trial(shell)
    shell.register_magics(mine, mine)
    assert made.was_closed
    shell.register_magics(Trial)
    assert not mine.was_closed
    assert value(shell, "%shout x") == "X"


def test_the_instance_of_a_reloaded_class_is_made_anew(shell: InteractiveShell) -> None:
    def made() -> type[Magics]:
        class Reloaded(Magics): ...

        return Reloaded

    former, latter = made(), made()
    assert type(shell.magics.instance(former)) is former
    assert type(shell.magics.instance(latter)) is latter


def test_one_instance_of_a_class_is_shared_within_a_shell(shell: InteractiveShell) -> None:
    first = shell.magics.instance(Trial)
    assert shell.magics.instance(Trial) is first
    assert "shout" not in shell.magics.names("line")
    other = InteractiveShell()
    assert other.magics.instance(Trial) is not first
    other.close()


def test_functions_are_registered_in_the_running_shell(shell: InteractiveShell) -> None:
    @register_line_magic
    def one(line: str) -> str:
        return line

    @register_cell_magic("two")
    def second(line: str, cell: str) -> str:
        return cell

    @register_line_cell_magic
    def three(line: str, cell: str | None = None) -> str | None:
        return cell

    assert one("called") == "called"
    assert value(shell, "%one x") == "x"
    assert value(shell, "%%two\nx") == "x\n"
    assert value(shell, "%three") is None
    assert value(shell, "%%three\nx") == "x\n"


def test_registering_a_function_without_a_shell_says_so() -> None:
    with pytest.raises(NameError, match="@register_line_magic needs a running shell"):

        @register_line_magic
        def one(line: str) -> None: ...


@pytest.mark.parametrize(("kind", "kinds"), [("line", "l"), ("cell", "c"), ("line_cell", "lc")])
def test_a_function_is_registered_by_kind_and_name(shell: InteractiveShell, kind: str, kinds: str) -> None:
    shell.register_magic_function(lambda *arguments: arguments, kind, "given")
    assert (shell.find_line_magic("given") is not None) == ("l" in kinds)
    assert (shell.find_cell_magic("given") is not None) == ("c" in kinds)


def test_a_wrong_kind_name_or_function_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(ValueError, match="no kind of magic 'word'"):
        shell.register_magic_function(print, "word")
    with pytest.raises(ValueError, match="'two words' cannot be the name of a magic"):
        shell.register_magic_function(print, "line", "two words")
    with pytest.raises(ValueError, match="'' cannot be"):
        shell.register_magic_function(functools.partial(print), "line")
    with pytest.raises(TypeError, match="the magic %x is int, not a function"):
        shell.magics.register("line", "x", 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no kind of magic 'word'"):
        shell.find_magic("x", "word")


def test_the_line_is_expanded_unless_the_magic_says_no(shell: InteractiveShell) -> None:
    shell.register_magic_function(lambda line: line, "line", "expanded")
    shell.register_magic_function(no_var_expand(lambda line: line), "line", "as_typed")
    shell.register_magic_function(no_var_expand(lambda line, cell: line), "cell", "cell_as_typed")
    shell.push({"x": 5})
    assert value(shell, "%expanded $x {x + 1}") == "5 6"
    assert value(shell, "%as_typed $x {x + 1}") == "$x {x + 1}"
    assert value(shell, "%%cell_as_typed $x\ny") == "$x"


def test_names_of_the_calling_function_count_in_the_line(shell: InteractiveShell) -> None:
    shell.register_magic_function(lambda line: line, "line", "expanded")
    assert value(shell, "def f():\n    x = 'local'\n    y = %expanded $x\n    return y\nf()") == "local"


def test_a_magic_gets_the_names_of_the_function_it_is_used_in(shell: InteractiveShell) -> None:
    class Scoped(Magics):
        @needs_local_scope
        @line_cell_magic
        def names(
            self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None
        ) -> list[str]:
            assert local_ns is not None
            return [name for name in ("inside", "outside") if name in local_ns]

    shell.register_magics(Scoped)
    shell.push({"outside": 1})
    assert value(shell, "%names") == ["outside"]
    assert value(shell, "%%names\nx") == ["outside"]
    function = "def f():\n    inside = 1\n    found = %names\n    return found\nf()"
    assert value(shell, function) == ["inside"]


def test_a_semicolon_silences_the_magics_that_allow_it(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.register_magic_function(output_can_be_silenced(lambda line: line), "line", "quiet")
    shell.register_magic_function(output_can_be_silenced(lambda line, cell: cell), "cell", "quiet")
    shell.register_magic_function(lambda line: line, "line", "loud")
    assert shell.run_line_magic("quiet", "x") == "x"
    assert shell.run_line_magic("quiet", "x;  # said") is None
    assert shell.run_line_magic("loud", "x;") == "x;"
    assert shell.run_cell_magic("quiet", "", "1\n2\n") == "1\n2\n"
    assert shell.run_cell_magic("quiet", "", "1\n2;\n") is None


def test_the_other_marks_leave_the_function_as_it_is() -> None:
    def function(line: str) -> None: ...

    assert skip_doctest(function) is function
    assert function.skip_doctest  # type: ignore[attr-defined]


def test_a_cell_magic_without_a_body_is_refused_with_a_hint(shell: InteractiveShell) -> None:
    shell.register_magics(Trial)
    assert failure(shell, "%%count") == "%%count is a cell magic, but the cell body is empty."
    assert failure(shell, "%%both") == (
        "%%both is a cell magic, but the cell body is empty. Did you mean the line magic %both (single %)?"
    )


def test_a_body_of_blank_lines_is_one(shell: InteractiveShell) -> None:
    shell.register_magics(Trial)
    assert value(shell, "%%count x\n\n") == ("x", 1)


def test_the_wrong_kind_of_magic_is_refused_with_a_hint(shell: InteractiveShell) -> None:
    shell.register_magics(Trial)
    assert failure(shell, "%count") == (
        "Line magic function `%count` not found. But %%count exists: did you mean that?"
    )
    assert failure(shell, "%%shout\nx") == (
        "Cell magic function `%%shout` not found. But %shout exists: did you mean that?"
    )
    assert failure(shell, "%shuot").endswith("Did you mean %shout?")


def test_options_of_a_class_may_have_defaults(shell: InteractiveShell) -> None:
    class WithOptions(Magics):
        @line_magic("repeat")
        def again(self, line: str) -> tuple[dict[str, Any], str]:
            options, rest = self.parse_options(line, "n:q")
            return dict(options), rest

    shell.register_magics(WithOptions)
    made = shell.magics.registry["WithOptions"]
    assert value(shell, "%repeat -n 2 x") == ({"n": "2"}, "x")
    made.default_option("repeat", "-q")
    assert value(shell, "%repeat -n 2 x") == ({"q": "", "n": "2"}, "x")
    with pytest.raises(UsageError, match="nosuch is no magic of WithOptions; it has: repeat"):
        made.default_option("nosuch", "-q")
    assert failure(shell, "%repeat -z") == "option -z not recognized; there are: -n -q"


@pytest.mark.parametrize("asked", ["%shout?", "shout?", "%%shout?"])
def test_help_on_a_magic_is_its_docstring(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], asked: str
) -> None:
    shell.register_magics(Trial)
    shell.run_cell(asked)
    assert "Say it louder." in capsys.readouterr().out


def test_help_on_a_name_of_both_kinds_is_on_the_kind_asked_for(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def in_line(line: str) -> None:
        """In a line."""

    def in_cell(line: str, cell: str) -> None:
        """In a cell."""

    shell.register_magic_function(in_line, "line", "twofold")
    shell.register_magic_function(in_cell, "cell", "twofold")
    for name in ("%twofold", "twofold"):
        shell.run_line_magic("pinfo", name)
        said = capsys.readouterr().out
        assert "In a line." in said
        assert "Signature" not in said
    shell.run_line_magic("pinfo", "%%twofold")
    assert "In a cell." in capsys.readouterr().out
    shell.run_line_magic("pinfo", "%nosuch")
    assert capsys.readouterr().out == "Object `%nosuch` not found.\n"
    shell.run_line_magic("pinfo", "%%timeit")
    assert capsys.readouterr().out == (
        "Object `%%timeit` not found. It comes with ipmagics, which is not installed.\n"
    )


def test_an_object_that_fails_whoever_looks_at_it_is_described(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    class Hostile:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

        def __call__(self) -> None:
            """Do nothing."""

    shell.user_ns["hostile"] = Hostile()
    for magic in ("pinfo", "pinfo2"):
        shell.run_line_magic(magic, "hostile")
        assert "Hostile\n" in capsys.readouterr().out


def test_the_source_of_a_magic_can_be_asked_for(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.register_magics(Trial)
    shell.run_cell("%count??")
    assert "def count_lines" in capsys.readouterr().out


def test_a_shell_is_not_needed_to_make_an_object() -> None:
    assert Trial().magics["line"]["shout"]("x") == "X"
