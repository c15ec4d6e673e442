"""The checks in ``tools/`` find what they are there to find."""

from __future__ import annotations

import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from tools import check_changes, check_names
from tools.workspace import ROOT, distributions, lowest, third_party

OURS = {each.name for each in distributions()}


# -- names ---------------------------------------------------------------------------------

#: Filled in, so that this file passes the check that it tests.
CORE = "ipcore"


@pytest.mark.parametrize(
    "line",
    [
        f"pip install {CORE}",
        f"Now run `python -m pip install -U {CORE}[testing]`.",
        f"pip3 install --user pluggy {CORE}==1.0",
        f"uv add {CORE}",
        f"pipx install '{CORE}'",
        f"just pip install {CORE}.",
    ],
)
def test_a_line_that_installs_the_strangers_core_is_found(line: str) -> None:
    assert list(check_names.check_text("page", line))


@pytest.mark.parametrize(
    "line",
    [
        "pip install ./packages/ipcore ./packages/ipshell",
        "pip install -e packages/ipcore",
        "pip install ipshell-core",
        "Installing a part adds a hook to ipcore.",
        "python -m ipcore plugins list",
        "see https://docs.python.org/3/ and http://127.0.0.1:8000/",
    ],
)
def test_an_innocent_line_is_left_alone(line: str) -> None:
    assert list(check_names.check_text("page", line, {"/home/ada"})) == []


@pytest.mark.parametrize(
    "line",
    [
        "https://" + "files.index.example.net/simple/x.whl",
        "pip install --index" + "-url x",
        "see pypi" + ".org",
        "in /home/" + "ada/project",
    ],
)
def test_hosts_and_paths_of_a_machine_are_found(line: str) -> None:
    assert list(check_names.check_text("page", line, {"/home/ada"}))


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("Requires-Dist: IPcore>=1", True),
        ("Requires-Dist: ipcore; extra == 'all'", True),
        ("Requires-Dist: ipshell-core @ file:///somewhere/else.whl", True),
        ("Name: ipcore", True),
        ("Requires-Dist: ipshell-core==0.1.0", False),
    ],
)
def test_a_wheel_that_requires_a_stranger_is_found(tmp_path: Path, field: str, found: bool) -> None:
    wheel = tmp_path / "x-1-py3-none-any.whl"
    name = "" if field.startswith("Name") else "Name: x\n"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("x-1.dist-info/METADATA", f"Metadata-Version: 2.1\n{name}Version: 1\n{field}\n")
    assert bool(list(check_names.check_wheel(wheel))) is found


def test_the_place_of_the_tree_counts_as_a_path_of_the_machine() -> None:
    assert str(ROOT) in check_names.machine_paths()


def test_a_lock_file_is_found(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True, timeout=60)
    (tmp_path / "packages").mkdir()
    (tmp_path / "uv.lock").write_text("")
    (line,) = check_names.check_tree(tmp_path)
    assert line.startswith("uv.lock: ")


# -- changes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("prompt.ipshell-core.fixed.md", "The prompt is back.\n", None),
        ("docs.project.added.md", "There is a tutorial.\n", None),
        ("prompt.ipcore.fixed.md", "The prompt is back.\n", "no distribution ipcore"),
        ("prompt.ipshell-core.repaired.md", "The prompt is back.\n", "type must be one of"),
        ("prompt.md", "The prompt is back.\n", "SLUG.DISTRIBUTION.TYPE.md"),
        ("Prompt.ipshell-core.fixed.md", "The prompt is back.\n", "SLUG.DISTRIBUTION.TYPE.md"),
        ("prompt.ipshell-core.fixed.txt", "The prompt is back.\n", "SLUG.DISTRIBUTION.TYPE.md"),
        ("prompt.ipshell-core.fixed.md", "", "whole sentences"),
        ("prompt.ipshell-core.fixed.md", "# The prompt\n", "whole sentences"),
    ],
)
def test_fragments_are_checked(tmp_path: Path, name: str, text: str, complaint: str | None) -> None:
    (tmp_path / "README.md").write_text("# Fragments\n")
    (tmp_path / name).write_text(text)
    found = list(check_changes.check_fragments(tmp_path, OURS))
    assert [complaint in line for line in found if complaint] == ([True] if complaint else [])
    assert bool(found) is bool(complaint)


@pytest.mark.parametrize(
    ("changed", "lacking"),
    [
        (["packages/ipcore/src/ipcore/shell.py"], ["ipshell-core"]),
        (["packages/ipcore/pyproject.toml"], ["ipshell-core"]),
        (["packages/ipcore/src/ipcore/shell.py", "changes/x.ipshell-core.fixed.md"], []),
        (["packages/ipcore/src/ipcore/shell.py", "changes/x.ipshell.fixed.md"], ["ipshell-core"]),
        (["packages/ipcore/tests/test_shell.py", "README.md"], []),
        (["packages/ipshell/src/ipshell/__main__.py"], ["ipshell"]),
    ],
)
def test_a_changed_distribution_needs_a_fragment(changed: list[str], lacking: list[str]) -> None:
    found = list(check_changes.check_branch(changed, distributions()))
    assert [line.split(":")[0] for line in found] == lacking


HOOK = "lifecycle: ipshell_cell_started(self, cell: Cell) -> None\n"
STABLE = HOOK.replace("lifecycle", "lifecycle (stable)")
CLASS = "ipcore.types.cells.Cell(source: str) -> None\nipcore.types.cells.Cell.source: str\n"


@pytest.mark.parametrize(
    ("old", "new", "fragments", "complaint"),
    [
        ("", HOOK, "", ""),
        (HOOK, HOOK, "", ""),
        (HOOK, HOOK.replace("cell:", "piece:"), "", "ipshell_cell_started changed and no fragment names it"),
        (HOOK, HOOK.replace("cell:", "piece:"), "`ipshell_cell_started` gets `piece`.", ""),
        (HOOK, "", "ipshell_cell_started_now is there.", "ipshell_cell_started went and no fragment"),
        (HOOK, "", "`ipshell_cell_started` is gone.", ""),
        (CLASS, CLASS.replace("str", "bytes"), "`Cell` takes bytes.", "Cell.source changed and no fragment"),
        (CLASS, "", "`Cell` is gone.", ""),
        (CLASS, CLASS + "ipcore.types.cells.Cell.more: str\n", "", ""),
        (STABLE, "", "`ipshell_cell_started` is gone.", "its family is stable: deprecate it first"),
        (STABLE, STABLE.replace("cell:", "piece:"), "ipshell_cell_started", "deprecate it first"),
        (STABLE, STABLE.replace("None", "bool"), "ipshell_cell_started", "deprecate it first"),
        (STABLE, STABLE.replace("cell: Cell", "cell: Cells"), "ipshell_cell_started", "deprecate it first"),
        (STABLE, STABLE.replace("Cell)", "Cell, more: int)"), "ipshell_cell_started", ""),
        (STABLE, STABLE.replace("None", "None [deprecated since 1]"), "ipshell_cell_started", ""),
        (STABLE.replace("None", "None [deprecated since 1]"), "", "`ipshell_cell_started` is gone.", ""),
        (HOOK, STABLE, "ipshell_cell_started is stable.", ""),
    ],
)
def test_what_authors_use_does_not_change_untold(old: str, new: str, fragments: str, complaint: str) -> None:
    found = list(check_changes.check_record("record", old, new, fragments))
    assert len(found) == bool(complaint), found
    assert complaint in "".join(found)


def commit(where: Path, message: str) -> str:
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["add", "-A"], [*author, "commit", "-q", "--allow-empty", "-m", message]):
        subprocess.run(["git", *command], cwd=where, check=True, timeout=60)
    return check_changes.git("rev-parse", "HEAD", root=where)


def test_a_branch_is_compared_with_where_it_left_the_main_branch(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path], check=True, timeout=60)
    left = commit(tmp_path, "one")
    subprocess.run(["git", "checkout", "-q", "-b", "topic"], cwd=tmp_path, check=True, timeout=60)
    (tmp_path / "committed").write_text("")
    commit(tmp_path, "two")
    (tmp_path / "new").write_text("")
    assert check_changes.base(tmp_path) == left
    assert check_changes.changed_since(left, tmp_path) == ["committed", "new"]


def test_the_main_branch_and_a_fresh_clone_have_nothing_to_compare_with(
    tmp_path: Path,
) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    subprocess.run(["git", "init", "-q", "-b", "main", origin], check=True, timeout=60)
    commit(origin, "one")
    subprocess.run(["git", "clone", "-q", origin, clone], check=True, timeout=60)
    assert check_changes.base(origin) == ""
    assert check_changes.base(clone) == ""


def test_a_repository_without_commits_has_nothing_to_compare_with(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path], check=True, timeout=60)
    assert check_changes.base(tmp_path) == ""


# -- requirements --------------------------------------------------------------------------


def test_the_lowest_version_of_a_requirement_is_the_one_it_names() -> None:
    assert lowest(Requirement("pluggy>=1.6,<2")) == "pluggy==1.6"
    assert lowest(Requirement("ipshell-core==0.1.0")) == "ipshell-core==0.1.0"
    with pytest.raises(ValueError, match="lower bound"):
        lowest(Requirement("pluggy<2"))


def test_siblings_are_no_third_parties() -> None:
    given = (Requirement("ipshell_core==0.1.0"), Requirement("pluggy>=1.6"))
    assert [each.name for each in third_party(given)] == ["pluggy"]


def test_a_branch_that_changes_a_recorded_signature_has_to_name_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path], check=True, timeout=60)
    record = tmp_path / "packages" / "ipcore" / "tests" / "hookspec_signatures.txt"
    record.parent.mkdir(parents=True)
    record.write_text(HOOK)
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "old.ipshell-core.added.md").write_text("`ipshell_cell_started` is there.\n")
    left = commit(tmp_path, "one")
    record.write_text(HOOK.replace("cell:", "piece:"))
    commit(tmp_path, "two")

    def check() -> list[str]:
        changed = check_changes.changed_since(left, tmp_path)
        return list(check_changes.check_records(left, changed, tmp_path))

    (line,) = check()
    assert line.startswith("packages/ipcore/tests/hookspec_signatures.txt: ipshell_cell_started changed")
    (tmp_path / "changes" / "new.ipshell-core.changed.md").write_text(
        "`ipshell_cell_started` gets `piece`.\n"
    )
    assert check() == []
