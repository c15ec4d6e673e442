"""``ipshell config``, ``profile`` and ``locate``, as a user runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def file(home: Path) -> Path:
    folder = home / "profile_default"
    folder.mkdir(parents=True)
    return folder / "ipshell_config.py"


def test_config_paths(ipcore: Run, file: Path, home: Path) -> None:
    file.write_text("c.InteractiveShell.cache_size = 5\nc.InteractiveShell.cash_size = 5\n")
    done = ipcore("config", "paths")
    assert done.returncode == 0
    assert f"Read, the last wins:\n  {file}\n" in done.stdout
    assert f"  {file.with_suffix('.json')}\n" in done.stdout
    assert done.stderr == (
        f"ipshell: {file}:2: InteractiveShell has no option 'cash_size'; it was ignored; "
        "did you mean InteractiveShell.cache_size?\n"
    )


@pytest.mark.parametrize("text", ["c.cache_size = 5\n", "c.InteractiveShell.cash_size = 5\n"])
def test_mistakes_are_told_once_when_the_shell_starts(ipcore: Run, file: Path, text: str) -> None:
    file.write_text(text)
    done = ipcore("-c", "print(6 * 7)")
    assert (done.returncode, done.stdout) == (0, "42\n")
    [told] = done.stderr.splitlines()
    assert told.startswith(f"ipshell: {file}:1: ")
    assert told.endswith("did you mean InteractiveShell.cache_size?")


def test_config_show(ipcore: Run, file: Path) -> None:
    file.write_text("c.InteractiveShell.cache_size = 5\n")
    done = ipcore("--IPShellApp.exec_lines=1", "config", "show")
    assert done.returncode == 0
    assert f"c.InteractiveShell.cache_size = 5  # {file}:1\n" in done.stdout
    assert "c.IPShellApp.exec_lines = ['1']  " in done.stdout
    assert "# command line: --IPShellApp.exec_lines" in done.stdout


def test_config_show_json_is_json_even_if_a_file_is_wrong(ipcore: Run, file: Path) -> None:
    file.write_text("c.InteractiveShell.cache_size = 5\n1/0\n")
    done = ipcore("config", "show", "--json")
    assert json.loads(done.stdout) == {"InteractiveShell": {"cache_size": 5}}
    assert f"{file}:2: ZeroDivisionError" in done.stderr


def test_show_config_options(ipcore: Run, file: Path) -> None:
    file.write_text("c.InteractiveShell.cache_size = 5\n")
    assert json.loads(ipcore("--show-config-json").stdout) == {"InteractiveShell": {"cache_size": 5}}
    assert ipcore("--show-config").stdout.startswith("c.InteractiveShell.cache_size = 5")


def test_config_explain(ipcore: Run, file: Path) -> None:
    file.write_text("\nc.InteractiveShell.cache_size = 5\n")
    done = ipcore("config", "explain", "cache_size")
    assert done.returncode == 0
    assert done.stdout.startswith("InteractiveShell.cache_size = 5\n")
    assert f"  > {file}:2  = 5\n" in done.stdout
    done = ipcore("config", "explain", "InteractiveShell.cash_size")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "did you mean InteractiveShell.cache_size?" in done.stderr


def test_errors_in_a_file_can_be_made_to_stop_the_program(ipcore: Run, file: Path) -> None:
    file.write_text("1/0\n")
    for value, status in (("0", 1), ("1", 0), ("2", 2)):
        done = ipcore("config", "show", IPSHELL_SUPPRESS_CONFIG_ERRORS=value)
        assert done.returncode == status
        assert len(done.stderr.splitlines()) == 1


def test_profile_create_list_and_locate(ipcore: Run, home: Path) -> None:
    assert "profile create NAME" in ipcore("profile", "list").stdout
    done = ipcore("profile", "create", "work")
    file = home / "profile_work" / "ipshell_config.py"
    assert done.returncode == 0
    assert f"wrote {file}\n" in done.stdout
    file.write_text("c.InteractiveShell.cache_size = 5\n")
    assert "was left as it is" in ipcore("profile", "create", "work").stdout
    assert file.read_text() == "c.InteractiveShell.cache_size = 5\n"
    assert f"wrote {file}\n" in ipcore("profile", "create", "work", "--reset").stdout
    assert "# c.InteractiveShell.cache_size = 1000" in file.read_text()
    assert ipcore("profile", "list").stdout.startswith(f"work  {home / 'profile_work'}\n")
    assert ipcore("profile", "locate", "work").stdout == f"{home / 'profile_work'}\n"
    assert ipcore("profile", "locate").stdout == f"{home / 'profile_default'}\n"
    done = ipcore("profile", "locate", "wrok")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no profile 'wrok'; did you mean work?" in done.stderr
    done = ipcore("profile", "create", "../out")
    assert done.returncode == 2
    assert "cannot be the name of a profile" in done.stderr


def test_locate(ipcore: Run, home: Path, tmp_path: Path) -> None:
    assert ipcore("locate").stdout == f"{home}\n"
    assert ipcore("locate", "profile").stdout == f"{home / 'profile_default'}\n"
    assert ipcore("--profile=work", "locate", "profile").stdout == f"{home / 'profile_work'}\n"
    assert ipcore(f"--profile-dir={tmp_path / 'p'}", "locate", "profile").stdout == f"{tmp_path / 'p'}\n"
    done = ipcore("locate", "profile", "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert "ipshell profile create none" in done.stderr
    assert ipcore("locate", "elsewhere").returncode == 2
    assert ipcore("locate", "default").returncode == 2
    assert not list(home.glob("profile_*"))


def test_profile_import_ipython(ipcore: Run, home: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "ipython" / "profile_default"
    theirs.mkdir(parents=True)
    (theirs / "ipython_config.py").write_text("c.InteractiveShell.cash_size = 5\n")
    for arguments, environment in (
        (["--ipython-dir", str(theirs.parent)], {}),
        ([], {"IPYTHONDIR": str(theirs.parent)}),
    ):
        done = ipcore("profile", "import-ipython", "--force", *arguments, **environment)
        assert done.returncode == 0
        assert f"copied {theirs / 'ipython_config.py'}\n" in done.stdout
        assert "ipshell_config.py:1: InteractiveShell has no option 'cash_size'" in done.stdout
    done = ipcore("profile", "import-ipython", IPYTHONDIR=str(theirs.parent))
    assert done.returncode == 0
    assert "nothing was copied" in done.stdout
    assert "--force replaces it" in done.stdout
    (theirs / "history.sqlite").write_text("rubbish" * 1000)
    assert ipcore("profile", "import-ipython", IPYTHONDIR=str(theirs.parent)).returncode == 1
    done = ipcore("profile", "import-ipython", "--profile", "none", IPYTHONDIR=str(theirs.parent))
    assert done.returncode == 1
    assert "there are: default" in done.stderr
