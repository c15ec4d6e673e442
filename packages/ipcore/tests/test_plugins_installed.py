"""Where plugins come from: folders, owners of a key, damaged installations, the cache of what there is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from faulty_plugins import COMMAND, GOOD, MAGIC, OFF, Run, Told, site, told

from ipcore.testing.distributions import HOOKIMPL, FakeSite

# Fixtures are found by their names here.
__all__ = ["site", "told"]


# -- a file in the working directory ---------------------------------------------------


def test_a_file_in_the_working_directory_does_not_run_in_a_plugins_place(
    ipcore: Run, site: FakeSite, tmp_path: Path, told: Told
) -> None:
    site.plugin("yak", "line_magics", "grunt", MAGIC)
    hiding = tmp_path / "work" / "yak.py"
    hiding.write_text("print('not the plugin')\n")
    run = ipcore("-c", "%grunt", PYTHONPATH=str(site))
    told("a file of its name in the working directory", run)
    assert run.stderr.splitlines()[0] == (
        f"ipshell: plugin yak[grunt] 1.0 (line_magics), import: {hiding} in the working directory hides its "
        f"module yak. {OFF} Start in another directory, or with --ignore-cwd. "
        'Switch it off with "-p no:yak[grunt]".'
    )
    assert "not the plugin" not in run.stdout
    assert "grunted" in ipcore("--ignore-cwd", "-c", "%grunt", PYTHONPATH=str(site)).stdout


def test_a_folder_of_a_plugins_name_in_the_working_directory_does_no_harm(
    ipcore: Run, site: FakeSite, tmp_path: Path
) -> None:
    site.plugin("yak", "line_magics", "grunt", MAGIC)
    (tmp_path / "work" / "yak").mkdir()
    run = ipcore("-c", "%grunt", PYTHONPATH=str(site))
    assert run.stderr == ""
    assert "grunted" in run.stdout


def test_a_plugin_that_is_worked_on_in_its_own_folder_runs(
    ipcore: Run, site: FakeSite, tmp_path: Path
) -> None:
    site.plugin("yak", "line_magics", "grunt", MAGIC)
    shutil.move(site.folder / "yak.py", tmp_path / "work" / "yak.py")
    path = os.pathsep.join([str(site), str(tmp_path / "work")])
    run = ipcore("-c", "%grunt", PYTHONPATH=path)
    assert run.stderr == ""
    assert "grunted" in run.stdout


# -- two owners of a key -----------------------------------------------------------


def two_owners(site: FakeSite, key: str) -> None:
    for name in ("yak", "zebra"):
        site.plugin(name, "commands", key, COMMAND.format(name))


def test_two_owners_of_a_key_are_both_named_and_neither_is_used(
    ipcore: Run, site: FakeSite, told: Told
) -> None:
    two_owners(site, "grunt")
    run = ipcore("grunt", PYTHONPATH=str(site))
    told("two strangers own a key", run)
    assert run.stderr.splitlines() == [
        'ipshell: yak[grunt] 1.0 (commands) and zebra[grunt] 1.0 (commands) both own "grunt", '
        "so neither is used. "
        "Choose one: c.Plugins.choose = {'commands/grunt': 'yak'}.",
        'ipshell: the command "grunt" cannot be used, see above.',
    ]
    assert (run.stdout, run.returncode) == ("", 1)


@pytest.mark.parametrize("chosen", ["yak", "zebra", "zebra[grunt]"])
def test_configuration_picks_one_of_two_owners(ipcore: Run, site: FakeSite, chosen: str) -> None:
    two_owners(site, "grunt")
    run = ipcore(f"--Plugins.choose.commands/grunt={chosen}", "grunt", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == (f"{chosen.partition('[')[0]} speaks\n", "", 0)


def test_a_choice_that_is_not_installed_is_told(ipcore: Run, site: FakeSite, told: Told) -> None:
    two_owners(site, "grunt")
    run = ipcore("--Plugins.choose.commands/grunt=yack", "grunt", PYTHONPATH=str(site))
    told("a choice that is not installed", run)
    assert run.stderr.splitlines()[0] == (
        'ipshell: Plugins.choose names "yack" for commands/grunt, which is not installed or is switched off; '
        'did you mean "yak"?'
    )
    assert run.returncode == 1


def test_blocking_one_of_two_owners_leaves_the_other(ipcore: Run, site: FakeSite) -> None:
    two_owners(site, "grunt")
    run = ipcore("-p", "no:yak", "grunt", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == ("zebra speaks\n", "", 0)


@pytest.mark.parametrize("words", [(), ("--Plugins.order=yak",)])
def test_a_stranger_does_not_take_a_key_of_the_core_by_being_there(
    ipcore: Run, site: FakeSite, home: Path, words: tuple[str, ...]
) -> None:
    site.plugin("yak", "commands", "locate", COMMAND.format("yak"))
    run = ipcore(*words, "locate", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == (f"{home}\n", "", 0)


def test_a_stranger_takes_a_key_of_the_core_if_configuration_says_so(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "commands", "locate", COMMAND.format("yak"))
    run = ipcore("--Plugins.choose.commands/locate=yak", "locate", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == ("yak speaks\n", "", 0)


# -- metadata and installations ----------------------------------------------------


def damage(info: Path, case: str) -> None:
    if case == "METADATA is missing":
        (info / "METADATA").unlink()
    elif case == "METADATA has no name":
        (info / "METADATA").write_text("Metadata-Version: 2.1\n", encoding="utf-8")
    elif case == "entry_points.txt is binary":
        (info / "entry_points.txt").write_bytes(b"[ipshell.lifecycle]\ngrunt = \xff\xfe\x00yak\n")
    elif case == "a value that is no entry point":
        (info / "entry_points.txt").write_text(
            "[ipshell.lifecycle]\ngrunt = not a module!\n", encoding="utf-8"
        )


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ("METADATA is missing", r"yak-1\.0\.dist-info: .+"),
        ("METADATA has no name", r"yak-1\.0\.dist-info: ValueError: METADATA has no Name"),
        ("entry_points.txt is binary", r"yak-1\.0\.dist-info: UnicodeDecodeError: .+"),
        (
            "a value that is no entry point",
            r"yak 1\.0: \[ipshell\.lifecycle\] grunt = not a module!: not an entry point",
        ),
    ],
)
def test_corrupt_metadata_costs_nobody_else_anything_and_doctor_names_it(
    ipcore: Run, site: FakeSite, told: Told, case: str, what: str
) -> None:
    damage(site.plugin("yak", "lifecycle", "grunt", GOOD), case)
    run = ipcore("-c", "6*7", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == ("bystander\n42\n", "", 0)
    doctor = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    problem = re.search(rf"^problem: .*{what}$", doctor.stdout, re.MULTILINE)
    assert problem, doctor.stdout
    told(case, run, problem[0].replace(str(site), "SITE"))
    assert doctor.returncode == 1
    listing = ipcore("plugins", "list", PYTHONPATH=str(site))
    assert listing.stderr == "ipshell: 1 piece of metadata could not be read; see: ipshell plugins doctor\n"
    assert listing.returncode == 0


def test_a_plugin_uninstalled_or_upgraded_under_a_warm_cache_is_noticed(ipcore: Run, site: FakeSite) -> None:
    def speaks() -> tuple[str, str, int]:
        run = ipcore("grunt", PYTHONPATH=str(site))
        return run.stdout, run.stderr, run.returncode

    site.plugin("yak", "commands", "grunt", COMMAND.format("old yak"))
    assert speaks() == ("old yak speaks\n", "", 0)
    assert speaks() == ("old yak speaks\n", "", 0)
    site.plugin("yak", "commands", "grunt", COMMAND.format("new yak"), version="2.0")
    assert speaks() == ("new yak speaks\n", "", 0)
    site.uninstall("yak")
    assert speaks() == ("", "ipshell: there is no file 'grunt'.\n", 2)


def test_a_plugin_whose_files_vanish_under_its_metadata_says_what_to_do(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    (site.folder / "yak.py").unlink()
    run = ipcore("grunt", PYTHONPATH=str(site))
    assert run.stderr.splitlines() == [
        "ipshell: plugin yak[grunt] 1.0 (commands), import: ModuleNotFoundError: No module named 'yak'. "
        f'{OFF} Reinstall yak, or remove it. Switch it off with "-p no:yak[grunt]".',
        'ipshell: the command "grunt" cannot be used, see above.',
    ]
    assert run.returncode == 1


def test_a_plugin_in_a_zip_on_the_path_works(ipcore: Run, tmp_path: Path) -> None:
    packed = FakeSite(tmp_path / "packed")
    packed.plugin("yak", "commands", "grunt", COMMAND.format("zipped yak"))
    file = packed.archive(tmp_path / "packed.zip")
    for _ in ("cold", "warm"):
        run = ipcore("grunt", PYTHONPATH=str(file))
        assert (run.stdout, run.stderr, run.returncode) == ("zipped yak speaks\n", "", 0)


def test_an_editable_installation_works_until_it_is_uninstalled(
    ipcore: Run, tmp_path: Path, site: FakeSite, told: Told
) -> None:
    pytest.importorskip("pip")
    pytest.importorskip("hatchling")
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "src" / "yak.py").write_text(HOOKIMPL + COMMAND.format("editable yak"), encoding="utf-8")
    (project / "pyproject.toml").write_text(EDITABLE, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    install = [
        *pip,
        "install",
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        "-e",
        ".",
    ]
    subprocess.run(install, cwd=project, check=True, capture_output=True, timeout=120)
    # A folder of PYTHONPATH is no site folder: its .pth files are read if it is added as one.
    (site.folder / "sitecustomize.py").write_text(
        f"import site\nsite.addsitedir({str(site)!r})\n", encoding="utf-8"
    )
    for _ in ("cold", "warm"):
        run = ipcore("grunt", PYTHONPATH=str(site))
        assert (run.stdout, run.stderr, run.returncode) == ("editable yak speaks\n", "", 0)
    (site.folder / "_yak.pth").unlink()
    run = ipcore("grunt", PYTHONPATH=str(site))
    told("an editable installation whose .pth file is gone", run)
    assert run.stderr.startswith(
        "ipshell: plugin yak[grunt] 1.0 (commands), import: ModuleNotFoundError: No module named 'yak'. "
        f"{OFF} Reinstall yak, or remove it."
    )
    assert run.returncode == 1
    shutil.rmtree(site.folder / "yak-1.0.dist-info")
    run = ipcore("grunt", PYTHONPATH=str(site))
    assert (run.stderr, run.returncode) == ("ipshell: there is no file 'grunt'.\n", 2)


def test_metadata_in_the_working_directory_is_not_read(ipcore: Run, tmp_path: Path) -> None:
    FakeSite(tmp_path / "work").plugin("yak", "lifecycle", "grunt", "open('imported', 'w').close()\n" + GOOD)
    run = ipcore("-c", "6*7")
    assert (run.stdout, run.stderr, run.returncode) == ("42\n", "", 0)
    assert "yak" not in ipcore("plugins", "list").stdout
    assert not (tmp_path / "work" / "imported").exists()


def test_300_installed_distributions_do_not_matter(ipcore: Run, site: FakeSite) -> None:
    for number in range(300):
        site.install(f"crowd-{number}", files={f"crowd_{number}.py": ""})
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    for _ in ("cold", "warm"):
        run = ipcore("grunt", PYTHONPATH=str(site))
        assert (run.stdout, run.stderr, run.returncode) == ("yak speaks\n", "", 0)


EDITABLE = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "yak"
version = "1.0"
[project.entry-points."ipshell.commands"]
grunt = "yak"
[tool.hatch.build]
dev-mode-dirs = ["src"]
[tool.hatch.build.targets.wheel]
only-include = ["src/yak.py"]
sources = ["src"]
"""


# -- the cache ---------------------------------------------------------------------


def cache_file(home: Path) -> Path:
    (file,) = (home / "cache").glob("plugins-*.json")
    return file


@pytest.mark.parametrize(
    ("case", "spoil", "why"),
    [
        (
            "a cache that is no JSON",
            lambda file: file.write_text("{", encoding="utf-8"),
            "the cache is damaged",
        ),
        ("a cache that is binary", lambda file: file.write_bytes(b"\xff\x00"), "the cache is damaged"),
        ("an empty cache", lambda file: file.write_bytes(b""), "the cache is damaged"),
        (
            "a cache of another shape",
            lambda file: file.write_text("[1]", encoding="utf-8"),
            "the cache is damaged",
        ),
        ("a cache others may write to", lambda file: file.chmod(0o620), "others may write to the cache"),
        (
            "a cache of another user",
            lambda file: os.chown(file, 12345, -1),
            "the cache belongs to another user",
        ),
    ],
)
def test_a_cache_in_doubt_is_made_anew(
    ipcore: Run, home: Path, site: FakeSite, told: Told, case: str, spoil: Callable[[Path], object], why: str
) -> None:
    if case == "a cache of another user" and not (hasattr(os, "geteuid") and os.geteuid() == 0):
        pytest.skip("only root may give a file to another user")
    if case == "a cache others may write to" and sys.platform == "win32":
        pytest.skip("files have no such modes on Windows")
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    ipcore("grunt", PYTHONPATH=str(site))
    spoil(cache_file(home))
    doctor = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    assert f"plugins found by: searched: {why}\n" in doctor.stdout
    spoil(cache_file(home))
    run = ipcore("grunt", PYTHONPATH=str(site))
    told(case, run, f"plugins found by: searched: {why}")
    assert (run.stdout, run.stderr, run.returncode) == ("yak speaks\n", "", 0)
    again = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    assert f"plugins found by: cache {cache_file(home)}\n" in again.stdout
    assert again.returncode == 0


def test_a_cache_that_cannot_be_written_is_no_error_and_doctor_says_so(
    ipcore: Run, home: Path, site: FakeSite, told: Told
) -> None:
    (home / "cache").write_text("in the way", encoding="utf-8")
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    run = ipcore("grunt", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == ("yak speaks\n", "", 0)
    doctor = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    problem = re.search(r"^problem: the cache cannot be written: .+$", doctor.stdout, re.MULTILINE)
    assert problem
    told("a cache folder that cannot be written", run, problem[0].replace(str(home), "HOME"))
    assert doctor.returncode == 1


def test_the_cache_is_used_and_holds_no_secret_from_others(ipcore: Run, home: Path, site: FakeSite) -> None:
    ipcore("plugins", "list", PYTHONPATH=str(site))
    file = cache_file(home)
    before = file.stat().st_mtime_ns
    ipcore("plugins", "list", PYTHONPATH=str(site))
    assert file.stat().st_mtime_ns == before
    if sys.platform != "win32":
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
