"""Plain tracebacks of errors that do their worst: type and message are always there, and soon."""

from __future__ import annotations

import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore.plain import stacks
from ipcore.plain.tracebacks import MOST_LINKED, PlainTracebacks
from ipcore.shell import InteractiveShell

Run = Callable[..., subprocess.CompletedProcess[str]]


def raised(code: Callable[[], object]) -> Any:
    """Give what a function raises."""
    try:
        code()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def fail(error: BaseException) -> Any:
    """Give an error that was raised."""

    def code() -> None:
        raise error

    return raised(code)


def text_of(error: BaseException) -> str:
    lines = PlainTracebacks().format(error)
    assert all(type(line) is str and "\n" not in line for line in lines)
    return "\n".join(lines)


# -- the layout is the standard library's ------------------------------------------


def chained() -> None:
    try:
        try:
            raise KeyError("a")
        except KeyError as error:
            raise ValueError("b") from error
    except ValueError:
        raise OSError(2, "c") from None


def handled() -> None:
    try:
        [][0]
    except IndexError:
        int("b")


def noted() -> None:
    error = ValueError("two\nlines")
    error.add_note("first")
    error.add_note("second\nthird")
    raise error


def grouped() -> None:
    inner = ExceptionGroup("inner", [fail(KeyError("k")), TypeError("t")])
    outer = ExceptionGroup("outer", [fail(inner), raised(handled), ExceptionGroup("last", [OSError("o")])])
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        raise outer from raised(noted)


def misspelt() -> None:
    sys.versoin  # type: ignore[attr-defined]  # noqa: B018


def misnamed() -> None:
    textt = 1
    del textt
    prnt  # type: ignore[name-defined]  # noqa: B018, F821


def unparsed() -> None:
    compile("a = 1\nb = = 2\n", "somewhere.py", "exec")


def indented() -> None:
    compile("if 1:\nb = 2\n", "somewhere.py", "exec")


def recursing() -> None:
    recursing()


class Own(Exception):
    """An error of this module's."""


def failing() -> None:
    raise Own("own")


@pytest.mark.parametrize(
    "code",
    [
        chained,
        handled,
        noted,
        grouped,
        misspelt,
        misnamed,
        unparsed,
        indented,
        recursing,
        failing,
        lambda: fail(ValueError()).args[5],
        lambda: exec("raise BaseException('base')"),
        lambda: exec("raise SyntaxError"),
        lambda: exec("raise SyntaxError('by hand')"),
        lambda: int("x"),
    ],
)
def test_an_ordinary_error_is_shown_as_the_standard_library_shows_it(code: Callable[[], object]) -> None:
    error = raised(code)
    lines = "".join(traceback.format_exception(error)).rstrip("\n").split("\n")
    wanted = "\n".join(line.rstrip() for line in lines)
    found = text_of(error)
    if sys.version_info < (3, 12):  # there the library has no ideas, the interpreter's own hook has
        found = found.partition(". Did you mean")[0]
    assert found == wanted


# -- hostile exceptions --------------------------------------------------------------


def make(base: type[BaseException] = Exception, /, **methods: Any) -> Any:
    return type("Hostile", (base,), methods)()


def refuse(*arguments: object) -> Any:
    raise SystemExit("refused")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "__str__",
            "__repr__",
            "__getattribute__",
            "__getattr__",
            "__dir__",
            "__eq__",
            "__hash__",
            "__bool__",
        ),
        *("__class__", "__cause__", "__context__", "__suppress_context__", "__traceback__", "__notes__"),
        *("__dict__", "args", "exceptions", "msg", "name", "obj", "text", "__module__", "__len__"),
    ],
)
@pytest.mark.parametrize("base", [Exception, SyntaxError, AttributeError, NameError, ImportError, OSError])
@pytest.mark.parametrize("how", ["method", "property", "wrong"])
def test_type_and_place_of_a_hostile_error_are_shown(name: str, base: type[BaseException], how: str) -> None:
    value: Any = {"method": refuse, "property": property(refuse), "wrong": 5}[how]
    error = make(base, **{name: value})
    text = text_of(fail(error))
    assert "Hostile" in text
    assert "test_tracebacks_hostile.py" in text


def test_a_hostile_group_is_shown() -> None:
    error = type("Group", (ExceptionGroup,), {"exceptions": property(refuse), "__str__": refuse})
    text = text_of(fail(error("g", [ValueError("inside")])))
    assert "ValueError: inside" in text
    assert "Group: <no message: it raised it tried to end the program" in text


def test_a_message_that_is_late_is_left_out_and_the_rest_is_there() -> None:
    free = threading.Event()
    try:
        slow = make(__str__=lambda self: str(free.wait(60)))
        group = ExceptionGroup("g", [slow, ValueError("other"), slow])
        text = text_of(fail(group))
    finally:
        free.set()
    assert text.count("Hostile: <no message: it takes more than 0.2 s>") == 2
    assert "ValueError: other" in text


def test_an_object_that_is_slow_to_list_its_names_costs_the_hint_alone() -> None:
    free = threading.Event()
    thing = type("Thing", (), {"__dir__": lambda self: [str(free.wait(60))]})()
    try:
        text = text_of(raised(lambda: thing.missing))
    finally:
        free.set()
    assert text.endswith("AttributeError: 'Thing' object has no attribute 'missing'")


def test_a_message_of_any_length_is_bounded() -> None:
    assert len(text_of(ValueError("x" * 10**7))) < 21_000
    assert len(text_of(KeyError("x" * 10**7))) < 21_000
    assert len(text_of(SyntaxError("x" * 10**7, ("f" * 10**6, 1, 1, "y" * 10**6)))) < 30_000
    error = ValueError("v")
    for number in range(1000):
        error.add_note(f"note {number}")
    assert text_of(error).endswith("note 99\n[900 more notes]")


hostile_texts = st.one_of(
    st.none(), st.integers(), st.text(max_size=30), st.binary(max_size=5), st.just(10**9)
)


@given(st.lists(hostile_texts, min_size=7, max_size=7), hostile_texts)
def test_a_syntax_error_of_any_contents_is_shown(fields: list[Any], note: Any) -> None:
    error = SyntaxError()
    for name, value in zip(
        ("msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset"), fields, strict=True
    ):
        setattr(error, name, value)
    error.__notes__ = note
    assert "SyntaxError" in text_of(error)


@st.composite
def tangles(draw: st.DrawFn) -> list[BaseException]:
    """Errors that hang on each other in every way, cycles and hostile ones included."""
    count = draw(st.integers(1, 8))
    errors: list[BaseException] = []
    for number in range(count):
        kind = draw(st.sampled_from(["plain", "raised", "group", "hostile", "syntax"]))
        if kind == "group" and errors:
            chosen = draw(st.lists(st.sampled_from(range(number)), min_size=1, max_size=4))
            errors.append(BaseExceptionGroup(f"g{number}", [errors[at] for at in chosen]))
        elif kind == "hostile":
            names = st.sampled_from(["__str__", "__getattribute__", "__class__", "__notes__", "__dict__"])
            name = draw(names)
            errors.append(make(Exception, **{name: draw(st.sampled_from([refuse, property(refuse), 5]))}))
        elif kind == "syntax":
            errors.append(SyntaxError("s", ("f", draw(st.integers(-1, 9)), draw(st.integers(-1, 9)), "a b")))
        else:
            errors.append(ValueError(f"v{number}") if kind == "plain" else fail(ValueError(f"r{number}")))
    for error in errors:
        for descriptor in ("__cause__", "__context__"):
            at = draw(st.integers(-1, count - 1))
            BaseException.__dict__[descriptor].__set__(error, errors[at] if at >= 0 else None)
        BaseException.__dict__["__suppress_context__"].__set__(error, draw(st.booleans()))
    return errors


@given(tangles())
def test_whatever_hangs_on_an_error_type_and_message_are_shown(errors: list[BaseException]) -> None:
    error = errors[-1]
    text = text_of(error)
    name = type.__dict__["__name__"].__get__(type(error))
    assert name in text
    assert len(text.splitlines()) < 20_000


# -- huge ones -----------------------------------------------------------------------


@pytest.fixture
def deep() -> Iterator[int]:
    """Allow for a recursion 10,000 deep; give that number."""
    former = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield 10_000
    sys.setrecursionlimit(former)


@pytest.fixture
def read_lines(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Give the list of the frames whose source is read, filled as it happens."""
    read: list[object] = []
    source_line = stacks._source_line

    def reading(place: Any, checked: set[str]) -> str:
        read.append(place)
        return source_line(place, checked)

    monkeypatch.setattr(stacks, "_source_line", reading)
    return read


def test_a_deep_recursion_is_folded_before_it_is_formatted(deep: int, read_lines: list[object]) -> None:
    def down(left: int) -> None:
        if left == 0:
            raise ValueError("bottom")
        down(left - 1)

    text = text_of(raised(lambda: down(deep)))
    assert f"  [Previous line repeated {deep - 3} more times]" in text
    assert text.endswith("ValueError: bottom")
    assert len(read_lines) < 10


def test_functions_that_call_each_other_are_folded_too(deep: int, read_lines: list[object]) -> None:
    def one(left: int) -> None:
        if left == 0:
            raise ValueError("bottom")
        two(left - 1)

    def two(left: int) -> None:
        three(left)

    def three(left: int) -> None:
        one(left)

    text = text_of(raised(lambda: one(deep // 3)))
    assert "  [Previous 3 frames repeated" in text
    assert len(read_lines) < 20


def test_a_stack_without_repetition_is_cut_in_its_middle(deep: int, read_lines: list[object]) -> None:
    source = [f"def f{number}(): f{number + 1}()" for number in range(3000)]
    space: dict[str, Any] = {}
    exec("\n".join([*source, "def f3000(): 1/0"]), space)
    text = text_of(raised(space["f0"]))
    assert "in f0\n" in text
    assert "in f3000\n" in text
    assert "frames left out]" in text
    assert len(read_lines) == stacks.MOST_FRAMES


def test_a_long_chain_is_cut_in_its_middle() -> None:
    error: BaseException = ValueError(0)
    for number in range(1, 10_000):
        later = ValueError(number)
        later.__cause__ = error
        error = later
    text = text_of(error)
    assert text.startswith(
        f"ValueError: 0\n\n[{10_000 - MOST_LINKED} exceptions in between left out]\n\nThe above"
    )
    assert text.count("ValueError") == MOST_LINKED
    assert text.endswith("ValueError: 9999")


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__context__ = second, first
    assert text_of(first).count("ValueError") == 2
    own = ValueError("own")
    own.__cause__ = own
    assert text_of(own) == "ValueError: own"


def test_a_huge_group_is_cut_and_counted() -> None:
    text = text_of(ExceptionGroup("many", [ValueError(0)] * 100_000))
    assert "    | and 99985 more exceptions\n" in text
    assert len(text.splitlines()) < 50


def test_a_group_of_any_depth_and_width_is_bounded() -> None:
    error: Exception = ValueError("leaf")
    for number in range(1000):
        error = ExceptionGroup(str(number), [error] * 10)
    text = text_of(error)
    assert "ExceptionGroup: 999 (10 sub-exceptions)" in text
    assert len(text.splitlines()) < 1000


# -- sources ---------------------------------------------------------------------------


def run(path: Path, source: str) -> Any:
    path.write_text(source, encoding="utf-8")
    return raised(lambda: exec(compile(source, str(path), "exec"), {}))


def test_the_line_of_a_long_file_is_shown(tmp_path: Path) -> None:
    text = text_of(run(tmp_path / "long.py", "x = 1\n" * 50_000 + "1 / 0\n"))
    assert f'File "{tmp_path / "long.py"}", line 50001, in <module>\n    1 / 0\n' in text


def test_a_source_that_is_gone_or_changed_or_unreadable_keeps_the_place(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    error = run(path, "def f():\n    return (1 +\n        undefined)\n\nf()\n")
    place = f'File "{path}", line 3, in f'
    assert place in text_of(error)
    for contents in (
        b"",
        b"x",
        b"\n" * 9,
        "é\n".encode() * 9,
        b"\xff\xfe\x00" * 9,
        b"\0\n" * 9,
        b"a\t(b\n" * 9,
    ):
        path.write_bytes(contents)
        text = text_of(error)
        assert place in text
        assert "NameError: name 'undefined' is not defined" in text
    path.unlink()
    assert "undefined)" not in text_of(error)
    path.mkdir()
    assert place in text_of(error)


def test_a_source_that_is_one_endless_line_is_cut(tmp_path: Path) -> None:
    text = text_of(run(tmp_path / "minified.py", "x = 1;" * 100_000 + "1 / 0\n"))
    assert max(map(len, text.splitlines())) < 500


def test_a_file_too_big_to_read_keeps_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "BIGGEST_FILE", 100)
    text = text_of(run(tmp_path / "big.py", "x = 1\n" * 100 + "1 / 0\n"))
    assert text.endswith("line 101, in <module>\nZeroDivisionError: division by zero")


def test_a_loader_that_fails_keeps_the_place() -> None:
    class Loader:
        def get_source(self, name: str) -> str:
            raise RuntimeError("no source")

    space = {"__name__": "made", "__loader__": Loader()}
    text = text_of(raised(lambda: exec(compile("1 / 0", "made.zip/made.py", "exec"), space)))
    assert 'File "made.zip/made.py", line 1, in <module>\nZeroDivisionError' in text


# -- the whole way ---------------------------------------------------------------------


def test_a_part_that_tries_to_end_the_program_is_passed_over(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    class Quitting(PlainTracebacks):
        def format(self, error: BaseException) -> list[str]:
            raise SystemExit(3)

    shell.replace_part("tracebacks", Quitting(parent=shell))
    shell.run_cell("1 / 0")
    text = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero\n(showing the traceback failed: it tried to end" in text


def test_a_hostile_error_in_a_cell_leaves_the_shell_alive(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell(
        "class E(Exception):\n"
        "    def __getattribute__(self, name): raise SystemExit(3)\n"
        "    __str__ = __class__ = property(lambda self: 1 / 0)\n"
        "raise E"
    )
    text = capsys.readouterr().err
    assert "Cell In[1], line 4\n    raise E\n" in text
    assert text.splitlines()[-1].startswith("E: <no message")
    assert shell.run_cell("1").success


HOSTILE = """\
class Meta(type):
    __name__ = property(lambda cls: 1 / 0)

class E(Exception, metaclass=Meta):
    __class__ = __str__ = __repr__ = property(lambda self: 1 / 0)

"""


def test_the_prompt_stays_after_hostile_errors_of_cells_tasks_and_callbacks(ipcore: Run) -> None:
    cells = (
        "import asyncio\n"
        "async def f(): raise E\n\n"
        "raise E\n"
        "await f()\n"
        "task = asyncio.create_task(f()); await asyncio.sleep(0); await asyncio.sleep(0); del task\n"
        "get_ipython().events.register('post_execute', lambda: exec('raise E', globals()))\n"
        "'still here'\n"
    )
    done = ipcore(typed=HOSTILE + cells)
    assert "'still here'" in done.stdout
    assert "fault of ipshell" not in done.stderr
    assert done.stderr.count("\nE: <no message: ") >= 5
    assert "failed with E, and nobody has awaited it" in done.stderr


@pytest.mark.parametrize("more", [[], ["-i"]])
def test_a_program_with_a_hostile_error_is_told_as_any_other(
    ipcore: Run, tmp_path: Path, more: list[str]
) -> None:
    file = tmp_path / "fails.py"
    file.write_text(HOSTILE + "raise E\n")
    for arguments in ([str(file)], ["-c", HOSTILE + "raise E"]):
        done = ipcore(*more, *arguments)
        assert "fault of ipshell" not in done.stderr
        assert "E: <no message: " in done.stderr
        assert done.returncode == (0 if more else 1)
