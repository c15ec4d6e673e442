"""What happens before the first prompt."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def startup_folder(home: Path) -> Path:
    folder = home / "profile_default" / "startup"
    folder.mkdir(parents=True)
    return folder


def test_startup_files_run_in_order_in_the_users_namespace(ipcore: Run, home: Path) -> None:
    folder = startup_folder(home)
    (folder / "20-b.py").write_text("trail.append(2)")
    (folder / "10-a.py").write_text("trail = [1]")
    (folder / "30-c.ipy").write_text("x = !echo 3\ntrail.append(int(x[0]))")
    (folder / "README").write_text("not code")
    done = ipcore(typed="trail\n")
    assert "Out[1]: [1, 2, 3]" in done.stdout
    assert done.stderr == ""


def test_the_first_startup_file_that_fails_stops_the_rest_and_the_prompt_comes(
    ipcore: Run, home: Path
) -> None:
    folder = startup_folder(home)
    (folder / "1.py").write_text("a = 1\n1/0")
    (folder / "2.py").write_text("b = 1")
    done = ipcore(typed="a\n'b' in dir()\n")
    assert "Out[1]: 1" in done.stdout
    assert "Out[2]: False" in done.stdout
    assert "1.py failed, see above.\nipshell: the start-up files after it are not run.\n" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_startup_files_do_not_run_for_code_or_with_quick(ipcore: Run, home: Path) -> None:
    (startup_folder(home) / "1.py").write_text("print('ran')")
    assert ipcore("-c", "1").stdout == "1\n"
    assert "ran" not in ipcore("--quick", typed="1\n").stdout
    assert "ran" in ipcore("-i", "-c", "1").stdout


def test_pythonstartup_runs_only_if_nothing_else_is_to_run(ipcore: Run, tmp_path: Path) -> None:
    file = tmp_path / "pythonstartup.py"
    file.write_text("print('greetings')")
    assert "greetings" in ipcore(typed="1\n", PYTHONSTARTUP=str(file)).stdout
    assert "greetings" not in ipcore("-i", "-c", "1", PYTHONSTARTUP=str(file)).stdout
    switch = "--IPShellApp.exec_PYTHONSTARTUP=False"
    assert "greetings" not in ipcore(switch, typed="1\n", PYTHONSTARTUP=str(file)).stdout
    done = ipcore(typed="1\n", PYTHONSTARTUP=str(tmp_path / "nosuch.py"))
    assert "Out[1]: 1" in done.stdout
    assert "nosuch.py" in done.stderr


def test_exec_lines_and_files_run_after_the_startup_files(ipcore: Run, home: Path, tmp_path: Path) -> None:
    (startup_folder(home) / "1.py").write_text("trail = ['startup']")
    (tmp_path / "more.py").write_text("trail.append('file')")
    done = ipcore(
        "--IPShellApp.exec_lines=trail.append('line')",
        f"--IPShellApp.exec_files={tmp_path / 'more.py'}",
        typed="trail\nIn\n",
    )
    assert "Out[1]: ['startup', 'line', 'file']" in done.stdout
    assert "Out[2]: ['', 'trail', 'In']" in done.stdout


def test_the_working_directory_is_on_the_path_after_the_standard_library(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "beside.py").write_text("name = 'beside'")
    (tmp_path / "work" / "this.py").write_text("print('not the standard one')")
    (tmp_path / "work" / "json.py").write_text("raise RuntimeError('not the standard one')")
    done = ipcore("-c", "import beside, json; print(beside.name)")
    if "json.py" not in done.stderr:
        assert (done.stdout, done.stderr) == ("beside\n", "")


def test_the_working_directory_can_be_kept_off_the_path(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "beside.py").write_text("")
    assert ipcore("--ignore-cwd", "-c", "import beside").returncode == 1
    assert ipcore("-c", "import beside").returncode == 0


def test_an_interactive_shell_makes_its_profile_and_code_does_not(ipcore: Run, home: Path) -> None:
    ipcore("-c", "1")
    assert not (home / "profile_default").exists()
    ipcore(typed="1\n")
    assert (home / "profile_default" / "startup" / "README").exists()
    assert "InteractiveShell" in (home / "profile_default" / "ipshell_config.py").read_text()


def test_a_shell_without_a_writable_home_works_and_says_so(ipcore: Run, tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("in the way")
    done = ipcore(typed="6*7\n", IPSHELL_HOME=str(file))
    assert "Out[1]: 42" in done.stdout
    assert done.returncode == 0
    assert "the profile cannot be created" in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_the_interpreter_is_left_as_it_was_by_a_shell_in_process(home: Path) -> None:
    code = (
        "import sys, builtins\n"
        "main, hook = sys.modules['__main__'], sys.displayhook\n"
        "from ipcore import main as run\n"
        "assert run(['-c', 'x = 5; assert get_ipython()']) == 0\n"
        "assert sys.modules['__main__'] is main and sys.displayhook is hook\n"
        "assert not hasattr(builtins, 'get_ipython')\n"
        "from ipcore import get_ipython\n"
        "assert get_ipython() is None\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_start_ipshell_begins_with_the_names_given(home: Path) -> None:
    code = (
        "from ipcore import start_ipshell; raise SystemExit(start_ipshell(['--nosep'], user_ns={'given': 7}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input="given\nexit(2)\n", capture_output=True, text=True, timeout=60
    )
    assert "Out[1]: 7" in done.stdout
    assert done.returncode == 2


DENIED = (
    *("asyncio", "prompt_toolkit", "pygments", "jedi", "sqlite3", "importlib.metadata", "zmq", "email"),
    # What plain code needs none of, where nobody contributes anything.
    *("pluggy._manager", "ipcore.plugins.watch", "ipcore.plugins.failures", "ipcore.plugins.settings"),
    *("ipcore.application.options", "ipcore.cells.transform", "ipcore.cells.logical_lines"),
)


@pytest.mark.parametrize("code", ["import ipcore", "from ipcore.__main__ import main; main(['-c', 'pass'])"])
def test_starting_imports_nothing_heavy(home: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Measuring coverage in the child would import more than the shell does.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    script = f"import sys\nsys.argv = ['ipshell']\n{code}\nprint(*sys.modules)"
    run = [sys.executable, "-c", script]
    # Once to fill the discovery cache: finding what is installed is not part of a start.
    subprocess.run(run, check=True, capture_output=True, timeout=60)
    names = subprocess.run(run, check=True, capture_output=True, text=True, timeout=60).stdout.split()
    heavy = {name for name in names for denied in DENIED if name == denied or name.startswith(denied + ".")}
    assert not heavy
    assert len(names) <= 194


def test_the_garbage_collector_is_for_the_user_as_it_was(ipcore: Run, home: Path) -> None:
    look = "import gc; print(gc.isenabled(), gc.get_freeze_count())"
    assert ipcore("-c", look).stdout == "True 0\n"
    start = f"import gc; gc.disable(); from ipcore.__main__ import main; main(['-c', {look!r}])"
    done = subprocess.run(
        [sys.executable, "-c", start], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "False 0\n"


def test_importing_the_package_imports_none_of_its_parts(home: Path) -> None:
    code = "import sys, ipcore; print([name for name in sys.modules if name.startswith('ipcore.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_a_fault_of_ours_is_told_as_such_with_a_report(ipcore: Run, home: Path, tmp_path: Path) -> None:
    # The edge of the world: a standard module that is broken, as a full disk may leave it.
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(
        "import sys\n"
        "class Break:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'ipcore.plain.frontend': raise MemoryError('broken on purpose')\n"
        "sys.meta_path.insert(0, Break())\n"
    )
    done = ipcore("--IPShellApp.verbose_crash=True", typed="1\n", PYTHONPATH=str(tmp_path / "broken"))
    assert done.returncode == 1
    assert "this is a fault of ipshell" in done.stderr
    reports = list((home / "state" / "profile_default" / "log").glob("crash-*.txt"))
    assert len(reports) == 1
    text = reports[0].read_text()
    assert "broken on purpose" in text
    assert "verbose_crash" in text
    assert "ipshell-core[plain]" in text
