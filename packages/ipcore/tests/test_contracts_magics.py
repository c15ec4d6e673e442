"""The core's magics keep to the contracts, and the contracts catch magics that do not."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts import LineMagicContract


class TestPinfo(LineMagicContract):
    plugin = "ipcore.plain.plugin"
    key = "pinfo"
    distribution = "ipshell-core"
    examples = {"len": None, "no_such_name": None}


class TestPinfo2(LineMagicContract):
    plugin = "ipcore.plain.plugin"
    key = "pinfo2"
    distribution = "ipshell-core"
    examples = {"textwrap.dedent": None}
    setup = "import textwrap"


class TestPsearch(LineMagicContract):
    plugin = "ipcore.plain.plugin"
    key = "psearch"
    distribution = "ipshell-core"
    examples = {"prin*": None}


class TestRewind(LineMagicContract):
    plugin = "ipcore.plain.plugin"
    key = "rewind"
    distribution = "ipshell-core"
    # Two cells, as it is called twice.
    setup = "for n in 'ab': get_ipython().run_cell('a = 1', store_history=True)"
    examples = {"1": None}
    mistakes = ["all", "0", "99"]
    sets = ("a", "n")
    repeatable = False


class TestTasks(LineMagicContract):
    plugin = "ipcore.plain.plugin"
    key = "tasks"
    distribution = "ipshell-core"
    examples = {"": None, "cancel all": None}
    mistakes = ["cancel", "no such word", "cancel nobody"]


# -- others, good and bad -------------------------------------------------------------


def line(body: str, before: str = "", doc: str = '"""Shout a text."""') -> str:
    """Give a plugin with a line magic whose function has a certain body."""
    body = textwrap.indent(textwrap.dedent(body), " " * 8)
    return (
        f"{textwrap.dedent(before)}\n@hookimpl\ndef ipshell_line_magic(name, shell):\n"
        f"    def shout(line):\n        {doc}\n{body}\n\n    return shout\n"
    )


OPTIONS = """
from ipcore.magics import Magics, argument, line_magic, magic_arguments, magics_class, parse_argstring

@magics_class
class Shouting(Magics):
    @line_magic
    @magic_arguments()
    @argument("-n", "--times", type=int, default=1, HELP)
    @argument("text", nargs="*")
    def shout(self, line):
        '''Shout a text.'''
        given = parse_argstring(self.shout, line)
        return " ".join(given.text).upper() * given.times

@hookimpl
def ipshell_line_magic(name, shell):
    return shell.magics.instance(Shouting).shout
"""

EXAMPLES = {"hello": "HELLO"}

LINE_MAGICS = {
    "good": Plugin(
        line("return line.upper()"), attributes={"examples": {**EXAMPLES, "": "", "a  b": "A  B"}}
    ),
    "with_options": Plugin(
        OPTIONS.replace("HELP", 'help="how often"'),
        attributes={"examples": {"-n 2 a": "AA"}, "options": ("-n", "--times"), "mistakes": ["-n x", "'"]},
    ),
    "judged": Plugin(
        line("return [line, object()]"),
        body="examples = {'a': lambda value: value[0] == 'a', 'b': lambda v: v}",
    ),
    "no_help": Plugin(
        line("return line.upper()", doc="pass"),
        "it_has_help",
        ("it has no docstring, so %no_help? has nothing to say", "a line on what it does"),
    ),
    "other_arguments": Plugin(
        line("return line").replace("shout(line)", "shout(shell, line)"),
        "it_is_called_with_what_the_shell_gives",
        ("(shell, line) cannot be called with line: missing a required argument: 'line'",),
    ),
    "gives_nothing": Plugin(
        "@hookimpl\ndef ipshell_line_magic(name, shell):\n    pass\n",
        "the_examples_give_what_they_say",
        ("has to return a function for the name 'gives_nothing'",),
    ),
    "prints": Plugin(
        line("print(line.upper())"),
        "the_examples_give_what_they_say",
        ("%prints hello", "gives None; the example says 'HELLO'"),
    ),
    "raises": Plugin(
        line("return line.upper() + 1"),
        "the_examples_give_what_they_say",
        ("fails:", "can only concatenate str"),
    ),
    "remembers": Plugin(
        line("said.append(line.upper()); return ' '.join(said)", "said = []"),
        "called_again_it_gives_the_same",
        ("gives 'HELLO HELLO'", "set repeatable = False"),
    ),
    "asks_the_cell": Plugin(
        line(
            "import sys\nassigned = sys._getframe(4).f_code.co_names[-1:] == ('__assigned',)\n"
            "return line if assigned else line.upper()"
        ),
        "its_value_can_be_assigned",
        ("gives x the value 'hello', and not what the example says", "nor look at how"),
    ),
    "list": Plugin(
        line("return line.upper()"), "it_is_found_by_its_bare_name", ("'list' is a function of Python's",)
    ),
    "sets_a_name": Plugin(
        line("shell.user_ns['last_shout'] = line; return line.upper()"),
        "it_leaves_the_users_names_alone",
        ("changes variables of the user's: last_shout", "sets = ('name',)"),
    ),
    "says_that_it_sets": Plugin(
        line("shell.user_ns['last_shout'] = line; return line.upper()"), attributes={"sets": ["last_shout"]}
    ),
    "changes_folder": Plugin(
        line("import os; os.mkdir('a'); os.chdir('a'); os.environ['A'] = 'b'; return line.upper()"),
        "it_leaves_the_process_as_it_is",
        ("changes the working directory, os.environ.", "in a `finally`"),
    ),
    "ends_the_program": Plugin(
        line(
            "import argparse\nargparse.ArgumentParser().parse_known_args(line.split())\nreturn line.upper()"
        ),
        "it_survives_anything",
        ("called with '-h', it raised SystemExit", "raise UsageError(...) from None"),
    ),
    "waits": Plugin(
        line("import time\nwhile line not in ('hello', 'a b'):\n    time.sleep(600)\nreturn line.upper()"),
        "it_survives_anything",
        ("it does not come back within 0.5 s.", "Wait for nothing without a time-out."),
        {"deadline": 0.5},
    ),
    "splits_badly": Plugin(
        line("import shlex\nreturn ' '.join(shlex.split(line)).upper()"),
        "it_survives_anything",
        (
            "it raised ValueError",
            "No escaped character",
            "plugin_splits_badly.py",
            "raise UsageError(...) from None",
        ),
    ),
    "takes_wrong_options": Plugin(
        line(
            "from ipcore.magics import parse_options\nreturn parse_options(line, 'n:')[1]", doc='"""Shout."""'
        ).replace("parse_options(line", "parse_options(line.replace('--', '')"),
        "an_option_that_there_is_not_is_the_users_mistake",
        ("'%takes_wrong_options --no-such-option', is no error", "ipcore.errors.UsageError"),
    ),
    "long_mistake": Plugin(
        line("from ipcore.errors import UsageError\nraise UsageError('no\\nno')"),
        "mistakes_are_told_in_one_line",
        ("is told in 2 lines", "with one line that says what is wrong"),
        {"mistakes": ["x"]},
    ),
    "silent_options": Plugin(
        OPTIONS.replace("HELP", ""),
        "its_options_are_known_to_completion",
        ("its options -n/--times have no help", "@argument"),
    ),
    "hidden_options": Plugin(
        line("import argparse\nreturn line.upper()"),
        "its_options_are_known_to_completion",
        ("completion does not know -n, but no option at all", "@magic_arguments"),
        {"options": ["-n"]},
    ),
}


def cell(body: str, before: str = "") -> str:
    """Give a plugin with a cell magic whose function has a certain body."""
    return (
        line(body, before)
        .replace("shout(line)", "count(line, body)")
        .replace("return shout", "return count")
        .replace("_line_", "_cell_")
    )


COUNTED = {("", "a\nb\n"): 2, ("x", "%magic\n"): 1}

CELL_MAGICS = {
    "good": Plugin(cell("return len(body.splitlines())")),
    "takes_the_line": Plugin(
        cell("pass").replace("count(line, body)", "count(body)"),
        "it_is_called_with_what_the_shell_gives",
        ("(body) cannot be called with line and body: too many positional arguments",),
    ),
    "reads_the_cell": Plugin(
        cell("return len(seen[-1].splitlines()) - 1", "seen = []").replace(
            "    def count",
            "    shell.events.register('pre_run_cell', lambda info: seen.append(info.raw_cell))\n"
            "    seen.append('x\\na\\nb\\n')\n    def count",
        ),
        "it_gets_the_body_as_it_was_typed",
        ("gives 2, and not what the example says", "not the text of the cell"),
        {"examples": {("", "a\n"): 1}},
    ),
    "wants_numbers": Plugin(
        cell("return len(body.splitlines()) + 0 * sum(map(len, body.split('a')[1]))"),
        "it_survives_anything",
        ("raised IndexError", "list index out of range", "set runs_code = True"),
    ),
    "runs_code": Plugin(cell("exec(body)"), attributes={"examples": {("", "1\n"): None}, "runs_code": True}),
    "no_mistake": Plugin(
        cell("return 2"),
        "mistakes_are_told_in_one_line",
        ("is no error",),
        {"mistakes": [("-x", "a\n")]},
    ),
    "wrong_kind": Plugin(
        cell("return line").replace("_cell_magic", "_line_magic"),
        "it_registers_without_complaint",
        ("it has no hook of the family cell_magics (ipshell_cell_magic)",),
    ),
}


@pytest.fixture(scope="module")
def line_magics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {
        key: each._replace(attributes={**({} if each.body else {"examples": EXAMPLES}), **each.attributes})
        for key, each in LINE_MAGICS.items()
    }
    return judge(tmp_path_factory.mktemp("line_magics"), "LineMagicContract", plugins)


@pytest.fixture(scope="module")
def cell_magics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {
        key: each._replace(attributes={"examples": COUNTED, **each.attributes})
        for key, each in CELL_MAGICS.items()
    }
    return judge(tmp_path_factory.mktemp("cell_magics"), "CellMagicContract", plugins)


@pytest.mark.parametrize("key", LINE_MAGICS)
def test_an_author_is_told_what_is_wrong_with_a_line_magic(line_magics: dict[str, str], key: str) -> None:
    check(line_magics[key], LINE_MAGICS[key])


@pytest.mark.parametrize("key", CELL_MAGICS)
def test_an_author_is_told_what_is_wrong_with_a_cell_magic(cell_magics: dict[str, str], key: str) -> None:
    check(cell_magics[key], CELL_MAGICS[key])


def check(said: str, plugin: Plugin) -> None:
    assert bool(said) == bool(plugin.fails), said
    for word in plugin.says:
        assert word in said, said
