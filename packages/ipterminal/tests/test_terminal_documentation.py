"""Documentation and signatures as one types: what is told, and that no code of the user's runs for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from ipcore.testing import Terminal
from ipterminal.docstrings import describe, docstring_of
from ipterminal.documentation import Wrapped, in_full, wrapped

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of this kind are POSIX's")
Start = Callable[..., Terminal]

# -- docstrings ----------------------------------------------------------------------------


def function(a: int, *, b: str = "x") -> None:
    """Do something.

    At length.
    """


class Base:
    """A base."""

    def method(self) -> None:
        """Say it in the base."""

    @property
    def size(self) -> int:
        """How large it is."""
        raise AssertionError("a property ran")

    @classmethod
    def make(cls) -> None:
        """Make one."""

    @staticmethod
    def still() -> None:
        """Stand still."""


class Derived(Base):
    def method(self) -> None:
        pass


class Bare:
    pass


class Meta(type):
    @property
    def __doc__(cls) -> str:  # type: ignore[override]
        raise AssertionError("a metaclass ran")


class Hostile(metaclass=Meta):
    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


def with_odd_doc() -> None:
    pass


with_odd_doc.__doc__ = Bare()  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (function, "Do something.\n\nAt length."),
        (Base, "A base."),
        (Derived, "A base."),
        (Base(), "A base."),
        (Base().method, "Say it in the base."),
        (Derived().method, "Say it in the base."),
        (Base.make, "Make one."),
        (Base.still, "Stand still."),
        (Base.__dict__["size"], "How large it is."),
        (Bare, ""),
        (Bare(), ""),
        (with_odd_doc, ""),
        (sys, (sys.__doc__ or "").split("\n", maxsplit=1)[0]),
        (len, "Return the number of items in a container."),
        ("".join, "Concatenate any number of strings."),
        (int, "int([x]) -> integer"),
        (3, "int([x]) -> integer"),
    ],
)
def test_docstrings_are_read_and_nothing_is_asked(value: Any, text: str) -> None:
    found = docstring_of(value)
    assert found == text or (text and found.startswith(text))


def test_objects_and_classes_that_answer_themselves_are_not_asked() -> None:
    assert docstring_of(Hostile) == ""
    assert docstring_of(Hostile()) == ""


@pytest.mark.parametrize(
    ("cell", "name", "kind", "says"),
    [
        ("x = 12", "x", "int: 12", "int("),
        ("import os", "os.path.join", "function", "Join two or more"),
        ("class A:\n    'An A.'", "A", "class", "An A."),
        ("class A:\n    'An A.'\na = A()", "a", "instance of A", "An A."),
        (
            "class A:\n    @property\n    def p(self):\n        'A p.'\na = A()",
            "a.p",
            "property, not read",
            "A p.",
        ),
        ("", "len", "function", "Return the number"),
        (
            "import ipcore.magics\n@ipcore.magics.register_line_magic\ndef hi(line):\n    'Say hi.'",
            *("%hi", "magic", "Say hi."),
        ),
    ],
)
def test_a_name_is_described(shell: Any, cell: str, name: str, kind: str, says: str) -> None:
    shell.run_cell(cell).assert_ok()
    found = describe(shell, shell.completer.objects, name)
    assert found is not None
    assert found.kind == kind
    assert says in found.text
    assert in_full(found).startswith(name)


def test_what_the_cell_itself_defines_is_described(shell: Any) -> None:
    found = describe(shell, shell.completer.objects, "f", "def f(a, b):\n    'Do it.'\n")
    assert found is not None
    assert (str(found.signature), found.text) == ("(a, b)", "Do it.")


def test_a_name_that_stands_for_nothing_is_not_described(shell: Any) -> None:
    assert describe(shell, shell.completer.objects, "nothing_of_that_name") is None
    assert describe(shell, shell.completer.objects, "1 +") is None


# -- wrapping ------------------------------------------------------------------------------


@given(line=st.text(alphabet="ab 名\t(x", max_size=200), width=st.integers(2, 60))
def test_lines_are_broken_at_the_width_and_no_word_is_lost(line: str, width: int) -> None:
    found = wrapped(line, width)
    assert all(get_cwidth(each) <= width for each in found)
    assert "".join("".join(found).split()) == "".join(line.split())


def test_what_goes_on_is_indented_as_it_is() -> None:
    assert wrapped("    one two three four", 14) == ["    one two", "    three four"]


def test_of_a_long_text_only_what_is_looked_at_is_wrapped() -> None:
    text = Wrapped("\n".join(f"line {number}" for number in range(100_000)), 40)
    assert text.line(5) == "line 5"
    assert len(text._left) > 99_000
    assert text.count(10) == 10
    assert text.line(99_999) is None


# -- in the terminal -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a module with some functions."""
    folder = tmp_path_factory.mktemp("trial")
    (folder / "trial.py").write_text(
        '''
import pathlib

def greet(name, greeting="hello", *others, loud=False, **more):
    """Greet somebody.

    '''
        + "\n    ".join(f"Line {number} of the text." for number in range(1, 30))
        + '''
    """

class Loud:
    def __getattr__(self, name):
        pathlib.Path(__file__).with_name("ran").touch()
        return lambda a, b: None

    @property
    def computed(self):
        """What is computed."""
        pathlib.Path(__file__).with_name("ran").touch()
        return greet

    def __call__(self, one, two):
        """Be called."""

loud = Loud()
'''
    )

    return folder


@pytest.fixture
def shell_with(share_editor: Start, trial: Path) -> Iterator[Start]:
    """Give a function that starts a shell in which some functions are defined."""

    def start(*words: str, env: dict[str, str] | None = None, **options: Any) -> Terminal:
        variables = {"PYTHONPATH": str(trial), **(env or {})}
        terminal = share_editor("--nosep", *words, env=variables, **options)
        terminal.type("from trial import *\r")
        terminal.wait_for_prompt(2)
        return terminal

    yield start
    assert not (trial / "ran").exists()


def rows(*wanted: str) -> Callable[[list[str]], bool]:
    """Tell whether the rows below the first are these."""
    return lambda lines: [line.rstrip() for line in lines[1:]] == list(wanted)


@posix
def test_the_signature_comes_and_goes_with_the_call(shell_with: Start) -> None:
    terminal = shell_with()
    terminal.type("greet(")
    bar = "greet(name, greeting='hello', *others, loud=False, **more)"
    terminal.wait_for(rows("In [2]: greet(", bar))
    terminal.type("1, loud=len(")
    terminal.wait_for(lambda lines: lines[-1] == "len(obj, /)")
    terminal.type("2), ")
    terminal.wait_for(lambda lines: lines[-1] == bar)
    terminal.type(")")
    terminal.wait_for(rows("In [2]: greet(1, loud=len(2), )"))


@posix
def test_the_signature_is_not_left_on_the_screen(shell_with: Start) -> None:
    terminal = shell_with()
    terminal.type("print(")
    terminal.wait_for("print(*args")
    terminal.type("1")
    terminal.wait_for("In [2]: print(1")
    terminal.press("enter")
    terminal.wait_for(lambda lines: lines[2].startswith("   ...:"))
    terminal.type("+ 1)")
    terminal.wait_for("+ 1)")
    terminal.press("left")
    terminal.wait_for("print(*args")
    terminal.press("enter")
    terminal.wait_for_prompt(3)
    assert "print(*args" not in terminal.text


@posix
def test_the_signature_follows_into_the_lines_of_the_cell(shell_with: Start) -> None:
    terminal = shell_with()
    terminal.paste("def f(first, second):\n    return first\nf(1, ")
    terminal.wait_for(lambda lines: lines[-1] == "f(first, second)")


@posix
@pytest.mark.parametrize("policy", ["safe", "live"])
def test_objects_with_code_of_their_own_are_not_asked(shell_with: Start, policy: str) -> None:
    terminal = shell_with(f"--ShellCompleter.policy={policy}")
    terminal.type("loud(")
    terminal.wait_for("loud(one, two)")
    terminal.type("loud.anything(")
    terminal.wait_for(lambda lines: "loud(one" not in lines[-1])
    terminal.press("backspace", "f1")
    terminal.wait_for("Nothing is known of loud.anything")
    for _ in "anything":
        terminal.press("backspace")
    terminal.type("computed")
    terminal.press("f1")
    terminal.wait_for("What is computed.")


@posix
def test_the_signature_can_be_switched_off(shell_with: Start) -> None:
    terminal = shell_with("--Terminal.signature_bar=False")
    terminal.type("greet")
    terminal.press("f1")
    terminal.wait_for("Greet somebody.")
    terminal.type("(1")
    terminal.press("ctrl-g")
    terminal.wait_for(rows("In [2]: greet(1"))


@posix
def test_f1_shows_the_documentation_and_again_all_of_it(shell_with: Start) -> None:
    terminal = shell_with(env={"PAGER": "cat"}, rows=40)
    terminal.type("greet")
    terminal.press("f1")
    terminal.wait_for("Line 7 of")
    assert "Line 8 of" not in terminal.text
    terminal.press("page-down")
    terminal.wait_for("Line 12 of")
    terminal.press(*["page-down"] * 6)
    terminal.wait_for("Line 29 of")
    terminal.press("alt-up")
    terminal.wait_for(lambda lines: "Line 29 of" not in "\n".join(lines))
    terminal.type("(1")
    terminal.wait_for("In [2]: greet(1")
    terminal.press("left", "left", "f1")
    terminal.wait_for(lambda lines: sum("Line 20 of" in line for line in [*terminal.history, *lines]) == 1)
    terminal.wait_for("In [2]: greet(1")
    terminal.press("escape")
    terminal.wait_for(lambda lines: "Line 1 of" not in "\n".join(lines[-8:]))


@posix
def test_f1_twice_shows_the_source_of_what_answers_itself(shell_with: Start) -> None:
    terminal = shell_with("--ShellCompleter.policy=live", env={"PAGER": "cat"}, rows=50)

    def shown(name: str) -> Callable[[list[str]], bool]:
        source = re.compile(rf"# {name}: .*(class Loud|def computed).*In \[2\]: {name}\n", re.DOTALL)
        return lambda lines: source.search("\n".join(lines)) is not None

    for typed, name in (("loud", "loud"), (".computed", "loud.computed")):
        terminal.type(typed)
        terminal.press("f1", "f1")
        terminal.wait_for(shown(name), f"the source of {name}")


@posix
def test_the_documentation_of_the_choice_is_shown_if_that_is_wanted(shell_with: Start) -> None:
    terminal = shell_with("--Terminal.show_documentation=True")
    terminal.type("import os\r")
    terminal.wait_for_prompt(3)
    terminal.type("os.path.\t")
    terminal.wait_for("completions")
    terminal.press("tab")
    terminal.wait_for(lambda lines: "os.path.abspath(path)  function" in [line.rstrip() for line in lines])
    terminal.press("tab")
    terminal.wait_for("os.path.altsep")
    terminal.press("escape")
    terminal.wait_for(lambda lines: lines[-1] == "In [3]: os.path.")


@posix
def test_f1_shows_the_documentation_of_the_choice(shell_with: Start) -> None:
    terminal = shell_with()
    terminal.type("import os\r")
    terminal.wait_for_prompt(3)
    terminal.type("os.path.ab\t")
    terminal.wait_for("In [3]: os.path.abspath")
    terminal.type("; os.path.get\t")
    terminal.wait_for("getsize")
    terminal.press("tab")
    terminal.wait_for("os.path.getatime")
    terminal.press("f1")
    terminal.wait_for(lambda lines: any(line.startswith("os.path.getatime(filename") for line in lines))
    terminal.press("tab")
    terminal.wait_for(lambda lines: any(line.startswith("os.path.getctime(filename") for line in lines))


@posix
def test_below_the_cell_stand_menu_documentation_signature_and_toolbar(
    start_editor: Start, trial: Path
) -> None:
    pytest.importorskip("ipcompleters", reason="ipcompleters, another distribution, proposes arguments")
    options = ("--nosep", "--Terminal.toolbar=at the bottom", "--Terminal.show_documentation=True")
    terminal = start_editor(*options, env={"PYTHONPATH": str(trial)}, rows=30)
    terminal.type("from trial import *\r")
    terminal.wait_for_prompt(2)
    terminal.type("greet(gree\t")
    terminal.wait_for("greeting=  greet()")
    terminal.press("tab", "tab")
    order = ("In [2]: greet(greet", "greet()", "Greet somebody.", "greet(name, greeting=", "at the bottom")

    def in_order(lines: list[str]) -> bool:
        rest = "\n".join(lines)
        for each in order:
            _, found, rest = rest.partition(each)
            if not found:
                return False
        return not rest.strip()

    terminal.wait_for(in_order)


@posix
def test_the_documentation_fits_a_narrow_screen(shell_with: Start) -> None:
    terminal = shell_with(columns=24, rows=12)
    terminal.type("greet(")
    terminal.wait_for(lambda lines: lines[-1].startswith("greet(name") and lines[-1].endswith("…"))
    terminal.press("backspace", "f1")
    terminal.wait_for(" Greet somebody.")
