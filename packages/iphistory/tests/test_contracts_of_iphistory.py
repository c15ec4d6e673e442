"""The plugins of iphistory keep to the contracts of their families."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

from ipcore.testing.contracts import CommandContract, HistoryContract, LineMagicContract, PluginContract
from ipcore.testing.fixtures import *  # noqa: F403

HEAVY = (*PluginContract.heavy, "sqlite3")


class OfIphistory(PluginContract):
    """A plugin of this distribution."""

    plugin = "iphistory.plugin"
    distribution = "iphistory"
    heavy = HEAVY


class TestSqlite(OfIphistory, HistoryContract):
    key = "sqlite"


class TestSqliteWithoutFile(OfIphistory, HistoryContract):
    key = "sqlite"
    configuration = {"HistoryManager": {"hist_file": ":memory:"}}
    keeps = False


class TestSqliteOff(OfIphistory, HistoryContract):
    key = "sqlite"
    configuration = {"HistoryManager": {"enabled": False}}
    keeps = False


class Listing(OfIphistory, LineMagicContract):
    """``%history``, under both of its names."""

    examples = {"": None, "-n 1-3": None, "-n -o -p ~1/": None, "-g nothing": None, "-l 2 -u -t": None}
    mistakes = ["-l many", "-l -3", "--delete", "-f no-such-folder/file.py"]
    options = ("-n", "-o", "-p", "-t", "-f", "-y", "-g", "-l", "-u", "--fuzzy", "--delete")


class TestHistory(Listing):
    key = "history"


class TestHist(Listing):
    key = "hist"


class Recalling(OfIphistory, LineMagicContract):
    """``%recall``, under both of its names."""

    examples = {"": None, "6 * 7": None, "1": None, "nothing that was typed": None}
    runs_code = True


class TestRecall(Recalling):
    key = "recall"


class TestRep(Recalling):
    key = "rep"


class TestRerun(OfIphistory, LineMagicContract):
    key = "rerun"
    examples = {"": None, "7": None, "-l 2": None, "-g nothing": None}
    mistakes = ["-l 0", "-l many"]
    options = ("-l", "-g")
    runs_code = True


class TestHistoryCommand(OfIphistory, CommandContract):
    key = "history"
    examples = {
        "stats": "there is no history yet",
        "clear --force": "there is no history yet",
        "import cells": "added 1 cell",
    }
    mistakes = [
        "",
        "trim --keep -1",
        "trim --keep many",
        "import no-such-file",
        "import words",
        "export --format xml",
    ]

    def prepare(self, folder: Path) -> None:
        (folder / "cells").write_text("\n# 2024-01-02 03:04:05\n+x = 1\n")
        (folder / "words").write_text("who knows what\n")


def test_no_plugin_of_the_distribution_is_without_its_contract() -> None:
    tested = {
        (f"ipshell.{each.family}", each.key)
        for each in globals().values()
        if isinstance(each, type) and issubclass(each, PluginContract) and each.__name__.startswith("Test")
    }
    declared = {(each.group, each.name) for each in distribution("iphistory").entry_points}
    assert {each for each in declared if each[0].startswith("ipshell.")} == tested
