"""Mistakes in configuration, each with the line it stands at and what was meant.

Run as a program, this prints the table.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ipcore import notices
from ipcore.component import Component
from ipcore.configuration import checks
from ipcore.configuration.checks import check_sections, tell
from ipcore.configuration.directories import find_directories
from ipcore.configuration.layers import Configuration
from ipcore.configuration.profiles import find_profile
from ipcore.configuration.sections import CORE, load_class
from ipcore.plugins.settings import Plugins


class Case(NamedTuple):
    """One mistake."""

    what: str
    text: str
    line: int
    says: str
    """What the message must hold, the suggestion above all."""
    name: str = "ipshell_config.py"


JSON = "ipshell_config.json"

CASES = [
    Case(
        "option misspelt",
        "\nc.InteractiveShell.cash_size = 5\n",
        2,
        "did you mean InteractiveShell.cache_size?",
    ),
    Case(
        "option in capitals",
        "\nc.InteractiveShell.Cache_Size = 5\n",
        2,
        "did you mean InteractiveShell.cache_size?",
    ),
    Case(
        "section misspelt",
        "\n\nc.InteractivShell.cache_size = 5\n",
        3,
        "did you mean InteractiveShell.cache_size?",
    ),
    Case(
        "section in small letters",
        "c.interactiveshell.cache_size = 5\n",
        1,
        "did you mean InteractiveShell.cache_size?",
    ),
    Case(
        "both misspelt",
        "\nc.Interactiveshell.cachesize = 5\n",
        2,
        "did you mean InteractiveShell.cache_size?",
    ),
    Case("no section", "\nc.exec_lines = ['1']\n", 2, "did you mean IPShellApp.exec_lines?"),
    Case("value for a section", "\nc.InteractiveShell = 5\n", 2, "did you mean InteractiveShell.OPTION?"),
    Case(
        "option of an option",
        "c.InteractiveShell.cache_size.max = 5\n",
        1,
        "InteractiveShell.cache_size is an option, not a section",
    ),
    Case(
        "option of another section",
        "\nc.Plugins.cache_size = 5\n",
        2,
        "did you mean InteractiveShell.cache_size?",
    ),
    Case("list, misspelt", "\nc.Plugins.disabled.append('x')\n", 2, "did you mean Plugins.disable?"),
    Case("number in quotes", "\n\nc.InteractiveShell.cache_size = '5'\n", 3, "not '5' (str)"),
    Case("truth in quotes", "c.InteractiveShell.automagic = 'False'\n", 1, "did you mean False?"),
    Case("wrong type", "\nc.Plugins.disable = 3\n", 2, "Plugins.disable must be a list, not 3 (int)"),
    Case(
        "wrong type of an item",
        "\nc.Plugins.disable = ['a', 3]\n",
        2,
        "each item must be a string, not the int 3",
    ),
    Case(
        "wrong choice",
        "\nc.InteractiveShell.ast_node_interactivity = 'last_exp'\n",
        2,
        "must be one of 'all', 'last', 'last_expr', 'none', 'last_expr_or_assign', not 'last_exp' (str); "
        "the value 'last_expr' is kept; did you mean 'last_expr'?",
    ),
    Case(
        "append to a number", "c.InteractiveShell.cache_size.append(1)\n", 1, "append or extend needs a list"
    ),
    Case(
        "part not installed",
        "\nc.LaTeXTool.backends = []\n",
        2,
        "the section LaTeXTool belongs to ipdisplay, which is not installed",
    ),
    Case(
        "option of IPython's that is none here",
        "\nc.IPCompleter.greedy = True\n",
        2,
        "ShellCompleter has no option 'greedy', which IPython has: ShellCompleter.policy = \"live\" "
        "evaluates whatever stands before the cursor; it was ignored",
    ),
    Case(
        "name of IPython's for ours",
        "\nc.TerminalIPythonApp.exec_line = ['1']\n",
        2,
        "did you mean IPShellApp.exec_lines?",
    ),
    Case(
        "the same, misspelt",
        "\nc.TerminalIPythonAp.exec_lines = ['1']\n",
        2,
        "did you mean IPShellApp.exec_lines?",
    ),
    Case(
        "section of IPython's that moved",
        "\nc.TerminalInteractiveShell.cache_size = 5\n",
        2,
        "did you mean InteractiveShell.cache_size?",
    ),
    Case(
        "section nobody knows",
        "\nc.Zebra.stripes = 5\n",
        2,
        "neither the core nor an installed plugin has a section",
    ),
    Case("syntax error", "\nc.Plugins.disable = [\n", 2, "SyntaxError: '[' was never closed"),
    Case(
        "exception",
        "import os\n\nos.environ['NO_SUCH_VARIABLE_HERE']\n",
        3,
        "KeyError: 'NO_SUCH_VARIABLE_HERE'",
    ),
    Case(
        "included file missing",
        "\nload_subconfig('ipshell_confg.py')\n",
        2,
        "did you mean ipshell_config.py?",
    ),
    Case("not UTF-8", "\nc.A.x = 'caf\udce9'\n", 2, "is not UTF-8 text: byte 0xe9 in column 13"),
    Case(
        "JSON: comma at the end",
        '{\n "Plugins": {\n  "disable": [],\n }\n}',
        3,
        "comma before the closing",
        JSON,
    ),
    Case(
        "JSON: Python's True", '{"InteractiveShell":\n {"automagic": True}}', 2, "True is written true", JSON
    ),
    Case("JSON: wrong type", '{\n "Plugins": {\n  "disable": {}}}', 3, "must be a list, not {} (dict)", JSON),
    Case(
        "JSON: option misspelt", '{\n "Plugins": {"disabel": []}}', 2, "did you mean Plugins.disable?", JSON
    ),
    Case("JSON: section with dots", '{\n "Plugins.disable": []}', 2, "did you mean c.Plugins.disable?", JSON),
    Case("JSON: value for a section", '{\n "Plugins": []}', 2, "did you mean Plugins.OPTION?", JSON),
]


def said(case: Case, root: Path) -> tuple[Path, list[str]]:
    """Give what a user sees who made one mistake: the lines on standard error, and the file's path."""
    directories = find_directories({"IPSHELL_HOME": str(root)})
    profile = find_profile(directories)
    profile.config_dir.mkdir(parents=True, exist_ok=True)
    file = profile.config_dir / case.name
    file.write_bytes(case.text.encode("utf-8", "surrogateescape"))
    notices.forget()
    shown = io.StringIO()
    with contextlib.redirect_stderr(shown):
        configuration = Configuration.load(profile, directories, system_dirs=[])
        tell(check_sections(configuration))
        Plugins(config=configuration.config)
        shell_options()(config=configuration.config)
    return file, shown.getvalue().splitlines()


def shell_options() -> type[Component]:
    """Give a component with the options of the shell, which is quicker to make than a shell."""
    kind = load_class(CORE["InteractiveShell"])
    assert kind is not None
    traits = dict(kind.class_traits(config=True))
    return type("InteractiveShell", (Component,), traits)


def table(root: Path) -> Iterator[tuple[str, str, str]]:
    """Give each mistake, its text and what is said about it, with the path cut off."""
    for number, case in enumerate(CASES):
        file, lines = said(case, root / str(number))
        yield (
            case.what,
            case.text.encode("ascii", "backslashreplace").decode(),
            lines[0].replace(str(file), file.name),
        )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_each_mistake_is_told_in_one_line_with_its_place_and_what_was_meant(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "is_installed", lambda distribution: False)  # the core alone
    file, lines = said(case, tmp_path / "home")
    assert len(lines) == 1
    assert lines[0].startswith(f"ipshell: {file}:{case.line}: ")
    assert case.says in lines[0]


def test_there_are_at_least_twenty() -> None:
    assert len({case.what for case in CASES}) == len(CASES) >= 20


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for what, text, line in table(Path(folder)):
            print(f"{what}\n    {' | '.join(filter(None, text.splitlines()))}\n    {line}")
