"""The README's lines work in a fresh clone, word for word, and take nothing of ours from an index."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import clean_environment, fresh_clone
from tools.check_names import STRANGERS
from tools.workspace import ROOT, distributions

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("changes/README.md"), *ROOT.glob("packages/*/README.md")])

posix = pytest.mark.skipif(sys.platform == "win32", reason="the lines are for a POSIX shell")


def section(title: str) -> str:
    return re.split(r"^## ", README.split(f"## {title}\n")[1], flags=re.M)[0]


def blocks(title: str, language: str = "console") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", section(title), flags=re.S)


START, START_WINDOWS = (block.strip() for block in blocks("Start"))
TEST, TEST_WINDOWS = (block.strip() for block in blocks("Test"))


@dataclass(frozen=True)
class Started:
    """A clone in which the start line was run."""

    clone: Path
    shown: subprocess.CompletedProcess[str]
    env: dict[str, str]


@pytest.fixture(scope="module")
def started(repository: Path, strangers: Path, tmp_path_factory: pytest.TempPathFactory) -> Started:
    """Run the start line in a fresh clone, with strangers of our names on offer; type one cell."""
    clone = fresh_clone(repository, tmp_path_factory.mktemp("start") / "ipshell")
    places = [os.environ.get("PIP_FIND_LINKS", ""), str(strangers)]
    env = clean_environment(
        IPSHELL_HOME=str(tmp_path_factory.mktemp("home")), PIP_FIND_LINKS=" ".join(places).strip()
    )
    shown = subprocess.run(
        ["bash", "-c", START], cwd=clone, env=env, input="6*7\n", capture_output=True, text=True, timeout=600
    )
    return Started(clone, shown, env)


@posix
def test_the_start_line_starts_the_shell_in_a_fresh_clone(started: Started) -> None:
    assert started.shown.returncode == 0, started.shown.stdout + started.shown.stderr
    assert re.search(r"^(.*\s)?42$", started.shown.stdout, flags=re.M)


@posix
def test_the_start_line_takes_none_of_our_distributions_from_an_index(started: Started) -> None:
    found = {}
    for info in started.clone.glob(".venv/lib/python*/site-packages/*.dist-info"):
        origin = info / "direct_url.json"
        name = info.name.split("-")[0].replace("_", "-")
        found[name] = json.loads(origin.read_text())["url"] if origin.exists() else "an index"
    assert not STRANGERS & set(found)
    for each in distributions():
        here = started.clone / each.folder.relative_to(ROOT)
        assert found[each.name] == here.as_uri(), f"{each.name} came from {found[each.name]}"


@posix
def test_the_strangers_would_have_been_taken_had_the_paths_been_left_out(
    started: Started, tmp_path: Path
) -> None:
    """The proof above proves something only if pip sees the strangers."""
    command = [".venv/bin/pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path), "ipshell-core"]
    subprocess.run(command, cwd=started.clone, env=started.env, check=True, timeout=300)
    assert [path.name for path in tmp_path.iterdir()] == ["ipshell_core-99.0-py3-none-any.whl"]


@posix
@pytest.mark.parametrize("line", re.findall(r"^\$ (.*)$", section("A short tour"), flags=re.M))
def test_the_lines_of_the_tour_work(started: Started, line: str) -> None:
    (started.clone / "program.py").write_text("import sys\nprint(sys.argv[1:])\n")
    done = subprocess.run(
        ["bash", "-c", line], cwd=started.clone, env=started.env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    if "program.py" in line:
        assert done.stdout.strip() == "['one', 'two']"


@posix
def test_the_tour_at_the_prompt_shows_what_the_readme_says(started: Started) -> None:
    (session,) = blocks("A short tour", "pycon")
    typed = "".join(f"{cell}\n" for cell in re.findall(r"^In \[\d+\]: (.*)$", session, flags=re.M))
    done = subprocess.run(
        [".venv/bin/ipshell"],
        cwd=started.clone,
        env=started.env,
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
    )
    for output in re.findall(r"^Out\[\d+\]: (.*)$", session, flags=re.M):
        assert output in done.stdout


def run_ci(clone: Path, outside: Path) -> subprocess.CompletedProcess[str]:
    """Run ``.ci/run`` whole, but for all checks: the one named ``changes`` stands for them."""
    outside.mkdir()
    return subprocess.run(
        ["bash", ".ci/run"],
        cwd=clone,
        env=clean_environment(TMPDIR=str(outside), CI="true", NOXSESSION="changes"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )


@posix
def test_ci_runs_the_test_line_and_leaves_nothing_behind(repository: Path, tmp_path: Path) -> None:
    clone = fresh_clone(repository, tmp_path / "ipshell")
    done = run_ci(clone, tmp_path / "outside")
    assert done.returncode == 0, done.stdout
    assert TEST in done.stdout.splitlines()
    assert "Session changes was successful" in done.stdout
    assert list((tmp_path / "outside").iterdir()) == []
    command = ["git", "status", "--porcelain"]
    left = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=60, check=True)
    assert left.stdout == ""


@posix
def test_ci_fails_when_a_check_fails(repository: Path, tmp_path: Path) -> None:
    clone = fresh_clone(repository, tmp_path / "ipshell")
    (clone / "changes" / "nonsense").write_text("")
    done = run_ci(clone, tmp_path / "outside")
    assert done.returncode != 0
    assert "changes/nonsense" in done.stdout


@pytest.mark.parametrize(("line", "windows"), [(START, START_WINDOWS), (TEST, TEST_WINDOWS)])
def test_the_line_for_windows_does_the_same(line: str, windows: str) -> None:
    expected = line.replace("python3", "py").replace(" && ", "; ").replace("/bin/", "/Scripts/")
    assert windows == expected.replace("/", "\\")


def test_the_start_line_names_the_path_of_every_distribution() -> None:
    words = shlex.split(START)
    for each in distributions():
        assert f"./packages/{each.folder.name}" in words


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
