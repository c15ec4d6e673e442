"""The providers of magics, of their options and of Unicode characters keep to the contract."""

from __future__ import annotations

from typing import ClassVar

import pytest

from ipcore.testing.contracts.completers import CompletionProviderContract


class OfOurs(CompletionProviderContract):
    distribution = "ipcompleters"


class TestMagics(OfOurs):
    plugin = "ipcompleters.plugin:magics"
    key = "magics"
    examples: ClassVar = {"%pinf": "%pinfo", "pinf": "%pinfo", "x = %pinfo": "%pinfo2"}
    silent = ("x = pinf", "os.pinf", "%nothing pinf")

    @pytest.fixture(autouse=True)
    def _behind_magics(self, request: pytest.FixtureRequest) -> None:
        """Have the magics that it knows, so that the hostile names meet what belongs behind them."""
        if "shell" in request.fixturenames:
            shell = request.getfixturevalue("shell")
            for name in ("cd", "config", "env", "load_ext", "reset", "run", "store", "who", "xdel"):
                shell.magics.register("line", name, print)


class TestArgumentsOfMagics(TestMagics):
    examples: ClassVar = {
        "%config InteractiveShell.automag": "automagic",
        "%reset ": "array",
        "%load_ext json.dec": "decoder",
        "%who fu": "function",
    }
    setup = "def function(): pass"


class TestOptions(OfOurs):
    plugin = "ipcompleters.plugin:options"
    key = "options"
    setup = (
        "from ipcore.magics import argument, magic_arguments, register_line_magic\n"
        "@register_line_magic\n"
        "@magic_arguments()\n"
        "@argument('--times', help='how often')\n"
        "def again(line): pass"
    )
    examples: ClassVar = {"%again --t": "--times", "x = %again -": "--times"}
    silent = ("%again ", "x -", "%nothing -", "again")


class TestUnicode(OfOurs):
    plugin = "ipcompleters.plugin:unicode"
    key = "unicode"
    examples: ClassVar = {
        "\\alp": "\\alpha",
        "x = \\alpha": "\N{GREEK SMALL LETTER ALPHA}",
        '"\\sum': "∑",
        "\\GREEK SMALL LETTER ETA": "η",
        "x\\hat": "x̂",
        '"\\N{GREEK SMALL LETTER OMEG': "GREEK SMALL LETTER OMEGA}",
    }
    silent = ("alpha", "x = 1 + \\", '"\\n', "\\hat", '"C:\\Users\\alp')
