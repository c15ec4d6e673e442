"""The template, installed from its wheel: found, used, switched off, tested, removed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ipcore.plugins.new_project import PIECES as FAMILIES
from ipcore.plugins.new_project import names_for, project_files, with_needed, write_project
from tests.template.environments import Project, notices
from tests.template.sessions import PIECES, Session, working

AT_A_TERMINAL = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def listed(project: Project, *options: str) -> dict[str, str]:
    """Give family and state of each plugin of the project."""
    rows = json.loads(project.environment.ipshell(*options, "plugins", "list", "--json"))
    return {row["family"]: row["state"] for row in rows if row["distribution"] == project.dist}


def test_it_is_found_without_being_imported(project: Project) -> None:
    assert listed(project) == dict.fromkeys(FAMILIES, "declared")
    program = (
        "import sys; from ipcore.application.app import main; main(['plugins', 'list']); main(['--help']);"
        f"print([name for name in sys.modules if name.startswith({project.package!r})])"
    )
    lines = project.environment.run(project.environment.python, "-c", program).splitlines()
    assert sum(project.package in line for line in lines) == len(FAMILIES) + 1
    assert lines[-1] == "[]"


@AT_A_TERMINAL
def test_each_piece_works_at_a_prompt(project: Project) -> None:
    with Session(project) as session:
        assert working(session) == list(PIECES)
        assert notices(session.shown) == []
    assert project.environment.ipshell(project.package, "0s", "tea", "is", "ready") == "tea is ready\n"


def test_the_doctor_finds_nothing_wrong_with_it(project: Project) -> None:
    assert project.environment.ipshell("plugins", "doctor").endswith("no problems\n")


@AT_A_TERMINAL
def test_switched_off_none_of_it_works_and_none_of_it_is_imported(project: Project) -> None:
    off = ("-p", f"no:{project.dist}")
    assert listed(project, *off) == dict.fromkeys(FAMILIES, "blocked")
    with Session(project, *off) as session:
        assert working(session, hook=False) == []
        name = project.package
        session.enter(f'get_ipython().enable_gui("{name}")')
        assert "there is no event loop" in session.shown
        assert session.enter(f"[n for n in __import__('sys').modules if n.startswith('{name}')]") == "[]"
    project.environment.ipshell(*off, project.package, "0s", "tea", status=2)


def test_its_own_tests_pass(project: Project) -> None:
    done = project.environment.run(
        project.environment.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project.folder
    )
    assert " passed" in done.splitlines()[-1]
    assert "skipped" not in done


def test_it_keeps_to_its_own_rules_of_style_and_types(project: Project) -> None:
    for words in (["ruff", "check", "--no-cache", "."], ["ruff", "format", "--no-cache", "--check", "."]):
        project.environment.run(sys.executable, "-m", *words, cwd=project.folder)
    python = f"--python-executable={project.environment.python}"
    cache = f"--cache-dir={project.environment.folder / 'mypy'}"
    done = project.environment.run(sys.executable, "-m", "mypy", python, cache, cwd=project.folder)
    assert done.startswith("Success: no issues found")


@pytest.mark.parametrize("name", ["k", "a-kettle-with-a-name-of-35-letters-x"])
def test_its_style_does_not_depend_on_its_name_and_pieces(tmp_path: Path, name: str) -> None:
    families = list(FAMILIES)
    choices = [*([each] for each in families), *(families[:count] for count in range(1, len(families) + 1))]
    for number, chosen in enumerate(choices):
        write_project(tmp_path / f"{number}", project_files(names_for(name), with_needed(chosen)))
    for words in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--no-cache", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout


def test_removed_nothing_of_it_is_left(project: Project) -> None:
    project.uninstall()
    try:
        assert listed(project) == {}
        assert project.package not in project.environment.ipshell("--help")
        assert not (project.environment.site / project.package).exists()
    finally:
        project.install()
