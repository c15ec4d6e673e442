"""Prompts in pieces and colours, and what they offer beside the cell."""

from __future__ import annotations

import io
import sys

import pytest

from ipcore.plain.prompts import painted
from ipcore.testing import ShellMaker, TestedShell, TmpPlugins

PLUGIN = """
    from ipcore.hookspecs import hookimpl

    class Own:
        def input(self, number):
            return f"{number} > "

        def continuation(self, number):
            return " " * len(self.input(number))

        def output(self, number):
            return ""

        def styled(self, kind, number):
            return [("prompt.mode", getattr(self, kind)(number))]

        def rewrite(self, number):
            return "~> "

        def right(self, number):
            return [("prompt.time", "now")]

        def toolbar(self):
            return [("toolbar", "below")]

    @hookimpl
    def ipshell_prompts(name, shell):
        return Own()
"""


def test_the_number_of_the_plain_prompts_is_a_piece_of_its_own(shell: TestedShell) -> None:
    assert shell.prompts.styled("input", 12) == [
        ("prompt", "In ["),
        ("prompt.number", "12"),
        ("prompt", "]: "),
    ]
    assert shell.prompts.styled("output", 3)[1] == ("prompt.output.number", "3")
    assert shell.prompts.styled("continuation", 3) == [("prompt.continuation", "   ...: ")]
    assert shell.prompts.styled("rewrite", 3) == [("prompt.rewrite", "------> ")]
    assert list(shell.prompts.right(3)) == list(shell.prompts.toolbar()) == []


def test_prompts_of_a_plugin_say_more_if_they_can(tmp_plugin: TmpPlugins, make_shell: ShellMaker) -> None:
    tmp_plugin("prompts", "own", PLUGIN)
    shell = make_shell(prompts_name="own")
    assert shell.prompts.styled("input", 3) == [("prompt.mode", "3 > ")]
    assert shell.prompts.rewrite(3) == "~> "
    assert shell.prompts.right(3) == [("prompt.time", "now")]
    assert shell.prompts.toolbar() == [("toolbar", "below")]
    shell.prompts_name = "classic"
    assert shell.prompts.styled("input", 3) == [("prompt", ">>> ")]
    assert shell.prompts.rewrite(3) == "------> "
    assert shell.prompts.right(3) == []


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        ('"prompt.mode", getattr(self, kind)(number)', '"prompt.mode", 3', "not texts"),
        ('return f"{number} > "', "raise KeyboardInterrupt", "it was interrupted"),
        ('[("prompt.time", "now")]', "None", "not iterable"),
        ('[("toolbar", "below")]', '[("toolbar", 3)]', "not texts"),
        ('return "~> "', "return 1 / 0", "ZeroDivisionError"),
    ],
)
def test_prompts_that_break_are_replaced_by_the_plain_ones(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker, good: str, bad: str, reason: str
) -> None:
    tmp_plugin("prompts", "own", PLUGIN.replace(good, bad))
    shell = make_shell(prompts_name="own")
    shell.prompts.toolbar()
    shell.prompts.right(3)
    shell.prompts.rewrite(3)
    assert shell.prompts.styled("input", 3) == shell.prompts.styled("input", 3)
    assert shell.prompts.input(3) == "In [3]: "
    assert reason in shell.registry.failures[0].reason
    shell.expect_failures()


def test_prompts_that_are_others_each_time_are_asked_once(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    tmp_plugin("prompts", "own", PLUGIN.replace("{number} >", "{next(ticks)} >").replace(
        "class Own:", "import itertools\n    ticks = itertools.count(1)\n\n    class Own:"
    ))  # fmt: skip
    shell = make_shell(prompts_name="own")
    assert shell.prompts.styled("input", 3) == [("prompt.mode", "1 > ")]
    assert shell.prompts.input(4) == "2 > "
    assert shell.prompts.styled("input", 5) == [("prompt.mode", "3 > ")]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_values_stand_behind_a_coloured_prompt_where_a_front_end_has_colours(
    make_shell: ShellMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    shell = make_shell(autocall=2)
    for stream, wanted in ((Screen(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stdout", stream)
        assert painted(shell, "output", 3) == "Out[3]: ", "no front end has asked for colours"
        shell.replace_part("theme", None)
        theme = shell.theme
        theme.override({"prompt.output": "#ff8787", "prompt.output.number": "bold"})
        monkeypatch.setattr(type(theme), "name", "own")
        assert painted(shell, "output", 3) == (
            "\x1b[38;5;210mOut[\x1b[0m\x1b[1;38;5;210m3\x1b[0m\x1b[38;5;210m]: \x1b[0m"
            if wanted
            else "Out[3]: "
        )
        shell.replace_part("theme", None)
        shell._parts.pop("theme", None)
