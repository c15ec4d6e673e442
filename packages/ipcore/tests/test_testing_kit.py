"""The kit as a stranger's project has it: loaded by one line, quiet elsewhere, plain when something fails."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from importlib.metadata import distribution
from pathlib import Path

import pytest

import ipcore

pytest_plugins = "pytester"

CONFTEST = """
    from ipcore.testing import TestedShell  # for annotations, as any conftest may have it

    pytest_plugins = "ipcore.testing"
"""

MAGIC = """
    from ipcore.hookspecs import hookimpl

    @hookimpl
    def ipshell_line_magic(shell, name):
        return lambda line: print(line.upper())
"""


class Project:
    """A project with tests, which are run in a process of their own."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pytester = pytester
        # What else is installed here is no matter of these tests, and costs time.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        self.folder = pytester.path

    def write(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")

    def run(self, *arguments: str, passed: int = 0, failed: int = 0, errors: int = 0) -> str:
        command = ("-W", "error", "-p", "no:cacheprovider", *arguments)
        result = self._pytester.runpytest_subprocess(*command, timeout=120)
        result.assert_outcomes(passed=passed, failed=failed, errors=errors)
        return result.stdout.str()


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(pytester, monkeypatch)


def test_a_project_has_all_fixtures_by_one_line(project: Project) -> None:
    project.write(
        conftest=CONFTEST,
        magic=f"MAGIC = {MAGIC!r}",
        test_it="""
            from ipcore.testing import TestedShell, assert_lazy
            from magic import MAGIC

            def test_magic(tmp_plugin, shell: TestedShell, no_leaks):
                tmp_plugin("line_magics", "shout", MAGIC)
                assert shell.run_cell("%shout hello").assert_ok().stdout == "HELLO\\n"

            def test_program(fake_dist, run_ipshell):
                fake_dist("a", entry_points={"line_magics": {"b": "c"}}, files={"c.py": "x = 1"})
                assert "a" in run_ipshell("plugins", "list").stdout
                assert_lazy(["plugins", "list"], without="c")
        """,
    )
    project.run(passed=2)


def test_a_plugin_that_lies_beside_its_tests_can_be_tested(project: Project) -> None:
    project.write(
        conftest=CONFTEST,
        greeter=MAGIC,
        test_greeter="""
            def test_magic(tmp_plugin, shell):
                tmp_plugin("line_magics", "shout", "greeter")
                assert shell.run_cell("%shout hello").assert_ok().stdout == "HELLO\\n"
        """,
    )
    project.run(passed=1)


def test_below_the_topmost_conftest_the_fixtures_are_imported(project: Project) -> None:
    project.write(
        part__conftest="from ipcore.testing.fixtures import *",
        part__test_it="def test_shell(shell):\n    shell.run_cell('1').assert_ok()\n",
        test_other="def test_other(shell):\n    pass\n",
    )
    assert "fixture 'shell' not found" in project.run(passed=1, errors=1)


def test_what_fails_is_told_without_the_kits_own_lines(project: Project) -> None:
    project.write(
        conftest=CONFTEST,
        magic=f"MAGIC = {MAGIC!r}",
        test_it="""
            from magic import MAGIC

            def test_cell(shell):
                shell.run_cell("x = 1; x / 0").assert_ok()

            def test_late(tmp_plugin, shell):
                tmp_plugin("lifecycle", "late", MAGIC)

            def test_text(tmp_plugin):
                tmp_plugin("line_magics", "wrong", "def f(:")
        """,
    )
    text = project.run(failed=3)
    assert (
        '>       shell.run_cell("x = 1; x / 0").assert_ok()\nE       AssertionError: the cell failed with'
        in text
    )
    assert "ZeroDivisionError: division by zero" in text
    assert "E       ipcore.testing.plugins.TooLate: tmp-plugin[late] 1.0 (lifecycle) comes too late" in text
    assert "E       SyntaxError: invalid syntax" in text
    assert "raise AssertionError" not in text
    assert "raise TooLate" not in text


def test_a_plugin_that_failed_unseen_fails_the_test_at_its_end(project: Project) -> None:
    project.write(
        conftest=CONFTEST,
        test_it="""
            def test_forgotten(tmp_plugin, shell):
                tmp_plugin("input", "broken", "import nowhere_there")
                shell.run_cell("1").assert_ok()

            def test_expected(tmp_plugin, shell):
                tmp_plugin("input", "broken", "import nowhere_there")
                shell.run_cell("1").assert_ok()
                shell.expect_failures()

            def test_expected_again(tmp_plugin, shell):
                tmp_plugin("input", "broken", "import nowhere_there")
                # Said once in a process, but in each test.
                assert "nowhere_there" in shell.run_cell("1").stderr
                shell.expect_failures()
        """,
    )
    text = project.run(passed=3, errors=1)
    assert "ERROR at teardown of test_forgotten" in text
    assert "a plugin failed:\nplugin tmp-plugin[broken] 1.0 (input), import: ModuleNotFoundError" in text
    assert "A test that wants one to fail calls shell.expect_failures()." in text
    assert "During handling" not in text


def test_a_shell_that_is_left_open_is_closed_and_told_of(project: Project) -> None:
    project.write(
        conftest=CONFTEST,
        test_it="""
            from ipcore import InteractiveShell, get_ipython

            def test_leaves(make_shell):
                make_shell()
                InteractiveShell().start()

            def test_next():
                assert get_ipython() is None
        """,
    )
    text = project.run(passed=2, errors=1)
    assert "1 shell(s) that the test made itself are still open" in text


def test_leaks_are_named_whichever_fixture_comes_first(project: Project) -> None:
    project.write(
        conftest=CONFTEST,
        test_it="""
            import threading

            ended = threading.Event()

            def wait():
                ended.wait(60)

            def test_clean(shell, run_ipshell, tmp_plugin, no_leaks):
                shell.run_cell("import asyncio; await asyncio.sleep(0)").assert_ok()

            def test_leaks(shell, no_leaks):
                shell.user_ns["wait"] = wait
                shell.run_cell("import threading; threading.Thread(target=wait, name='poller').start()")

            def test_end():
                ended.set()
        """,
    )
    text = project.run(passed=3, errors=1)
    assert "this was left behind:\n  thread poller (runs test_it.wait, is at " in text


# -- what those notice who do not use it ---------------------------------------------------


def test_pytest_loads_nothing_of_the_core_by_itself(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_modules(pytestconfig):
            assert [name for name in sys.modules if name.partition(".")[0] in ("ipcore", "ipshell")] == []
        """
    )
    pytester.runpytest_subprocess("-p", "no:cov", timeout=120).assert_outcomes(passed=1)


def test_the_distribution_has_no_entry_point_for_pytest() -> None:
    groups = {each.group for each in distribution("ipshell-core").entry_points}
    assert "pytest11" not in groups


def test_nothing_of_the_core_imports_the_kit() -> None:
    sources = Path(ipcore.__file__).parent
    found = []
    for path in sources.rglob("*.py"):
        if "testing" in path.relative_to(sources).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            )
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if any("testing" in f"{module}.{name}".split(".") for name in names):
                found.append(f"{path}:{getattr(node, 'lineno', 0)}")
    assert found == []


def test_without_pytest_the_way_to_it_is_told() -> None:
    code = (
        "import sys\nsys.modules['pytest'] = None\n"
        "try:\n    import ipcore.testing\nexcept ModuleNotFoundError as error:\n    print(error.name, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == (
        'pytest ipcore.testing needs pytest, which the extra "testing" brings: '
        'pip install "ipshell-core[testing]"\n'
    )
    assert done.stderr == ""


def test_importing_the_kit_imports_no_shell() -> None:
    from ipcore.testing import assert_lazy

    assert_lazy("import ipcore.testing", ["ipcore.shell", "traitlets", "ipcore.testing.fixtures"])
    assert_lazy("import ipcore.testing as kit\nassert all(hasattr(kit, name) for name in kit.__all__)", "x")
