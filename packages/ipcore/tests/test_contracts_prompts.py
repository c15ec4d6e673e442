"""The core's prompts keep to the contract, and the contract catches those that do not."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.prompts import PromptsContract


class TestPlain(PromptsContract):
    plugin = "ipcore.plain.plugin"
    key = "plain"
    distribution = "ipshell-core"


class TestClassic(PromptsContract):
    plugin = "ipcore.plain.plugin"
    key = "classic"
    distribution = "ipshell-core"
    shows_number = False


# -- others, good and bad -------------------------------------------------------------


def prompts(**bodies: str) -> str:
    """Give a plugin whose methods have certain bodies."""
    bodies = {
        "input": 'return f"{number} » "',
        "continuation": 'return " » ".rjust(len(self.input(number)))',
        "output": 'return f"{number} « "',
        **bodies,
    }
    methods = "".join(
        f"    def {name}(self, number):\n{textwrap.indent(textwrap.dedent(body), ' ' * 8)}\n\n"
        for name, body in bodies.items()
    )
    return f"class Own:\n{methods}\n@hookimpl\ndef ipshell_prompts(name, shell):\n    return Own()\n"


PLUGINS = {
    "good": Plugin(prompts()),
    "coloured": Plugin(
        prompts(
            input=r'return f"\x1b[32m{number}\x1b[0m → "',
            continuation=r'return "·".rjust(len(str(number))) + " → "',
        )
    ),
    "narrow": Plugin(
        prompts(continuation='return "... "'),
        "the_continuation_is_as_wide_as_the_input",
        ("continuation(10) gives '... ', 4 columns wide", "rjust(len(self.input(number)))"),
    ),
    "wide": Plugin(
        prompts(input='return f"書{number} "', continuation='return " " * len(f"書{number} ")'),
        "the_continuation_is_as_wide_as_the_input",
        ("3 columns wide",),
    ),
    "no_text": Plugin(
        prompts(output="return number"),
        "each_prompt_is_text_for_every_number",
        ("output(1) gives int, not text", "give a str"),
    ),
    "odd_number": Plugin(
        prompts(input='return f"{number} » " if number else 1 / 0'),
        "each_prompt_is_text_for_every_number",
        ("input(0) raised ZeroDivisionError", "give text for every number"),
    ),
    "two_lines": Plugin(
        prompts(input='return f"folder\\n{number} » "', continuation='return " " * len(f"{number} » ")'),
        "each_prompt_is_one_line",
        ("which is more than one line", "several_lines = True"),
    ),
    "ends_line": Plugin(
        prompts(output='return f"{number}:\\n"'), "each_prompt_is_one_line", ("which ends a line",)
    ),
    "no_number": Plugin(
        prompts(input='return ">>> "', continuation='return "... "'),
        "the_number_is_shown",
        ("without the number of the cell", "shows_number = False"),
    ),
    "reads_files": Plugin(
        prompts(output="return open(__file__).readline()[:1]"),
        "prompts_do_nothing_but_give_text",
        ("output(number) opens the file", "plugin_reads_files.py", 'may = ("open",)'),
    ),
    "may_read_files": Plugin(
        prompts(output="return open(__file__).readline()[:1]"), attributes={"may": ("open",)}
    ),
    "runs_git": Plugin(
        prompts(output='import subprocess, sys; subprocess.call([sys.executable, "-V"]); return ""'),
        "prompts_do_nothing_but_give_text",
        ("starts the program",),
    ),
    "one_thread": Plugin(
        prompts(
            output="import sqlite3\nif not hasattr(self, 'db'): self.db = sqlite3.connect(':memory:')\n"
            "return str(self.db.execute('select 1').fetchone()[0])",
            __init__="pass",
        ).replace("def __init__(self, number):\n        pass", "def __init__(self): self.output(1)"),
        "prompts_can_be_made_in_any_thread",
        ("in another thread than the main one", "ProgrammingError", "belongs to one thread"),
    ),
    "user_names": Plugin(
        prompts(input="return f\"{len(get_ipython().user_ns['In'])} {number} » \""),
        "prompts_bear_any_names_of_the_user",
        ("input(3) raised",),
    ),
    "pieces": Plugin(
        prompts(
            styled="return [('prompt', 'a'), ('prompt.number', 'b')]",
            input="return f'ab{number}'",
            continuation="return ' ' * len(self.input(number))",
        ).replace("def styled(self, number)", "def styled(self, kind, number)"),
        "pieces_of_a_prompt_are_its_text",
        ("styled('input', 1) gives 'ab' together, and input(1) gives 'ab1'", "let input() join"),
    ),
    "more": Plugin(
        prompts(
            styled="return [('prompt', getattr(self, kind)(number))]",
            rewrite="return '→ '",
            right="return [('prompt.time', 'now')]",
            toolbar="return []",
        )
        .replace("def styled(self, number)", "def styled(self, kind, number)")
        .replace("def toolbar(self, number)", "def toolbar(self)")
    ),
    "own_style": Plugin(
        prompts(right="return [('green', 'now')]"),
        "what_stands_beside_the_cell_is_pieces_of_one_line",
        ("has 'now' in the style 'green', which no theme speaks of",),
    ),
    "high_toolbar": Plugin(
        prompts(toolbar="return [('toolbar', 'a\\nb')]").replace(
            "def toolbar(self, number)", "def toolbar(self)"
        ),
        "what_stands_beside_the_cell_is_pieces_of_one_line",
        ("toolbar() gives 'a\\nb', which is more than one line",),
    ),
    "lacks_output": Plugin(
        prompts().replace("def output", "def outputs"),
        "each_prompt_is_one_line",
        ("its prompts have no output()",),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("prompts"), "PromptsContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_prompts(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
