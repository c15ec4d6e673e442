"""Plugins are imported when they are needed, and never when they are blocked."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ipcore.testing.distributions import FakeSite

Run = Callable[..., subprocess.CompletedProcess[str]]

GOOD = "@hookimpl\ndef ipshell_cell_started(cell):\n    pass\n"

COMMAND = (
    "class Command:\n    summary = 'speak'\n"
    "    def add_arguments(self, parser):\n        pass\n"
    "    def run(self, arguments, app):\n        print('{0} speaks')\n        return 0\n"
    "@hookimpl\ndef ipshell_command(name):\n    return Command()\n"
)


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Give a site with a plugin in good order."""
    made = FakeSite(tmp_path / "site")
    made.plugin("bystander", "lifecycle", "watcher", GOOD)
    return made


MARKER = "import os\nopen(os.environ['IMPORTED'], 'w').close()\n"


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (("-p", "no:grunt"), {}),
        (("-p", "no:yak"), {}),
        (("-p", "no:yak[grunt]"), {}),
        (("-p", "no:lifecycle/grunt"), {}),
        (("--no-plugins",), {}),
        ((), {"IPSHELL_PLUGINS": ""}),
        ((), {"IPSHELL_PLUGINS": "bystander"}),
        (("--Plugins.disable=yak",), {}),
    ],
)
def test_a_blocked_plugin_is_never_imported(
    ipcore: Run, site: FakeSite, tmp_path: Path, words: tuple[str, ...], environment: dict[str, str]
) -> None:
    marker = tmp_path / "imported"
    site.plugin("yak", "lifecycle", "grunt", MARKER + GOOD)
    more = {"PYTHONPATH": str(site), "IMPORTED": str(marker)}
    run = ipcore(*words, "-c", "import sys; print('yak' in sys.modules)", **environment, **more)
    assert run.stdout.splitlines()[-1] == "False"
    assert (run.stderr, run.returncode, marker.exists()) == ("", 0, False)
    ipcore("-c", "6*7", **more)
    assert marker.exists()


def test_listing_and_help_import_no_plugin(ipcore: Run, site: FakeSite, tmp_path: Path) -> None:
    marker = tmp_path / "imported"
    site.install(
        "yak",
        entry_points={
            family: {"grunt": "yak"} for family in ("lifecycle", "commands", "line_magics", "nosuch")
        },
        files={"yak.py": MARKER},
    )
    for words in (["plugins", "list"], ["plugins", "list", "--json"], ["plugins", "info", "yak"], ["--help"]):
        run = ipcore(*words, PYTHONPATH=str(site), IMPORTED=str(marker))
        assert "grunt" in run.stdout
        assert (run.stderr, run.returncode, marker.exists()) == ("", 0, False)


def test_a_command_imports_its_own_plugin_and_no_other(ipcore: Run, site: FakeSite, tmp_path: Path) -> None:
    marker = tmp_path / "imported"
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    site.plugin("zebra", "commands", "bark", MARKER + COMMAND.format("zebra"))
    run = ipcore("grunt", PYTHONPATH=str(site), IMPORTED=str(marker))
    assert (run.stdout, marker.exists()) == ("yak speaks\n", False)
