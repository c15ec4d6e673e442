"""Every hook has its section, its facts, and an example that works."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from docs._extensions.hook_pages import FACTS, arguments_of, hooks_of, read_docstring
from docs.tests.pages import DOCS, blocks, headings
from ipcore.errors import PolicyError
from ipcore.highlighting import fragments
from ipcore.hookspecs import FAMILIES, Family
from ipcore.hosts.inputhooks import Watched
from ipcore.hosts.wakeup import WakeUp
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell
from ipcore.system.editors import command_for

PAGES = DOCS / "reference" / "hooks"
SPECIFIED = [family for family in FAMILIES.values() if family.specs]
HOOKS = [(family, name, hook) for family in SPECIFIED for name, hook in hooks_of(family).items()]
each_hook = pytest.mark.parametrize(("family", "name", "hook"), HOOKS, ids=[name for _, name, _ in HOOKS])


@pytest.mark.parametrize("family", SPECIFIED, ids=lambda family: family.name)
def test_a_family_has_a_section_for_each_hook_with_its_arguments(family: Family) -> None:
    page = PAGES / f"{family.name}.md"
    wanted = [f"`{name}({', '.join(arguments_of(hook))})`" for name, hook in hooks_of(family).items()]
    assert [title for title in headings(page, 2) if title.startswith("`")] == wanted
    shown = [block.language for block in blocks(page) if block.directive == "hook"]
    assert shown == list(hooks_of(family))


def test_there_is_no_page_of_a_family_that_is_not_specified() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == {family.name for family in SPECIFIED} | {"index"}


@pytest.mark.parametrize("family", SPECIFIED, ids=lambda family: family.name)
def test_a_family_has_a_worked_example_that_declares_its_group(family: Family) -> None:
    projects = [
        block.text for block in blocks(PAGES / f"{family.name}.md") if block.caption == "pyproject.toml"
    ]
    assert any(f'[project.entry-points."{family.group}"]' in text for text in projects)


@each_hook
def test_the_docstring_of_a_hook_says_everything(family: Family, name: str, hook: Callable[..., Any]) -> None:
    docs = read_docstring(hook)
    assert docs.summary
    assert list(docs.arguments) == arguments_of(hook)
    assert tuple(docs.facts) == FACTS
    assert all(docs.facts.values())
    assert f"def {name}(" in docs.example


@pytest.fixture
def shell_with(request: pytest.FixtureRequest) -> Iterator[Callable[[Family, str], InteractiveShell]]:
    """Give what makes a shell with a module as a plugin of one family, under the key ``example``."""
    made: list[InteractiveShell] = []

    def make(family: Family, source: str) -> InteractiveShell:
        module = types.ModuleType("docs_example")
        exec(compile(source, "<example>", "exec"), module.__dict__)
        sys.modules["docs_example"] = module
        plugin = Declared(family.name, "example", "docs_example", "docs-example", "1.0")
        shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, plugin)), prompts_name="example")
        made.append(shell)
        shell.start()
        return shell

    yield make
    for shell in made:
        shell.close()
        assert not shell.registry.failures
    sys.modules.pop("docs_example", None)


def created(shell: InteractiveShell, module: Any) -> bool:
    return bool(shell.user_ns["started_by"] == "my plugin")


def closing(shell: InteractiveShell, module: Any) -> bool:
    shell.user_ns["started_by"] = "somebody"
    shell.close()
    return "started_by" not in shell.user_ns


def started(shell: InteractiveShell, module: Any) -> bool:
    shell.run_cell("n = 1")
    return bool(module.seen == ["n = 1"])


def finished(shell: InteractiveShell, module: Any) -> bool:
    shell.run_cell("n = 1", store_history=True)
    shell.run_cell("raise ValueError", store_history=True)
    return bool(module.failures == [2])


def transformers(shell: InteractiveShell, module: Any) -> bool:
    return shell.transform("SHOUT x = 1\n") == "X = 1\n"


def visitors(shell: InteractiveShell, module: Any) -> bool:
    return shell.run_cell("n = 21\nn").result == 42


def line_magic(shell: InteractiveShell, module: Any) -> bool:
    return bool(shell.run_line_magic("example", "hey") == "HEY")


def cell_magic(shell: InteractiveShell, module: Any) -> bool:
    return bool(shell.run_cell_magic("example", "", "a\nb\n") == 2)


def prompts(shell: InteractiveShell, module: Any) -> bool:
    given = shell.prompts
    return (given.input(3), given.continuation(3), given.output(3)) == ("3 » ", "  · ", "3 « ")


def theme(shell: InteractiveShell, module: Any) -> bool:
    shell.colors, shell.theme.background = "example", "dark"
    return shell.theme.style("code.keyword").foreground == "#5fd7d7"


def editor(shell: InteractiveShell, module: Any) -> bool:
    shell.editor = "example"
    return command_for(shell, "a.py", 3, wait=True) == "example --stay 'a.py#3'"


def pager(shell: InteractiveShell, module: Any) -> bool:
    given = shell.registry.call_named("pagers", "example", "ipshell_pager", shell=shell)
    assert given is not None
    given.value.show("a\nb", 1)
    return True


def clipboard(shell: InteractiveShell, module: Any) -> bool:
    shell.clipboard = "example"
    shell.hooks.clipboard_set("text")
    return bool(shell.hooks.clipboard_get() == "text")


def highlighter(shell: InteractiveShell, module: Any) -> bool:
    found = fragments(shell, "select 1", "example")
    return found == [("code", ""), ("code.keyword", "select"), ("code", " 1")]


def frontend(shell: InteractiveShell, module: Any) -> bool:
    given = shell.registry.call_named("frontends", "example", "ipshell_frontend", shell=shell)
    return given is not None and given.value.run() == 0


def formatters(shell: InteractiveShell, module: Any) -> bool:
    return shell.display.text("tea") == "tea, please" and shell.display.text(1) == "1"


def publishers(shell: InteractiveShell, module: Any) -> bool:
    from ipcore.display import capture_output, display

    with capture_output(display=False) as captured:
        display("tea")
    return captured.stdout == "['tea']\n"


def judged(shell: InteractiveShell, module: Any) -> bool:
    refused = shell.run_cell("!echo x", origin="remote").error_in_exec
    return isinstance(refused, PolicyError) and shell.run_cell("1", origin="remote").success


def tracebacks(shell: InteractiveShell, module: Any) -> bool:
    return shell.tracebacks.format(ValueError("no")) == ["ValueError: no"]


def inputhook(shell: InteractiveShell, module: Any) -> bool:
    shell.enable_gui("example")
    with WakeUp() as woken:
        shell.run_cell("import asyncio; await asyncio.sleep(0)")
        shell.user_loop.loop.call_later(0.01, woken.wake)  # comes if the hook steps that loop
        shell.inputhooks.wait(Watched(woken.fileno()))
    return shell.inputhooks.current == "example"


def completions(shell: InteractiveShell, module: Any) -> bool:
    return [each.text for each in shell.completer.completions("gre")] == ["green"]


def history(shell: InteractiveShell, module: Any) -> bool:
    shell.run_cell("answer = 6 * 7", store_history=True)
    shell.run_cell("1 / 0", store_history=True)
    found = [text for *_, text in shell.history.search("answer*")]
    return found == ["answer = 6 * 7"] and shell.extract_input_lines("2") == "1 / 0"


def safe_types(shell: InteractiveShell, module: Any) -> bool:
    holder = type(sys)("astropy.table")
    made = type("Table", (), {"__module__": "astropy.table", "__dir__": lambda table: ["a_column"]})
    holder.Table = made  # type: ignore[attr-defined]
    sys.modules["astropy.table"] = holder
    try:
        shell.user_ns["table"] = made()
        return "table.a_column" in shell.complete("table.a_")[1]
    finally:
        del sys.modules["astropy.table"]


def key_bindings(shell: InteractiveShell, module: Any) -> bool:
    from ipcore.testing.contracts.key_bindings import CellOnPaper

    (given,) = shell.registry.call_each("key_bindings", "ipshell_key_bindings", shell=shell)
    cell = CellOnPaper("x", 1)
    given.value[0].function(cell)
    return cell.text == "X"


def command(shell: InteractiveShell, module: Any) -> bool:
    import argparse

    given = shell.registry.call_named("commands", "example", "ipshell_command")
    assert given is not None
    parser = argparse.ArgumentParser()
    given.value.add_arguments(parser)
    return bool(given.value.run(parser.parse_args(["ada"]), None) == 0)


#: For each hook what its example brings about.
EFFECTS: dict[str, Callable[[InteractiveShell, Any], bool]] = {
    "ipshell_shell_created": created,
    "ipshell_shell_closing": closing,
    "ipshell_cell_started": started,
    "ipshell_cell_finished": finished,
    "ipshell_input_transformers": transformers,
    "ipshell_ast_transformers": visitors,
    "ipshell_line_magic": line_magic,
    "ipshell_cell_magic": cell_magic,
    "ipshell_prompts": prompts,
    "ipshell_theme": theme,
    "ipshell_editor": editor,
    "ipshell_pager": pager,
    "ipshell_clipboard": clipboard,
    "ipshell_highlighter": highlighter,
    "ipshell_frontend": frontend,
    "ipshell_formatters": formatters,
    "ipshell_publishers": publishers,
    "ipshell_tracebacks": tracebacks,
    "ipshell_policies": judged,
    "ipshell_inputhook": inputhook,
    "ipshell_completion_providers": completions,
    "ipshell_history": history,
    "ipshell_key_bindings": key_bindings,
    "ipshell_safe_types": safe_types,
    "ipshell_command": command,
}


@each_hook
def test_the_example_of_a_hook_works(
    family: Family,
    name: str,
    hook: Callable[..., Any],
    shell_with: Callable[[Family, str], InteractiveShell],
    capsys: pytest.CaptureFixture[str],
) -> None:
    shell = shell_with(family, read_docstring(hook).example)
    assert EFFECTS[name](shell, sys.modules["docs_example"])
