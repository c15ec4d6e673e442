"""Files and modules that extensions run: safe_execfile and its like."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ipcore import policies
from ipcore.errors import PolicyError
from ipcore.shell import InteractiveShell
from ipcore.types.policies import ALLOW, Decision, Request, refuse


@pytest.fixture(autouse=True)
def _nothing_has_run_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_least_trusted", "program")


def write(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def notebook(*cells: str) -> str:
    found = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_a_file_runs_in_the_users_names_or_in_others(shell: InteractiveShell, tmp_path: Path) -> None:
    write(tmp_path, "beside.py", "value = 42")
    file = write(tmp_path, "one.py", "import beside\nn = beside.value\ndef f(): return n")
    path = list(sys.path)
    shell.safe_execfile(file)
    assert shell.user_ns["f"]() == 42
    names: dict[str, Any] = {}
    shell.safe_execfile(Path(file), names)
    assert names["n"] == 42
    local: dict[str, Any] = {}
    shell.safe_execfile(file, {}, local)
    assert local["n"] == 42
    assert sys.path == path


def test_what_a_file_raises_is_shown_and_raised_only_on_demand(
    shell: InteractiveShell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "bad.py", "a = 1\na / 0")
    shell.safe_execfile(file)
    told = capsys.readouterr().err
    assert told.startswith("Traceback")
    assert 'bad.py", line 2' in told
    assert "file_runner" not in told
    assert shell.user_ns["a"] == 1
    with pytest.raises(ZeroDivisionError):
        shell.safe_execfile(file, raise_exceptions=True)
    shell.safe_execfile(write(tmp_path, "wrong.py", "a ="))
    assert "SyntaxError" in capsys.readouterr().err
    shell.safe_execfile(str(tmp_path / "missing.py"))
    told = capsys.readouterr().err
    assert told.startswith("ipshell: cannot open ")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("code", "options", "told"),
    [
        ("", {}, False),
        ("0", {}, False),
        ("3", {}, True),
        ("'why'", {}, True),
        ("3", {"exit_ignore": True}, False),
        ("0", {"raise_exceptions": True}, False),
    ],
)
def test_system_exit_ends_the_file_alone(
    shell: InteractiveShell,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    code: str,
    options: dict[str, bool],
    told: bool,
) -> None:
    file = write(tmp_path, "leaves.py", f"import sys\nsys.exit({code})\nn = 1")
    shell.safe_execfile(file, **options)
    assert bool(capsys.readouterr().err) is told
    assert "n" not in shell.user_ns
    assert not shell.exiting


def test_system_exit_is_raised_on_demand(shell: InteractiveShell, tmp_path: Path) -> None:
    file = write(tmp_path, "leaves.py", "raise SystemExit(3)")
    with pytest.raises(SystemExit):
        shell.safe_execfile(file, raise_exceptions=True)


def test_a_file_shares_future_imports_with_cells_on_demand(shell: InteractiveShell, tmp_path: Path) -> None:
    file = write(tmp_path, "future.py", "from __future__ import annotations")
    probe = "def f(a: int): pass\nf.__annotations__['a']"
    shell.safe_execfile(file)
    assert shell.run_cell(probe).result is int
    shell.safe_execfile(file, shell_futures=True)
    assert shell.run_cell(probe).result == "int"


def test_cells_of_a_file_run_with_their_escapes_and_show_nothing(
    shell: InteractiveShell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: list[str] = []
    shell.magics.register("line", "greet", lines.append)
    shell.safe_execfile_ipy(write(tmp_path, "one.ipy", "n = 6\n%greet you\nn * 7"))
    shell.safe_execfile_ipy(write(tmp_path, "two.ipynb", notebook("m = 1", "%greet me", "m")))
    assert (lines, capsys.readouterr()) == (["you", "me"], ("", ""))
    assert (shell.user_ns["n"], shell.user_ns["m"], shell.execution_count) == (6, 1, 1)
    assert shell.user_ns["In"] == [""]


def test_a_notebook_stops_at_its_first_failing_cell(
    shell: InteractiveShell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "bad.ipynb", notebook("a = 1", "a / 0", "a = 2"))
    shell.safe_execfile_ipy(file)
    assert shell.user_ns["a"] == 1
    assert "bad.ipynb cell 2, line 1" in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError):
        shell.safe_execfile_ipy(file, raise_exceptions=True)
    capsys.readouterr()
    shell.safe_execfile_ipy(write(tmp_path, "none.ipynb", "{}"))
    assert "is not a notebook" in capsys.readouterr().err


def test_a_module_runs_as_main_and_gives_its_names(
    shell: InteractiveShell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(
        tmp_path,
        "some_module.py",
        "import sys\nname = __name__\nmain = sys.modules['__main__'].__dict__ is globals()",
    )
    write(tmp_path, "bad_module.py", "1 / 0")
    write(tmp_path, "leaving_module.py", "raise SystemExit(3)")
    monkeypatch.syspath_prepend(tmp_path)
    main = sys.modules["__main__"]
    names: dict[str, Any] = {}
    shell.safe_run_module("some_module", names)
    assert (names["name"], names["main"]) == ("__main__", True)
    assert sys.modules["__main__"] is main
    shell.safe_run_module("bad_module", names)
    assert "ZeroDivisionError" in capsys.readouterr().err
    shell.safe_run_module("leaving_module", names)
    assert "SystemExit: 3" in capsys.readouterr().err
    shell.safe_run_module("no_such_module_anywhere", names)
    assert "No module named no_such_module_anywhere" in capsys.readouterr().err


def test_policies_judge_files_and_what_runs_in_them(
    shell: InteractiveShell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, str, str]] = []

    class Rule:
        name = "rule"

        def decide(self, request: Request) -> Decision:
            asked.append((request.kind, Path(request.text).name, request.origin))
            if request.kind == "system" or "secret" in request.text:
                return refuse("no")
            return ALLOW

    shell.policies.add(Rule())
    for name in ("secret.py", "secret.ipy", "secret.ipynb"):
        file = write(tmp_path, name, "n = 1")
        run = shell.safe_execfile if name.endswith(".py") else shell.safe_execfile_ipy
        with pytest.raises(PolicyError):
            run(file)
    with pytest.raises(PolicyError):
        shell.safe_run_module("secret_module", {})
    assert "n" not in shell.user_ns
    asked.clear()
    shell.safe_execfile_ipy(write(tmp_path, "open.ipy", "!echo x"))
    assert asked == [
        ("file", "open.ipy", "program"),
        ("cell", "!echo x", "file"),
        ("system", "echo x", "file"),
    ]
    asked.clear()
    shell.safe_execfile(write(tmp_path, "open.py", "get_ipython().system('echo x')"))
    assert asked == [("file", "open.py", "program"), ("system", "echo x", "file")]
    asked.clear()
    shell.run_cell(f"get_ipython().safe_execfile_ipy({str(tmp_path / 'open.ipy')!r})", origin="remote")
    assert [origin for _, _, origin in asked] == ["remote"] * 4
    assert "PolicyError" in capsys.readouterr().err
