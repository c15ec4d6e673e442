"""What is known of a magic: once it was used, and before, from its source, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ipcompleters.magic_sources import Told, told_by
from ipcore.types.completion import Completion

PLUGIN = '''
from ipcore.hookspecs import hookimpl
from ipcore.magics import Magics, argument, line_cell_magic, line_magic, magic_arguments

class Cooking(Magics):
    @line_magic
    @magic_arguments()
    @argument("-t", "--time", type=int, help="minutes")
    @argument("--way", choices=["boil", "fry"], help="how")
    @argument("--salt", action="store_true", help="add salt")
    @argument("what", nargs="*", choices=["egg", "rice"])
    def cook(self, line):
        """Cook something.

        And eat it.
        """

    @line_cell_magic("bake")
    def _bake(self, line, cell=None):
        """Bake something.

        Options:

        -h<DEGREES>: how hot
        """
        return self.parse_options(line, "h:f", "quick", "for=")

    def silent(self, line):
        """No magic."""

@hookimpl
def ipshell_line_magic(name, shell):
    return shell.magics.instance(Cooking).magics["line"][name]

@hookimpl
def ipshell_cell_magic(name, shell):
    return shell.magics.instance(Cooking).magics["cell"][name]
'''


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Give a function that writes a module and gives its name."""
    written: list[str] = []

    def write(source: str) -> str:
        name = f"kitchen_{len(written)}_of_{tmp_path.name}"
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        written.append(name)
        return name

    monkeypatch.syspath_prepend(str(tmp_path))
    return write


@pytest.fixture
def module(kitchen: Callable[[str], str], tmp_plugin: Callable[..., Any]) -> str:
    """Give the module of a plugin that is declared, and not imported."""
    name = kitchen(PLUGIN)
    tmp_plugin("line_magics", "cook", name)
    tmp_plugin("line_magics", "bake", name)
    tmp_plugin("cell_magics", "bake", name)
    return name


def names(told: Told) -> list[str]:
    return [name for each in told.options for name in each.names]


def test_options_are_known_before_a_magic_is_used_and_nothing_is_imported(
    module: str, make_completing: Callable[..., Any]
) -> None:
    shell = make_completing()
    assert texts(shell, "%cook -") == ["--salt", "--time", "--way", "-t"]
    assert texts(shell, "%cook --way ") == ["boil", "fry"]
    assert texts(shell, "%cook --way=f") == ["fry"]
    assert texts(shell, "%cook ") == ["egg", "rice"]
    assert texts(shell, "%bake -") == ["--for", "--quick", "-f", "-h"]
    assert texts(shell, "%%bake --q") == ["--quick"]
    assert texts(shell, "%silent -") == []
    assert module not in sys.modules


def texts(shell: Any, text: str) -> list[str]:
    found: list[Completion] = shell.completer.completions(text, timeout=60)
    return [each.text for each in found if each.source.startswith(("magics", "options"))]


def test_what_is_read_from_the_source_is_what_the_magic_itself_says(
    module: str, make_shell: Callable[..., Any]
) -> None:
    shell = make_shell()
    before = {
        (kind, name): told_by(shell, kind, name)  # type: ignore[arg-type]
        for kind, name in (("line", "cook"), ("line", "bake"), ("cell", "bake"))
    }
    assert module not in sys.modules
    assert before["line", "cook"].summary == "Cook something."
    assert [each.help for each in before["line", "cook"].options] == ["minutes", "how", "add salt", ""]
    assert [each.help for each in before["line", "bake"].options] == ["how hot", "", "", ""]
    shell.run_cell("%cook egg\n%bake\n").assert_ok()
    shell.run_cell("%%bake\n1").assert_ok()
    assert module in sys.modules
    for (kind, name), told in before.items():
        assert told_by(shell, kind, name) == told  # type: ignore[arg-type]


def test_help_is_shown_beside_the_options(module: str, make_completing: Callable[..., Any]) -> None:
    shell = make_completing()
    found = {each.text: each.signature for each in shell.completer.completions("%cook -", timeout=60)}
    assert found == {"--salt": "add salt", "--time": "minutes", "-t": "minutes", "--way": "how"}


def test_another_name_of_a_magic_that_was_not_used_has_its_options(
    module: str, make_completing: Callable[..., Any]
) -> None:
    shell = make_completing()
    shell.magics.register_alias("brew", "cook")
    assert "--salt" in texts(shell, "%brew -")
    assert module not in sys.modules


@pytest.mark.parametrize(
    "source",
    ["def (", "\0", "# magic cook\nx = 1", "line_magic = 1\ndef cook(): pass", "magic = cook = " + "(" * 500],
    ids=["syntax", "null", "none", "no argument", "nested"],
)
def test_a_source_that_says_nothing_gives_nothing(
    source: str, kitchen: Callable[[str], str], tmp_plugin: Callable[..., Any], make_shell: Callable[..., Any]
) -> None:
    tmp_plugin("line_magics", "cook", kitchen(source))
    assert told_by(make_shell(), "line", "cook") == Told()


def test_a_module_that_cannot_be_found_gives_nothing(
    tmp_plugin: Callable[..., Any], make_shell: Callable[..., Any]
) -> None:
    tmp_plugin("line_magics", "cook", "no_such_kitchen.plugin")
    shell = make_shell()
    assert told_by(shell, "line", "cook") == Told()
    shell.expect_failures()


def test_the_objects_that_are_magics_are_not_asked(make_shell: Callable[..., Any]) -> None:
    class Asked:
        asked: list[str] = []

        def __call__(self, line: str) -> None: ...

        def __getattribute__(self, name: str) -> Any:
            Asked.asked.append(name)
            raise AttributeError(name)

    def wrapping(line: str) -> None: ...

    def parsing(line: str) -> None: ...

    wrapping.__wrapped__ = Asked()  # type: ignore[attr-defined]
    parsing.parser = Asked()  # type: ignore[attr-defined]
    shell = make_shell()
    for name, magic in {"cook": Asked(), "wrapping": wrapping, "parsing": parsing}.items():
        shell.magics.register("line", name, magic)
        Asked.asked.clear()
        assert told_by(shell, "line", name) == Told()
        assert Asked.asked == []
