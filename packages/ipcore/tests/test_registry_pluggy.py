"""The registry on the oldest pluggy it is made for, which keeps what it failed to register."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

#: Registers what does not fit beside what does, and prints what pluggy keeps of it.
SCRIPT = """
import types
import pluggy
from ipcore.hookspecs import FAMILIES, hookimpl
from ipcore.plugins.declared import Declared
from ipcore.plugins.family import FamilyHooks
from ipcore.plugins.failures import Unfit
from ipcore.plugins.registry import Entry

hooks = FamilyHooks(FAMILIES["lifecycle"])

def plugin(name, function):
    module = types.ModuleType(name)
    module.ipshell_cell_started = hookimpl(function)
    return module

def fits(cell):
    return "fits"

def wrong(cell, sell):
    return "wrong"

for at, (name, function) in enumerate([("ant", fits), ("bee", wrong), ("cow", fits)]):
    entry = Entry(Declared("lifecycle", "key", name, name, "1.0"), "declared", at)
    try:
        hooks.register(entry, plugin(name, function))
    except Unfit as error:
        print(name, error)
print(pluggy.__version__[:3], [call[0].declared.dist for call in hooks.calls("ipshell_cell_started")])
print(sorted(name for name, _ in hooks._manager.list_name_plugin()))
"""

PRINTED = (
    "bee ipshell_cell_started(cell, sell) does not fit: Argument(s) {'sell'} are declared in the hookimpl "
    "but can not be found in the hookspec; the hook gives cell",
    "['ant', 'cow']",
    "['ant[key] #0', 'cow[key] #2']",
)


def prints_what_it_should(run: subprocess.CompletedProcess[str]) -> bool:
    lines = run.stdout.splitlines()
    return (lines[0], lines[1][4:], lines[2]) == PRINTED if len(lines) == 3 else False


def test_nothing_is_kept_of_a_plugin_that_does_not_fit() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60)
    assert prints_what_it_should(run), run.stdout + run.stderr


@pytest.mark.nightly
def test_the_registry_works_on_the_oldest_pluggy(tmp_path: Path) -> None:
    """Needs an index, or a folder of wheels that pip knows of."""
    pytest.importorskip("pip")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    install = [*pip, "install", "--no-deps", "--target", str(tmp_path / "old"), "pluggy==1.6.*"]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "old")}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=60
    )
    assert "1.6 " in run.stdout
    assert prints_what_it_should(run), run.stdout + run.stderr
    # The faults as users see them. Children of these tests find the old pluggy too.
    tests = [str(HERE / name) for name in ("test_registry_loading.py", "test_hookspecs.py")]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout
