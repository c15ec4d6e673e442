"""What the tests of the whole tree share: built wheels, a fresh clone, a clean environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools.check_names import tracked
from tools.workspace import ROOT, Distribution, distributions

#: They need a folder of wheels, and take time: ``nox -s template`` runs them.
collect_ignore = [] if "TEMPLATE_WHEELS" in os.environ else ["template"]

#: Set by those who run the tests; they would reach into what the tests start.
_FOREIGN = (
    "CONDA_PREFIX",
    "COVERAGE_",
    "COV_",
    "IPSHELL_",
    "NOX",
    "PYTEST_",
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
)


def clean_environment(**more: str) -> dict[str, str]:
    """Give the environment that a person has who starts anew.

    :param more: what is set besides.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {**kept, **more}


@pytest.fixture(params=distributions(), ids=lambda each: each.name)
def distribution(request: pytest.FixtureRequest) -> Distribution:
    """Give each of our distributions."""
    found = request.param
    assert isinstance(found, Distribution)
    return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the wheel and the source archive of every distribution, built from this tree."""
    target = tmp_path_factory.mktemp("built")
    for each in distributions():
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-d", str(target)],
            cwd=each.folder,
            env=clean_environment(),
            check=True,
            capture_output=True,
            timeout=120,
        )
    return target


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository with this tree in it, what is not committed yet included."""
    if not (ROOT / ".git").exists():
        pytest.skip("this tree is not a git repository")
    target = tmp_path_factory.mktemp("repository")
    for path in tracked():
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], [*author, "commit", "-q", "-m", "all"]):
        subprocess.run(["git", *command], cwd=target, check=True, capture_output=True, timeout=60)
    return target


def fresh_clone(repository: Path, target: Path) -> Path:
    """Clone a repository into a folder that is not there yet."""
    subprocess.run(["git", "clone", "-q", repository, target], check=True, timeout=60)
    return target


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of wheels with our names, and newer versions, that break whoever imports them."""
    folder = tmp_path_factory.mktemp("strangers")
    core = ["ipshell-core", "ipcore"]
    for name, package in [*((name, "ipcore") for name in core), ("ipshell", "ipshell")]:
        for version in (distributions()[0].version, "99.0"):
            _write_wheel(folder, name, version, package)
    return folder


def _write_wheel(folder: Path, name: str, version: str, package: str) -> None:
    stem = f"{name.replace('-', '_')}-{version}"
    files = {
        f"{package}/__init__.py": "raise SystemExit('this is a stranger')\n",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{stem}.dist-info/RECORD"])
    with ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{stem}.dist-info/RECORD": record}.items():
            archive.writestr(path, text)
