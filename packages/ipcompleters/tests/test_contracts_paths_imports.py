"""The providers of imports, paths and commands keep to what the core asks of providers."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipcore.testing.contracts.completers import CompletionProviderContract

#: A cell that makes files in the working folder, which is the first one of the search path.
FILES = r"""
import pathlib as _pathlib, sys as _sys
_here = _pathlib.Path.cwd()
(_here / "notes").mkdir(exist_ok=True)
(_here / "notes" / "my plan.txt").touch()
(_here / "notes" / "tool.py").write_text("raise SystemExit\nworks = 1\n")
_pages = _here / "man" / "man1"
_pages.mkdir(parents=True, exist_ok=True)
(_pages / "frob.1").write_text(".TP\n\\-\\-frotz\nfrotz\n")
"""


class Ours(CompletionProviderContract):
    distribution = "ipcompleters"
    setup = FILES

    @pytest.fixture(autouse=True)
    def _surroundings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend("")
        monkeypatch.setenv("MANPATH", str(tmp_path / "empty" / "man"))
        monkeypatch.setenv("IPSH_HERE", "1")


class TestImports(Ours):
    plugin = "ipcompleters.plugin:imports"
    key = "imports"
    setup = f"{FILES}import json"
    examples = {
        "import collec": "collections",
        "import notes.": "tool",
        "from json import (loads,\n    du": "dumps",
        "from notes.tool import ": "works",
        "from json ": "import ",
        "from .notes import to": "tool",
    }
    silent = (
        "",
        "collec",
        "import json as ",
        "json.",
        "# import collec",
        "'import collec",
        "from json import loads as ",
    )


class TestPaths(Ours):
    plugin = "ipcompleters.plugin:paths"
    key = "paths"
    examples = {
        "open('no": "notes/",
        "x = 'notes/my p": "my plan.txt",
        "!cat no": "notes/",
        '!cat "notes/my': "my plan.txt",
        "%load no": "notes/",
    }
    silent = ("", "no", "no/", "# './no", "x = '", "{'a': 1}['no", "f'{no", "open('a', 'no")


class TestCommands(Ours):
    plugin = "ipcompleters.plugin:commands"
    key = "commands"
    setup = f"{FILES}target_name = 1"
    examples = {
        "!ulim": "ulimit",
        "!git check": "checkout",
        "!frob --fr": "--frotz",
        "!echo $targ": "target_name",
        "!echo $IPSH_H": "IPSH_HERE",
        "!python -m json.to": "json.tool",
    }
    silent = ("", "ulim", "!cat ulim", "'!ulim", "# !ulim", "%load ulim")
