"""Plugins and distributions that a test brings itself."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest

from ipcore.hookspecs import hookimpl
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import CORE
from ipcore.testing import FakeDistributions, IsolatedRegistry, ShellMaker, TestedShell, TmpPlugins
from ipcore.testing.distributions import HOOKIMPL
from ipcore.testing.plugins import TooLate

Run = Callable[..., CompletedProcess[str]]

SAYS = "@hookimpl\ndef ipshell_line_magic(shell, name):\n    return lambda line: print({0!r} + line)\n"
MAGIC = HOOKIMPL + SAYS
STARTED = HOOKIMPL + "@hookimpl\ndef ipshell_shell_created(shell):\n    shell.user_ns['told'] = {0!r}\n"


def test_the_registry_knows_the_cores_own_plugins_alone(registry: IsolatedRegistry) -> None:
    assert {each.dist for each in registry.declared()} == {CORE}
    assert len(registry.declared()) == len(BUILTIN)


def test_a_plugin_can_be_an_object(tmp_plugin: TmpPlugins, shell: TestedShell) -> None:
    @hookimpl
    def ipshell_line_magic(shell: object, name: str) -> Callable[[str], str]:
        return lambda line: f"{name} {line}"

    declared = tmp_plugin(
        "line_magics", "echo", SimpleNamespace(ipshell_line_magic=ipshell_line_magic), dist="d", version="2"
    )
    assert str(declared) == "d[echo] 2 (line_magics)"
    assert shell.run_cell("%echo a b").assert_ok().value == "echo a b"
    assert shell.registry.state(declared) == "active"


def test_a_plugin_can_be_the_text_of_a_module_indented_as_the_test_is(
    tmp_plugin: TmpPlugins, shell: TestedShell
) -> None:
    text = """
        from ipcore.hookspecs import hookimpl

        @hookimpl
        def ipshell_line_magic(shell, name):
            return lambda line: line * 2
    """
    declared = tmp_plugin("line_magics", "twice", text)
    assert declared.module not in sys.modules  # declared, not imported
    assert shell.run_cell("%twice ab").assert_ok().value == "abab"
    assert declared.module in sys.modules


def test_a_plugin_can_be_what_an_entry_point_says(
    tmp_plugin: TmpPlugins, fake_dist: FakeDistributions, shell: TestedShell
) -> None:
    fake_dist("greeter", files={"greeter/__init__.py": "", "greeter/plugin.py": MAGIC.format("hi ")})
    tmp_plugin("line_magics", "hi", "greeter.plugin", dist="greeter")
    assert shell.run_cell("%hi you").assert_ok().stdout == "hi you\n"


made: list[str] = []


@pytest.mark.parametrize("turn", ["first", "second"])
def test_modules_of_a_test_are_gone_in_the_next_one(
    tmp_plugin: TmpPlugins, fake_dist: FakeDistributions, shell: TestedShell, turn: str
) -> None:
    assert not [name for name in (*made, "greeter") if name in sys.modules]
    fake_dist("greeter", files={"greeter.py": f"turn = {turn!r}"})
    made.append(tmp_plugin("line_magics", "a", MAGIC.format("a")).module)
    made.append(tmp_plugin("line_magics", "b", SimpleNamespace()).module)
    shell.run_cell("%a").assert_ok()
    shell.run_cell("%b")
    shell.expect_failures()
    assert importlib.import_module("greeter").turn == turn


def test_a_plugin_may_come_between_two_cells_if_nobody_asked_for_its_key(
    tmp_plugin: TmpPlugins, shell: TestedShell
) -> None:
    tmp_plugin("line_magics", "one", MAGIC.format("1"))
    assert shell.run_cell("%one").assert_ok().stdout == "1\n"
    tmp_plugin("line_magics", "two", MAGIC.format("2"))
    assert shell.run_cell("%two").assert_ok().stdout == "2\n"


@pytest.mark.parametrize("family", ["lifecycle", "input", "policies"])
def test_a_plugin_that_comes_too_late_is_refused_with_the_way_out(
    tmp_plugin: TmpPlugins, shell: TestedShell, family: str
) -> None:
    shell.run_cell("1")
    with pytest.raises(TooLate, match=rf'the family "{family}" was used before.*call make_shell\(\)'):
        tmp_plugin(family, "late", "x = 1")


def test_a_key_that_was_looked_for_before_is_too_late_as_well(
    tmp_plugin: TmpPlugins, shell: TestedShell
) -> None:
    shell.run_cell("%pinfo print")
    with pytest.raises(TooLate, match='the key "pinfo" of line_magics was used before'):
        tmp_plugin("line_magics", "pinfo", MAGIC.format("p"))


def test_plugins_that_come_first_are_told_of_the_shell(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    tmp_plugin("lifecycle", "told", STARTED.format("yes"))
    assert make_shell().user_ns["told"] == "yes"


def test_a_wrong_family_is_told_with_the_nearest(tmp_plugin: TmpPlugins) -> None:
    with pytest.raises(ValueError, match='no family "line_magic" takes plugins; did you mean "line_magics"'):
        tmp_plugin("line_magic", "a", "x = 1")
    with pytest.raises(ValueError, match="there are lifecycle, policies,"):
        tmp_plugin("zzz", "a", "x = 1")


def test_a_syntax_error_in_a_text_is_raised_at_once(tmp_plugin: TmpPlugins) -> None:
    with pytest.raises(SyntaxError) as caught:
        tmp_plugin("line_magics", "a", "\n    x = 1\n    def f(:\n        pass\n")
    assert (caught.value.filename, caught.value.lineno) == ('<tmp_plugin "a">', 3)


def test_the_same_plugin_twice_is_refused(tmp_plugin: TmpPlugins, shell: TestedShell) -> None:
    tmp_plugin("line_magics", "a", MAGIC.format("a"))
    with pytest.raises(ValueError, match='registered "a" of line_magics in tmp-plugin before'):
        tmp_plugin("line_magics", "a", MAGIC.format("a"))
    tmp_plugin("line_magics", "a", MAGIC.format("a"), dist="other")
    assert 'both own "a"' in shell.run_cell("%a").stderr


# -- distributions -------------------------------------------------------------------------


def test_what_is_installed_works_in_this_process_and_in_others(
    fake_dist: FakeDistributions, shell: TestedShell, run_ipshell: Run
) -> None:
    files = {"greeter.py": MAGIC.format("hi ")}
    fake_dist("greeter", "2.1", entry_points={"line_magics": {"hi": "greeter"}}, files=files)
    (declared,) = shell.registry.owners("line_magics", "hi")
    assert str(declared) == "greeter[hi] 2.1 (line_magics)"
    assert shell.run_cell("%hi you").assert_ok().stdout == "hi you\n"
    assert run_ipshell("-c", "%hi you").stdout == "hi you\n"


def test_what_is_installed_before_the_shell_is_told_of_it(
    fake_dist: FakeDistributions, make_shell: ShellMaker
) -> None:
    points = {"lifecycle": {"told": "greeter"}}
    fake_dist("greeter", entry_points=points, files={"greeter.py": STARTED.format("one")})
    fake_dist("greeter", "2.0", entry_points=points, files={"greeter.py": STARTED.format("two")})
    shell = make_shell()
    assert shell.user_ns["told"] == "two"
    assert [each.version for each in shell.registry.declared("lifecycle")] == ["2.0"]


def test_what_is_installed_too_late_for_the_shell_is_refused(
    fake_dist: FakeDistributions, shell: TestedShell
) -> None:
    with pytest.raises(TooLate, match=r"greeter\[told\] 1.0 \(lifecycle\) comes too late"):
        fake_dist("greeter", entry_points={"lifecycle": {"told": "greeter"}}, files={"greeter.py": STARTED})


def test_a_plugin_of_the_test_goes_before_the_installed_one_of_its_distribution(
    fake_dist: FakeDistributions, tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    fake_dist("greeter", entry_points={"line_magics": {"hi": "greeter"}}, files={"greeter.py": "1/0"})
    tmp_plugin("line_magics", "hi", MAGIC.format("own"), dist="Greeter")
    assert make_shell().run_cell("%hi").assert_ok().stdout == "own\n"


def test_a_module_that_is_written_anew_at_once_is_imported_anew(
    fake_dist: FakeDistributions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    seen = []
    for version in ("1.0", "2.0"):
        fake_dist("greeter", version, files={"greeter.py": f"version = {version!r}"})
        sys.modules.pop("greeter", None)
        seen.append(importlib.import_module("greeter").version)
    assert seen == ["1.0", "2.0"]


def test_without_fake_dist_nothing_is_put_on_the_path(shell: TestedShell, tmp_path: Path) -> None:
    assert not (tmp_path / "site").exists()
    assert not [entry for entry in sys.path if entry.startswith(str(tmp_path))]


# -- other processes -----------------------------------------------------------------------


def test_ipshell_runs_with_a_home_and_a_folder_of_its_own(run_ipshell: Run, shell_home: Path) -> None:
    code = "import os; print(os.environ['IPSHELL_HOME'], os.environ['X']); os.listdir()"
    done = run_ipshell("-c", code, X="y")
    assert done.stdout == f"{shell_home} y\n[]\n"
    assert (done.stderr, done.returncode) == ("", 0)
    assert run_ipshell(typed="6*7\n").stdout.count("42") == 1


def test_an_ipshell_that_does_not_end_is_told_with_what_it_wrote(run_ipshell: Run) -> None:
    code = "import sys, time; print('waiting', flush=True); time.sleep(600)"
    with pytest.raises(AssertionError) as caught:
        run_ipshell("-c", code, timeout=5)
    assert "did not end within 5 s\n-- standard output:\nwaiting\n-- standard error:\n" in str(caught.value)
