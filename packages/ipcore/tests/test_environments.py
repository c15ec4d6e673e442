"""Which environment is the active one, and that the shell tells when it runs in another."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ipcore.application.environments import Wrong, find_wrong

Run = Callable[..., subprocess.CompletedProcess[str]]


class Layout:
    """A made-up file system.

    :param files: what there is, with folders above it.
    :param links: where symbolic links lead to, by the start of a path.
    """

    def __init__(self, files: Iterable[str], links: dict[str, str], *, windows: bool) -> None:
        self.windows = windows
        self.links = links
        self.paths: set[str] = set()
        for file in files:
            parts = self._plain(file).split("/")
            self.paths |= {"/".join(parts[:count]) for count in range(1, len(parts) + 1)}

    def _plain(self, path: str) -> str:
        return path.replace("\\", "/").lower() if self.windows else path

    def _real(self, path: str) -> str:
        path = self._plain(path)
        for start, target in self.links.items():
            if path == start or path.startswith(start + "/"):
                return target + path[len(start) :]
        return path

    def exists(self, path: str) -> bool:
        return self._real(path) in self.paths

    def same(self, one: str, other: str) -> bool:
        return self._real(one) == self._real(other)

    def matches(self, pattern: str) -> bool:
        return any(fnmatch.fnmatchcase(path, self._real(pattern)) for path in self.paths)


VENV = ("/p/.venv/bin/python", "/p/.venv/bin/ipshell")
OTHER = ("/q/.venv/bin/python", "/q/.venv/bin/ipshell")
TOOL = "/home/a/.local/share/pipx/venvs/ipshell"
BASE = ("/opt/conda/bin/python", "/opt/conda/conda-meta/history", "/opt/conda/condabin/conda")
DATA = ("/opt/conda/envs/data/bin/python", "/opt/conda/envs/data/conda-meta/history")
WINDOWS = ("C:/p/.venv/Scripts/python.exe", "C:/p/.venv/Scripts/ipshell.exe", "C:/p/.venv/pyvenv.cfg")
MINICONDA = (
    "C:/Users/a/miniconda3/python.exe",
    "C:/Users/a/miniconda3/conda-meta/history",
    "C:/Users/a/miniconda3/condabin/conda.bat",
    "C:/Users/a/miniconda3/envs/data/python.exe",
    "C:/Users/a/miniconda3/envs/data/conda-meta/history",
)


def check(
    environ: dict[str, str],
    prefix: str,
    files: Iterable[str] = (*VENV, *OTHER, *BASE, *DATA),
    links: dict[str, str] | None = None,
    *,
    windows: bool = False,
) -> Wrong | None:
    return find_wrong(environ, prefix, Layout(files, links or {}, windows=windows), windows=windows)


@pytest.mark.parametrize(
    ("environ", "prefix"),
    [
        pytest.param({}, "/usr", id="none active"),
        pytest.param({"VIRTUAL_ENV": ""}, "/usr", id="empty"),
        pytest.param({"VIRTUAL_ENV": "/p/.venv"}, "/p/.venv", id="venv"),
        pytest.param({"VIRTUAL_ENV": "/p/.venv/"}, "/p/.venv", id="a slash at the end"),
        pytest.param({"VIRTUAL_ENV": "/p/./.venv"}, "/p/.venv", id="a detour"),
        pytest.param({"VIRTUAL_ENV": "/gone"}, "/usr", id="deleted"),
        pytest.param({"PYENV_VERSION": "3.13.0"}, "/home/a/.pyenv/versions/3.13.0", id="pyenv"),
        pytest.param({}, TOOL, id="pipx"),
        pytest.param({"CONDA_PREFIX": "/opt/conda"}, "/opt/conda", id="conda base"),
        pytest.param({"CONDA_PREFIX": "/opt/conda"}, TOOL, id="pipx in conda base"),
        pytest.param({"CONDA_PREFIX": "/opt/conda"}, "/usr", id="system in conda base"),
        pytest.param({"CONDA_PREFIX": "/opt/conda"}, "/p/.venv", id="a venv by its path in conda base"),
        pytest.param(
            {"CONDA_PREFIX": "/opt/conda/envs/data", "CONDA_PREFIX_1": "/opt/conda", "CONDA_SHLVL": "2"},
            "/opt/conda/envs/data",
            id="conda nested",
        ),
        pytest.param(
            {"CONDA_PREFIX": "/opt/conda/envs/tools", "CONDA_PREFIX_1": "/opt/conda"},
            "/opt/conda",
            id="conda stacked, without a Python of its own",
        ),
        pytest.param(
            {
                "CONDA_PREFIX": "/opt/conda",
                "VIRTUAL_ENV": "/p/.venv",
                "PATH": "/p/.venv/bin:/opt/conda/bin:/usr/bin",
            },
            "/p/.venv",
            id="venv in conda base",
        ),
        pytest.param(
            {
                "CONDA_PREFIX": "/opt/conda/envs/data",
                "VIRTUAL_ENV": "/p/.venv",
                "PATH": "/opt/conda/envs/data/bin:/p/.venv/bin:/usr/bin",
            },
            "/opt/conda/envs/data",
            id="conda activated in a venv",
        ),
    ],
)
def test_there_is_no_false_warning(environ: dict[str, str], prefix: str) -> None:
    assert check(environ, prefix) is None


def test_symbolic_links_lead_to_the_same_environment() -> None:
    versions = {"/home/a/.pyenv/versions/work": "/home/a/.pyenv/versions/3.13.0/envs/work"}
    files = ("/home/a/.pyenv/versions/3.13.0/envs/work/bin/python",)
    active = {"VIRTUAL_ENV": "/home/a/.pyenv/versions/work"}
    assert check(active, "/home/a/.pyenv/versions/3.13.0/envs/work", files, versions) is None
    assert (
        check(
            {"VIRTUAL_ENV": "/var/v"},
            "/private/var/v",
            ["/private/var/v/bin/python"],
            {"/var": "/private/var"},
        )
        is None
    )


@pytest.mark.parametrize(
    ("environ", "prefix"),
    [
        ({"VIRTUAL_ENV": r"C:\p\.venv"}, r"C:\p\.venv"),
        ({"VIRTUAL_ENV": r"c:\P\.venv"}, r"C:\p\.venv"),
        ({"VIRTUAL_ENV": "C:/p/.venv"}, r"C:\p\.venv"),
        ({"VIRTUAL_ENV": "/c/p/.venv"}, r"C:\p\.venv"),
        ({"VIRTUAL_ENV": "/cygdrive/c/p/.venv"}, r"C:\p\.venv"),
        ({"CONDA_PREFIX": r"C:\Users\a\miniconda3"}, r"C:\Users\a\miniconda3"),
        ({"CONDA_PREFIX": r"C:\Users\a\miniconda3"}, r"C:\p\.venv"),
        ({"CONDA_PREFIX": r"C:\Users\a\miniconda3\envs\data"}, r"C:\Users\a\miniconda3\envs\data"),
        (
            {
                "CONDA_PREFIX": r"C:\Users\a\miniconda3\envs\data",
                "VIRTUAL_ENV": r"C:\p\.venv",
                "PATH": r"C:\Users\a\miniconda3\envs\data;C:\p\.venv\Scripts;C:\Windows",
            },
            r"C:\Users\a\miniconda3\envs\data",
        ),
    ],
)
def test_there_is_no_false_warning_on_windows(environ: dict[str, str], prefix: str) -> None:
    assert check(environ, prefix, (*WINDOWS, *MINICONDA), windows=True) is None


@pytest.mark.parametrize("prefix", ["/usr", "/q/.venv", TOOL, "/opt/conda"])
def test_another_than_the_active_one_is_found_with_what_starts_it(prefix: str) -> None:
    wrong = check({"VIRTUAL_ENV": "/p/.venv/"}, prefix)
    assert wrong == Wrong("/p/.venv", ("/p/.venv/bin/ipshell",))


def test_of_two_that_are_active_the_first_on_the_path_counts() -> None:
    environ = {"VIRTUAL_ENV": "/p/.venv", "CONDA_PREFIX": "/opt/conda/envs/data"}
    inner = {**environ, "PATH": "/p/.venv/bin:/opt/conda/envs/data/bin"}
    assert check(inner, "/opt/conda/envs/data") == Wrong("/p/.venv", ("/p/.venv/bin/ipshell",))
    outer = {**environ, "PATH": "/opt/conda/envs/data/bin:/p/.venv/bin"}
    assert check(outer, "/p/.venv") == Wrong("/opt/conda/envs/data", ())
    assert check(environ, "/opt/conda/envs/data") == Wrong("/p/.venv", ("/p/.venv/bin/ipshell",))


def test_the_core_alone_and_windows_have_commands_of_their_own() -> None:
    core = ("/p/.venv/bin/python", "/p/.venv/lib/python3.13/site-packages/ipshell_core-1.0.dist-info/RECORD")
    assert check({"VIRTUAL_ENV": "/p/.venv"}, "/usr", core) == Wrong(
        "/p/.venv", ("/p/.venv/bin/python", "-m", "ipcore")
    )
    wrong = check({"VIRTUAL_ENV": "/c/p/.venv"}, r"C:\Python", WINDOWS, windows=True)
    assert wrong == Wrong(r"c:\p\.venv", (r"c:\p\.venv\Scripts\ipshell.exe",))
    data = r"C:\Users\a\miniconda3\envs\data"
    files = (*MINICONDA, data + r"\Lib\site-packages\ipshell_core-1.0.dist-info\RECORD")
    wrong = check({"CONDA_PREFIX": data}, r"C:\p\.venv", files, windows=True)
    assert wrong == Wrong(data, (data + r"\python.exe", "-m", "ipcore"))


# -- real environments -------------------------------------------------------------

UV = shutil.which("uv", path=sysconfig.get_path("scripts")) or shutil.which("uv")


def make(folder: Path, *, uv: bool = False) -> Path:
    """Make an environment that imports what the tests' own does; give its Python."""
    if uv:
        command = [UV or "uv", "venv", "--quiet", "--offline", "--python", sys.executable, str(folder)]
    else:
        command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    binaries = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = binaries / ("python.exe" if sys.platform == "win32" else "python")
    answer = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    ours = [sysconfig.get_path("purelib"), str(Path(__file__).parents[1] / "src")]
    ours += [each for each in sys.path if Path(each).name == "src"]  # what is installed as it is edited
    (Path(answer.stdout.strip()) / "ours.pth").write_text("\n".join(ours) + "\n")
    return python


def start(python: Path | str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a shell of that Python for one cell, which tells its path."""
    return subprocess.run(
        [str(python), "-m", "ipcore", "--no-banner", *arguments],
        input="import sys; print(sys.path)\n",
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(params=["venv", "uv"])
def python(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Path:
    """Give the Python of a fresh environment."""
    uv = request.param == "uv"
    if uv and UV is None:
        pytest.skip("uv is not installed")
    return make(tmp_path / "an environment", uv=uv)


def test_the_active_environment_is_quiet_by_whatever_path(python: Path, tmp_path: Path) -> None:
    folder = python.parent.parent
    assert start(python, VIRTUAL_ENV=str(folder)).stderr == ""
    assert start(python, VIRTUAL_ENV=str(folder) + os.sep).stderr == ""
    if sys.platform != "win32":
        link = tmp_path / "link"
        link.symlink_to(folder)
        assert start(python, VIRTUAL_ENV=str(link)).stderr == ""
        assert start(link / "bin" / "python", VIRTUAL_ENV=str(folder)).stderr == ""
    inner = make(tmp_path / "inner")  # one made in another
    assert start(inner, VIRTUAL_ENV=str(tmp_path / "inner")).stderr == ""


def test_another_one_is_told_in_one_line_and_nothing_is_done(python: Path, tmp_path: Path) -> None:
    folder = python.parent.parent
    plain = start(sys.executable)
    wrong = start(sys.executable, VIRTUAL_ENV=str(folder))
    assert plain.stderr == ""
    assert wrong.stderr.startswith(f"ipshell: the active environment is {folder}, but this shell runs in")
    assert wrong.stderr.count("\n") == 1
    assert wrong.stderr.endswith(" ipshell is not installed there.\n")
    assert wrong.stdout == plain.stdout, "sys.path was touched"
    program = python.with_name("ipshell.exe" if sys.platform == "win32" else "ipshell")
    program.touch()
    wrong = start(sys.executable, VIRTUAL_ENV=str(folder))
    assert f"{program}" in wrong.stderr.partition("To start the one there: ")[2]
    # The other way round: the shell of an environment, called by its path while another is active.
    assert (
        "but this shell runs in" in start(python, VIRTUAL_ENV=str(make(tmp_path / "b").parent.parent)).stderr
    )


def test_only_a_conversation_tells_and_an_option_turns_it_off(ipcore: Run, tmp_path: Path) -> None:
    active = str(make(tmp_path / "other").parent.parent)
    assert ipcore("-c", "pass", VIRTUAL_ENV=active).stderr == ""
    assert "the active environment is" in ipcore(typed="1\n", VIRTUAL_ENV=active).stderr
    assert ipcore("--InteractiveShell.warn_venv=False", typed="1\n", VIRTUAL_ENV=active).stderr == ""


def test_nothing_is_imported_for_it_where_no_environment_is_active(ipcore: Run) -> None:
    cell = "import sys; 'ipcore.application.environments' in sys.modules\n"
    assert "Out[1]: False" in ipcore(typed=cell).stdout
