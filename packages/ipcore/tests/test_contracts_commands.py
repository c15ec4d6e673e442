"""The core's sub-commands keep to the contract, and the contract catches those that do not."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.commands import CommandContract


class OfTheCore(CommandContract):
    plugin = "ipcore.commands.plugin"
    distribution = "ipshell-core"


class TestCompletion(OfTheCore):
    key = "completion"
    examples = {"bash": "complete", "fish": "complete"}
    mistakes = ("cmd",)


class TestConfig(OfTheCore):
    key = "config"
    examples = {"paths": "config", "show --json": "{", "explain InteractiveShell.automagic": "automagic"}
    mistakes = ("explain no_such_option",)


class TestLocate(OfTheCore):
    key = "locate"
    examples = {"": "", "profile default": "default"}


class TestPlugins(OfTheCore):
    key = "plugins"
    examples = {"list": "commands", "list --json": "[", "info plain --load": "ipcore.plain.plugin"}
    mistakes = ("info no_such_plugin",)


class TestProfile(OfTheCore):
    key = "profile"
    examples = {"list": "profile create NAME", "create other": "other"}
    mistakes = ("create /",)


# -- others, good and bad -------------------------------------------------------------

FRAME = """
import sys
import time
from ipcore.errors import UserError

class Sums:
    {summary}

    def add_arguments(self, parser):
{arguments}

    def run(self, arguments, app):
{run}

@hookimpl
def ipshell_command(name):
    return Sums()
"""


def command(
    run: str = "print('total', sum(arguments.numbers)); return 0",
    arguments: str = "parser.add_argument('numbers', nargs='*', type=int, help='what to add')",
    summary: str = "summary = 'add numbers'",
) -> str:
    """Give a plugin whose command has certain bodies."""
    run, arguments = (textwrap.indent(textwrap.dedent(body), " " * 8) for body in (run, arguments))
    return FRAME.format(summary=summary, arguments=arguments, run=run)


EXAMPLES = {"examples": {"1 2": "total 3"}}

PLUGINS = {
    "good": Plugin(
        command(
            "print('total', sum(int(line) for line in open('numbers.txt'))); return 0",
            "parser.add_argument('file')",
        ),
        attributes={"examples": {"numbers.txt": "total 3"}, "mistakes": ("",)},
        body="""
        def prepare(self, folder):
            (folder / "numbers.txt").write_text("1\\n2\\n")
        """,
    ),
    "no_status": Plugin(
        command("print('total', sum(arguments.numbers))"),
        "run_gives_the_exit_status",
        ("gives None, which is no exit status", "Return the exit status"),
        EXAMPLES,
    ),
    "true": Plugin(
        command("print('total', sum(arguments.numbers)); return True"),
        "run_gives_the_exit_status",
        ("gives True, which is no exit status",),
        EXAMPLES,
    ),
    "leaves": Plugin(
        command("print('total', sum(arguments.numbers)); sys.exit()"),
        "run_gives_the_exit_status",
        ("raised SystemExit", "Return the exit status"),
        EXAMPLES,
    ),
    "wrong": Plugin(
        command("print(sum(arguments.numbers) + 1); return 0"),
        "its_examples_succeed",
        ("'ipshell wrong 1 2' does not print 'total 3' but\n4",),
        EXAMPLES,
    ),
    "fails": Plugin(
        command("return 1"), "its_examples_succeed", ("ends with status 1", "prepare(folder)"), EXAMPLES
    ),
    "raises": Plugin(
        command("raise OSError(2, 'no such file')"),
        "its_examples_succeed",
        ("ends with status 1", "no such file"),
        EXAMPLES,
    ),
    "percent": Plugin(
        command(arguments="parser.add_argument('numbers', nargs='*', type=int, help='100 % of them')"),
        "it_explains_itself",
        ("'ipshell percent --help' gives status 1", "% is written %%"),
        EXAMPLES,
    ),
    "no_summary": Plugin(
        command(summary=""), "its_summary_is_one_line", ("its summary is None", "Say what it does"), EXAMPLES
    ),
    "full_stop": Plugin(
        command(summary="summary = 'Add numbers.'"),
        "its_summary_is_one_line",
        ("without a full stop",),
        EXAMPLES,
    ),
    "works_early": Plugin(
        command(arguments="parser.add_argument('numbers', nargs='*', type=int); open(__file__).close()"),
        "declaring_its_arguments_does_nothing_else",
        ("add_arguments(parser) opens the file", "Leave that to run()"),
        EXAMPLES,
    ),
    "parses_early": Plugin(
        command(arguments="parser.add_argument('numbers', nargs='*', type=int); parser.parse_args([])"),
        "declaring_its_arguments_does_nothing_else",
        ("the parser is used", "Only declare the arguments"),
        EXAMPLES,
    ),
    "own_status": Plugin(
        command(arguments="parser.add_argument('numbers', nargs='*', type=int)\nparser.error = sys.exit"),
        "what_it_does_not_know_is_refused",
        ("gives status 1", "leave it to the parser to refuse others"),
        EXAMPLES,
    ),
    "own_mistakes": Plugin(
        command(
            "try: return 1 // sum(arguments.numbers)\nexcept ZeroDivisionError:\n"
            "    import traceback; traceback.print_exc(); return 1"
        ),
        "mistakes_are_told_in_one_line",
        ("shows a traceback", "UserError"),
        {**EXAMPLES, "mistakes": ("0",)},
    ),
    "no_mistake": Plugin(
        command(), "mistakes_are_told_in_one_line", ("ends with status 0",), {**EXAMPLES, "mistakes": ("0",)}
    ),
    "pipe": Plugin(
        command(
            "try: print('total 3', flush=True)\n"
            "except OSError as error: print(error, file=sys.stderr)\nreturn 0"
        ),
        "it_ends_quietly_when_nobody_reads_on",
        ("| head' complains", "Broken pipe", "Let BrokenPipeError out of run()"),
        EXAMPLES,
    ),
    "asks": Plugin(
        command("time.sleep(3600)"),
        "its_examples_succeed",
        ("does not end within 2 s", "Does it wait for something that is typed?"),
        {**EXAMPLES, "deadline": 2.0},
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("commands"), "CommandContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_command(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
