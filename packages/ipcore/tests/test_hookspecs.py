"""The hook specifications: documented, exemplified, and not changed unawares."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ipcore import hookspecs
from ipcore.component import Component
from ipcore.errors import PolicyError
from ipcore.hookspecs import (
    API_VERSION,
    BY_NAME,
    FAMILIES,
    HOOK_PREFIX,
    MANY,
    ONE,
    PROJECT,
    PROVISIONAL,
    STABLE,
    Family,
)
from ipcore.hosts.inputhooks import Watched
from ipcore.hosts.wakeup import WakeUp
from ipcore.plugins.declared import Declared
from ipcore.plugins.discovery import Found
from ipcore.plugins.family import HOOKS as KNOWN
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell
from ipcore.types.cells import Cell, CellResult
from ipcore.types.completion import Completion

SIGNATURES = Path(__file__).with_name("hookspec_signatures.txt")

#: What every hook's docstring must answer.
FIELDS = ("When", "How often", "Thread", "May it block", "Order", "On failure", "Since")


def specs(family: Family) -> type:
    """Give the class of a family's specifications."""
    module, _, name = family.specs.partition(":")
    __import__(f"ipcore.hookspecs.{module}")
    found = getattr(sys.modules[f"ipcore.hookspecs.{module}"], name)
    assert isinstance(found, type)
    return found


BORNE = [family for family in FAMILIES.values() if family.specs]
HOOKS: dict[str, tuple[Family, Callable[..., Any]]] = {
    name: (family, function)
    for family in BORNE
    for name, function in vars(specs(family)).items()
    if not name.startswith("__")
}


def document(name: str) -> str:
    return inspect.cleandoc(HOOKS[name][1].__doc__ or "")


# -- documentation -----------------------------------------------------------------


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_our_prefix_and_is_a_specification(name: str) -> None:
    assert name.startswith(HOOK_PREFIX)
    assert hasattr(HOOKS[name][1], f"{PROJECT}_spec")


@pytest.mark.parametrize("name", HOOKS)
def test_every_question_about_a_hook_is_answered(name: str) -> None:
    text = document(name)
    for field in FIELDS:
        answer = re.search(rf"^:{field}: *(\S.*)$", text, re.MULTILINE)
        assert answer, f"{name} does not answer: {field}"
    assert re.fullmatch(r"[A-Z].*\.", text.splitlines()[0]), "the first line is a sentence"
    since = re.search(r"^:Since: (.*)$", text, re.MULTILINE)
    assert since
    assert re.fullmatch(r"\d+\.\d+", since[1])


@pytest.mark.parametrize("name", HOOKS)
def test_every_argument_and_result_of_a_hook_is_typed_and_described(name: str) -> None:
    signature = inspect.signature(HOOKS[name][1])
    assert next(iter(signature.parameters)) == "self"
    for argument in list(signature.parameters.values())[1:]:
        assert argument.annotation is not inspect.Parameter.empty
        assert argument.default is inspect.Parameter.empty, "pluggy does not pass arguments with defaults"
        assert f":param {argument.name}: " in document(name)
    assert signature.return_annotation is not inspect.Signature.empty
    assert (":returns:" in document(name)) == (signature.return_annotation != "None")


@pytest.mark.parametrize("family", BORNE, ids=lambda family: str(family.name))
def test_a_family_is_documented_by_its_group_and_says_who_is_asked_for_a_name(family: Family) -> None:
    assert f"``{family.group}``" in (specs(family).__doc__ or "")
    for name, function in vars(specs(family)).items():
        if name.startswith(HOOK_PREFIX) and family.kind == BY_NAME:
            assert "name" in inspect.signature(function).parameters


def test_families_are_of_a_known_kind_and_named_as_a_group_can_be() -> None:
    for name, family in FAMILIES.items():
        assert family.kind in (MANY, ONE, BY_NAME)
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", name)
        assert family.group == f"ipshell.{name}"
        assert family.summary
        assert family.stability in (PROVISIONAL, STABLE)


def test_the_contracts_may_break_until_a_family_is_stable() -> None:
    stable = [name for name, family in FAMILIES.items() if family.stability == STABLE]
    assert all(FAMILIES[name].specs for name in stable)
    assert API_VERSION.startswith("0.") == (not stable), "0.x until a family has two implementers"


def test_the_markers_stay_the_same_and_a_misspelt_one_is_told() -> None:
    assert hookspecs.hookimpl is hookspecs.hookimpl
    assert hookspecs.hookspec.project_name == hookspecs.hookimpl.project_name == PROJECT
    with pytest.raises(AttributeError, match="has no attribute 'hookimp'"):
        _ = hookspecs.hookimp  # type: ignore[attr-defined]


def test_the_names_of_all_hooks_are_known_without_their_specifications() -> None:
    assert {name for name in HOOKS if name.startswith(HOOK_PREFIX)} == KNOWN


# -- signatures --------------------------------------------------------------------


def signatures() -> str:
    lines = (
        f"{family.name}{' (stable)' if family.stability == STABLE else ''}: {name}"
        f"{inspect.signature(function)}{going(function)}"
        for name, (family, function) in HOOKS.items()
    )
    return "\n".join(sorted(lines)).replace("'", "") + "\n"


def going(function: Any) -> str:
    """Say what of a hook will go."""
    options = getattr(function, f"{PROJECT}_spec")
    texts = [str(options["warn_on_impl"])] if options.get("warn_on_impl") else []
    texts += [f"{name}: {text}" for name, text in (options.get("warn_on_impl_args") or {}).items()]
    return f" [{'; '.join(texts)}]" if texts else ""


def test_no_signature_of_a_hook_changes_unawares() -> None:
    recorded = SIGNATURES.read_text(encoding="utf-8")
    assert signatures() == recorded, (
        "A hook's signature changed, which plugin authors will notice. If that is meant, name it in a "
        "fragment in changes/ and record the signatures anew: python packages/ipcore/tests/test_hookspecs.py"
    )


# -- examples ----------------------------------------------------------------------


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], tuple[InteractiveShell, Any]]]:
    """Give a function that runs a shell with a hook's example as a plugin; gives shell and module."""
    shells: list[InteractiveShell] = []

    def run(name: str) -> tuple[InteractiveShell, Any]:
        family = HOOKS[name][0]
        _, _, example = document(name).partition("Example::\n")
        assert example.strip(), f"{name} has no example"
        module = types.ModuleType("example")
        monkeypatch.setitem(sys.modules, "example", module)
        exec(compile(textwrap.dedent(example), f"<example of {name}>", "exec"), module.__dict__)
        plugin = Declared(family.name, "example", "example", "example", "1.0")
        shell = InteractiveShell(registry=Registry(lambda: Found((plugin,), ())))
        shells.append(shell)
        return shell, module

    yield run
    for shell in shells:
        shell.close()
        assert shell.registry.failures == []


Running = Callable[[str], tuple[InteractiveShell, Any]]


def ask(shell: InteractiveShell, hook: str, /, **arguments: object) -> Any:
    """Call an example's hook as the core does, and give what it contributes."""
    family = HOOKS[hook][0]
    if family.kind == BY_NAME:
        given = shell.registry.call_named(family.name, "example", hook, **arguments)
    else:
        given = next(
            each for each in shell.registry.call_each(family.name, hook, **arguments) if not each.plugin.core
        )
    assert given is not None
    return given.value


def test_each_example_is_executed_below() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in HOOKS if f'running("{name}")' not in here] == []


def test_example_shell_created(running: Running) -> None:
    shell, _ = running("ipshell_shell_created")
    shell.start()
    assert shell.user_ns["started_by"] == "my plugin"


def test_example_shell_closing(running: Running) -> None:
    shell, _ = running("ipshell_shell_closing")
    shell.user_ns["started_by"] = "my plugin"
    shell.close()
    assert "started_by" not in shell.user_ns


def test_example_cell_started(running: Running) -> None:
    shell, module = running("ipshell_cell_started")
    shell.run_cell("1")
    shell.run_cell("2", silent=True)
    shell.run_cell("  ")
    assert module.seen == ["1"]


def test_example_cell_finished(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    shell, module = running("ipshell_cell_finished")
    shell.run_cell("1", store_history=True)
    shell.run_cell("1/0", store_history=True)
    assert module.failures == [2]
    result = CellResult(Cell("x", 7, "Cell In[7]"), error_in_exec=ValueError())
    shell.notify("ipshell_cell_finished", result=result)
    assert module.failures == [2, 7]


def test_example_line_magic(running: Running) -> None:
    shell, _ = running("ipshell_line_magic")
    assert shell.run_line_magic("example", "hello") == "HELLO"


def test_example_cell_magic(running: Running) -> None:
    shell, _ = running("ipshell_cell_magic")
    assert shell.run_cell_magic("example", "", "a\nb\n") == 2


def test_example_prompts(running: Running) -> None:
    shell, _ = running("ipshell_prompts")
    shell.prompts_name = "example"
    assert shell.prompts.input(3) == "3 » "
    assert shell.prompts.continuation(3) == "  · "
    assert shell.prompts.output(3) == "3 « "


def test_example_theme(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-direct")
    shell, _ = running("ipshell_theme")
    shell.colors = "example"
    assert shell.theme.paint("if", "code.keyword") == "\x1b[1mif\x1b[0m"
    shell.theme.background = "light"
    assert shell.theme.paint("if", "code.keyword") == "\x1b[1;38;2;0;95;95mif\x1b[0m"


def test_example_editor(running: Running) -> None:
    shell, _ = running("ipshell_editor")
    words = ask(shell, "ipshell_editor", shell=shell).arguments("a.py", 3, True)
    assert words == ["--stay", "a.py#3"]


def test_example_pager(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    shell, _ = running("ipshell_pager")
    ask(shell, "ipshell_pager", shell=shell).show("a\nb\n", 1)
    assert capsys.readouterr().out == "   2 b\n"


def test_example_clipboard(running: Running) -> None:
    shell, _ = running("ipshell_clipboard")
    shell.clipboard = "example"
    shell.hooks.clipboard_set("text")
    assert shell.hooks.clipboard_get() == "text"


def test_example_highlighter(running: Running) -> None:
    shell, _ = running("ipshell_highlighter")
    found = ask(shell, "ipshell_highlighter", shell=shell).fragments("SELECT 1", "sql")
    assert found == [("code", ""), ("code.keyword", "SELECT"), ("code", " 1")]


def test_example_frontend(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    shell, _ = running("ipshell_frontend")
    assert ask(shell, "ipshell_frontend", shell=shell).run() == 0
    assert "2" in capsys.readouterr().out


def test_example_formatters(running: Running) -> None:
    shell, _ = running("ipshell_formatters")
    assert shell.display.text("tea") == "tea, please"
    assert shell.display.text(7) == "7"


def test_example_publishers(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    shell, _ = running("ipshell_publishers")
    shell.run_cell("display(7); 8", store_history=True)
    assert capsys.readouterr().out == "[7]\nOut[1]: 8\n"


def test_example_input_transformers(running: Running) -> None:
    shell, _ = running("ipshell_input_transformers")
    assert shell.transform("SHOUT a = 1\nb = 2\n") == "A = 1\nb = 2\n"
    assert shell.transform("a = 1\n") == "a = 1\n"


def test_example_ast_transformers(running: Running) -> None:
    shell, _ = running("ipshell_ast_transformers")
    assert shell.run_cell("n = 21\nn").result == 42


def test_example_policies(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    shell, _ = running("ipshell_policies")
    assert isinstance(shell.run_cell("!echo x", origin="remote").error_in_exec, PolicyError)
    assert shell.run_cell("1", origin="remote").success
    assert "commands are typed at the keyboard here" in capsys.readouterr().err


def test_example_history(running: Running) -> None:
    shell, _ = running("ipshell_history")
    shell.start()
    shell.run_cell("answer = 42", store_history=True)
    shell.run_cell("1 / 0", store_history=True)
    assert shell.history.search("a*") == [(0, 1, "answer = 42")]
    assert shell.extract_input_lines("2 1") == "1 / 0\nanswer = 42"


def test_example_tracebacks(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    shell, _ = running("ipshell_tracebacks")
    shell.run_cell("1/0")
    assert capsys.readouterr().err == "ZeroDivisionError: division by zero\n"
    part: Any = shell.tracebacks
    assert isinstance(part, Component)


def test_example_inputhook(running: Running) -> None:
    shell, _ = running("ipshell_inputhook")
    shell.enable_gui("example")
    shell.run_cell("import asyncio; await asyncio.sleep(0)")
    with WakeUp() as woken:
        shell.user_loop.loop.call_later(0.01, woken.wake)  # comes if the hook steps that loop
        shell.inputhooks.wait(Watched(woken.fileno()))
    assert shell.inputhooks.current == "example"


def test_example_completion_providers(running: Running) -> None:
    shell, _ = running("ipshell_completion_providers")
    assert shell.completer.completions("x = gre") == [Completion(4, 7, "green", "colour", source="colours")]


def test_example_safe_types(running: Running) -> None:
    shell, _ = running("ipshell_safe_types")
    assert ask(shell, "ipshell_safe_types") == ["astropy.table.Table", "astropy.units.Quantity"]
    assert shell.complete("impor")[1] == ["import"]


def test_example_key_bindings(running: Running) -> None:
    from ipcore.testing.contracts.key_bindings import CellOnPaper

    shell, _ = running("ipshell_key_bindings")
    (binding,) = ask(shell, "ipshell_key_bindings", shell=shell)
    cell = CellOnPaper("x = one", 3)
    binding.function(cell)
    assert (cell.text, cell.cursor, binding.keys) == ("X = ONE", 3, "c-x u")


def test_example_command(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    shell, _ = running("ipshell_command")
    command = ask(shell, "ipshell_command")
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(["world"]), None) == 0
    assert capsys.readouterr().out == "hello world\n"
    assert command.summary == "greet somebody"


if __name__ == "__main__":
    SIGNATURES.write_text(signatures(), encoding="utf-8")
