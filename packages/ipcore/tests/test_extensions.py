"""Extensions: modules loaded by name, while the shell runs and at the start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipcore.extensions import describe
from ipcore.shell import InteractiveShell

Run = Callable[..., subprocess.CompletedProcess[str]]

FULL = """
def load_ipython_extension(ip):
    ip.user_ns.setdefault("trail", []).append("load")

def unload_ipython_extension(ip):
    ip.user_ns["trail"].append("unload")
"""


@pytest.fixture
def folder(shell: InteractiveShell, tmp_path: Path) -> Iterator[Path]:
    """Give the folder of extensions of the shell; what was imported from it is forgotten after."""
    place = tmp_path / "extensions"
    place.mkdir()
    shell.extensions_folder = str(place)
    before = set(sys.modules)
    yield place
    for name in set(sys.modules) - before:
        if str(place) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_an_extension_is_loaded_unloaded_and_loaded_again(shell: InteractiveShell, folder: Path) -> None:
    (folder / "ext_full.py").write_text(FULL)
    manager = shell.extension_manager
    assert manager.load_extension("ext_full") is None
    assert manager.load_extension("ext_full") == "already loaded"
    assert manager.loaded == {"ext_full"}
    assert manager.unload_extension("ext_full") is None
    assert manager.unload_extension("ext_full") == "not loaded"
    assert manager.load_extension("ext_full") is None
    assert shell.user_ns["trail"] == ["load", "unload", "load"]


def test_reloading_takes_the_new_text(shell: InteractiveShell, folder: Path) -> None:
    file = folder / "ext_changing.py"
    file.write_text(FULL)
    manager = shell.extension_manager
    assert manager.reload_extension("ext_changing") is None, "one that is not loaded is just loaded"
    file.write_text(FULL.replace('"load"', '"new, longer load"'))
    assert manager.reload_extension("ext_changing") is None
    assert shell.user_ns["trail"] == ["load", "unload", "new, longer load"]


def test_an_extension_without_unload_can_be_reloaded_but_not_unloaded(
    shell: InteractiveShell, folder: Path
) -> None:
    (folder / "ext_simple.py").write_text(
        "def load_ipython_extension(ip): ip.push({'loads': ip.user_ns.get('loads', 0) + 1})"
    )
    manager = shell.extension_manager
    manager.load_extension("ext_simple")
    assert manager.unload_extension("ext_simple") == "no unload function"
    assert "ext_simple" in manager.loaded
    assert manager.reload_extension("ext_simple") is None
    assert shell.user_ns["loads"] == 2


def test_what_is_no_extension_is_not_loaded(shell: InteractiveShell, folder: Path) -> None:
    (folder / "ext_none.py").write_text("")
    manager = shell.extension_manager
    assert manager.load_extension("ext_none") == "no load function"
    assert manager.loaded == set()
    with pytest.raises(ModuleNotFoundError, match="ext_missing"):
        manager.load_extension("ext_missing")
    with pytest.raises(ModuleNotFoundError, match="full module name"):
        manager.load_extension("")


def test_an_extension_that_raises_does_not_count_as_loaded(shell: InteractiveShell, folder: Path) -> None:
    (folder / "ext_broken.py").write_text("def load_ipython_extension(ip): raise RuntimeError('broken')")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            shell.extension_manager.load_extension("ext_broken")
    assert shell.extension_manager.loaded == set()


def test_the_folder_of_extensions_is_open_to_them_alone(shell: InteractiveShell, folder: Path) -> None:
    (folder / "ext_package").mkdir()
    (folder / "ext_package" / "__init__.py").write_text(
        "import ext_sibling\ndef load_ipython_extension(ip):\n    from . import inner\n    import ext_late\n"
    )
    for name in ("ext_sibling.py", "ext_late.py", "ext_package/inner.py", "ext_other.py"):
        (folder / name).write_text("")
    before = list(sys.path)
    assert shell.extension_manager.load_extension("ext_package") is None
    assert sys.path == before
    with pytest.raises(ModuleNotFoundError):
        __import__("ext_other")


def test_the_folder_stays_on_the_path_if_the_user_put_it_there(
    shell: InteractiveShell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ext_path.py").write_text(
        "import sys\ndef load_ipython_extension(ip): sys.path.append('added by an extension')"
    )
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    shell.extension_manager.load_extension("ext_path")
    assert sys.path[-2:] == [str(folder), "added by an extension"]
    assert sys.path.count(str(folder)) == 1


def test_an_extension_of_the_profile_goes_before_a_file_beside(
    shell: InteractiveShell, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ext_twin.py").write_text(FULL)
    (tmp_path / "ext_twin.py").write_text("raise RuntimeError('the wrong one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    assert shell.extension_manager.load_extension("ext_twin") is None


def test_every_outcome_has_its_words() -> None:
    assert describe("e", "already loaded") == (
        "The e extension is already loaded. To reload it, use:\n  %reload_ext e"
    )
    assert "is not an IPython extension" in describe("e", "no load function")
    assert describe("e", "not loaded") == "The e extension is not loaded."
    assert describe("e", "no unload function") == "The e extension doesn't define how to unload it."


# -- at the start ------------------------------------------------------------------


def profile_folder(home: Path) -> Path:
    folder = home / "profile_default" / "extensions"
    folder.mkdir(parents=True)
    return folder


def noting(name: str) -> str:
    return f"def load_ipython_extension(ip): ip.user_ns.setdefault('trail', []).append({name!r})"


def test_extensions_are_loaded_before_startup_files_and_in_order(ipcore: Run, home: Path) -> None:
    folder = profile_folder(home)
    for name in ("one", "two", "three"):
        (folder / f"ext_{name}.py").write_text(noting(name))
    (home / "profile_default" / "ipshell_config.py").write_text("c.IPShellApp.extensions = ['ext_one']\n")
    (home / "profile_default" / "startup").mkdir()
    (home / "profile_default" / "startup" / "1.py").write_text("trail.append('start-up')")
    done = ipcore("--ext", "ext_two", "--ext=ext_three", typed="trail\n")
    assert "Out[1]: ['one', 'two', 'three', 'start-up']" in done.stdout
    assert done.stderr == ""


def test_extensions_serve_code_files_and_their_names_are_no_option_of_a_program(
    ipcore: Run, home: Path
) -> None:
    (profile_folder(home) / "ext_one.py").write_text(noting("one"))
    assert ipcore("--ext", "ext_one", "-c", "trail").stdout == "['one']\n"
    assert ipcore("-c", "import sys; sys.argv", "--ext", "ext_one").stdout == "['-c', '--ext', 'ext_one']\n"


def test_the_folder_is_not_on_the_path_of_the_session(ipcore: Run, home: Path) -> None:
    (profile_folder(home) / "ext_one.py").write_text(noting("one"))
    done = ipcore("--ext", "ext_one", "-c", "import sys; print([p for p in sys.path if 'extensions' in p])")
    assert done.stdout == "[]\n"


def test_an_extension_that_fails_at_the_start_is_told_with_its_place(ipcore: Run, home: Path) -> None:
    folder = profile_folder(home)
    (folder / "ext_bad.py").write_text("def load_ipython_extension(ip): raise RuntimeError('broken')")
    (folder / "ext_none.py").write_text("")
    (folder / "ext_good.py").write_text(noting("good"))
    config = home / "profile_default" / "ipshell_config.py"
    config.write_text("c.IPShellApp.extensions = ['ext_bad', 'ext_missing']\n")
    done = ipcore("--ext", "ext_none", "--ext", "ext_good", "-c", "trail")
    assert done.stdout == "['good']\n"
    bad, missing, none = done.stderr.splitlines()
    assert bad == (
        f"ipshell: {config}:1: the extension ext_bad cannot be loaded: RuntimeError: broken. "
        "The shell works without it."
    )
    assert "the extension ext_missing cannot be loaded: ModuleNotFoundError" in missing
    assert none.startswith("ipshell: command line: --ext: the extension ext_none cannot be loaded: ")
    assert "in load_ipython_extension" in ipcore("--debug", "-c", "1").stderr


def test_an_extension_that_fails_can_end_the_start(ipcore: Run, home: Path) -> None:
    switch = "--IPShellApp.reraise_ipython_extension_failures=True"
    done = ipcore(switch, "--ext", "ext_missing", "-c", "print('ran')")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the extension ext_missing cannot be loaded" in done.stderr
