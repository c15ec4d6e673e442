"""Enter, Tab, pasting and what belongs to them as a person sees them, in a pseudo-terminal."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path

import pytest
from editor_terminals import StartEditor

from ipcore.testing.terminal import Terminal

TABLE: dict[str, dict[str, list[list[str]]]] = tomllib.loads(
    Path(__file__).with_name("entering.toml").read_text("utf-8")
)
DEADLINE = 5.0
#: Every so many rows of a table one is tried.
SAMPLE = 6
KEYS = {"c-j": "ctrl-j", "c-o": "ctrl-o", "s-tab": "shift-tab"}
PROMPT = re.compile(r"In \[(\d+)\]:")
FUNCTION = "def area(width, height):\n    product = width * height\n\n    return product\n"


def cell_of(shell: Terminal) -> str:
    """Read the cell with its cursor from the screen; blanks at the ends of lines cannot be seen."""
    lines = shell.lines
    prompts = [(index, PROMPT.match(line)) for index, line in enumerate(lines)]
    start, prompt = next(((index, found) for index, found in reversed(prompts) if found), (0, None))
    if prompt is None:
        return ""
    width = len(prompt.group().rstrip()) + 1
    end = start + 1
    while end < len(lines) and lines[end].lstrip().startswith("...:"):
        end += 1
    rows = [line[width:] for line in lines[start:end]]
    row, column = shell.cursor.row - start, shell.cursor.column - width
    if not 0 <= row < len(rows):
        return ""
    rows[row] = rows[row].ljust(column)
    rows[row] = rows[row][:column] + "|" + rows[row][column:]
    return bare("\n".join(rows))


def bare(cell: str) -> str:
    return "\n".join(line.rstrip() for line in cell.split("\n"))


def wait_for_cell(shell: Terminal, cell: str) -> None:
    shell.wait_for(lambda _: cell_of(shell) == bare(cell))


def put_in(shell: Terminal, cell: str) -> None:
    """Have a cell stand at the prompt, and move the cursor to its place."""
    text, cursor = cell.replace("|", "", 1), cell.index("|")
    shell.type(f"get_ipython().set_next_input({text!r})\r")
    wait_for_cell(shell, text + "|")
    shell.press("ctrl-home")
    shell.press(*["down"] * text.count("\n", 0, cursor))
    shell.press("home", *["right"] * (cursor - text.rfind("\n", 0, cursor) - 1))
    wait_for_cell(shell, cell)


@pytest.mark.parametrize("table", [name for name in TABLE if "_with" not in name])
def test_keys_do_in_a_terminal_what_the_table_says(share_editor: StartEditor, table: str) -> None:
    shell = share_editor("--nosep", rows=200, deadline=DEADLINE)
    rows = TABLE[table]["rows"][1::SAMPLE]
    number = 1
    for before, after in rows:
        if "\t" in before or "\n\n\n" in before or after == "history":  # a screen does not show them all
            continue
        put_in(shell, before)
        number += 1
        shell.press(*(KEYS.get(key, key) for key in table.split("_")))
        if after == "run":
            number += bool(before.replace("|", "").strip())
            shell.wait_for_prompt(number)
            continue
        if after.startswith("problem"):
            shell.wait_for(re.compile("Error: "))
            after = after.partition(" ")[2]
        if after:
            wait_for_cell(shell, after)
        shell.press("ctrl-c")
        wait_for_cell(shell, "|")


def test_a_mistake_is_shown_where_it_is_and_enter_again_runs_it(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    shell.type("x = = 1")
    shell.press("enter")
    shell.wait_for("SyntaxError: invalid syntax (Enter again runs it)")
    assert cell_of(shell) == "x = |= 1"
    shell.press("enter")
    assert "SyntaxError: invalid syntax" in shell.wait_for_prompt(2)
    assert "(Enter again" not in shell.text


def test_the_mistake_is_told_until_the_next_key(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    shell.type("x = = 1")
    shell.press("enter")
    shell.wait_for("(Enter again runs it)")
    shell.press("delete", "delete")
    shell.wait_for(lambda _: "Error" not in shell.text)
    shell.press("enter")
    assert shell.wait_for_prompt(2) == ["In [1]: x = 1", "In [2]:"]


def test_validate_can_be_switched_off(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", "--Terminal.validate=False", deadline=DEADLINE)
    shell.type("x = = 1\r")
    assert "SyntaxError: invalid syntax" in shell.wait_for_prompt(2)


def test_words_that_are_magics_are_no_mistakes(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    shell.type("await __import__('asyncio').sleep(0, 'slept')\r")
    shell.wait_for("Out[1]: 'slept'")
    shell.wait_for_prompt(2)
    shell.type("pinfo nosuch (\r")
    shell.wait_for_prompt(3)
    assert "Enter again" not in shell.text


# -- pasting ---------------------------------------------------------------------


@pytest.mark.parametrize("speed", ["marked", "at once", "in pieces", "by characters"])
def test_what_is_pasted_stands_there_and_does_not_run(start_editor: StartEditor, speed: str) -> None:
    shell = start_editor("--nosep", deadline=DEADLINE)
    shell.wait_for(lambda _: shell.modes.bracketed_paste)
    shell.type("1")
    shell.press("backspace")
    wait_for_cell(shell, "|")
    text = FUNCTION + "print('it', 'ran')\n"
    size = {"in pieces": 16, "by characters": 1}.get(speed)
    if size is None:
        shell.paste(text, bracketed=speed == "marked")
    else:
        for start in range(0, len(text), size):
            shell.send(text[start : start + size].replace("\n", "\r").encode())
            time.sleep(0.003)  # what the test is about: pieces that come one after the other
    wait_for_cell(shell, text + "|")
    assert "it ran" not in shell.text
    shell.press("ctrl-_")
    wait_for_cell(shell, "|")


@pytest.mark.parametrize("gap", [0.0, 0.002, 0.02])
@pytest.mark.parametrize("end", ["\r", "\n"])
def test_a_line_that_a_program_writes_runs(share_editor: StartEditor, gap: float, end: str) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    for number, text in enumerate(("6*7", "print('it', 'ran')"), start=1):
        for piece in [text + end] if not gap else text + end:
            shell.send(piece.encode())
            time.sleep(gap)  # what the test is about: characters that come one after the other
        shell.wait_for_prompt(number + 1)
    assert "Out[1]: 42" in shell.text
    assert "it ran" in shell.text


@pytest.mark.parametrize("gap", [0.0, 0.002, 0.02])
def test_short_lines_pasted_without_a_mark_do_not_run(share_editor: StartEditor, gap: float) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    text = "x = 'ra'\nprint(x + 'n')\n"
    for _ in range(20):  # where this process itself was held up, it tells nothing
        slowest = 0.0
        for piece in [text] if not gap else text:
            began = time.monotonic()
            shell.send(piece.replace("\n", "\r").encode())
            time.sleep(gap)  # what the test is about
            slowest = max(slowest, time.monotonic() - began)
        if slowest < 0.03:
            break
        shell.press("ctrl-c")
    wait_for_cell(shell, text + "|")
    assert "ran" not in shell.text.replace("'ra'", "")


def test_a_pasted_session_loses_its_prompts_and_runs_with_enter(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    shell.wait_for(lambda _: shell.modes.bracketed_paste)
    shell.paste(">>> def f():\n...     return 6 * 7\n...\n>>> f()\n")
    wait_for_cell(shell, "def f():\n    return 6 * 7\n\nf()\n|")
    shell.press("enter")
    shell.wait_for("Out[1]: 42")


def test_lines_typed_while_a_cell_runs_run_one_after_the_other(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    shell.type("import time; print('run' + 'ning'); time.sleep(0.5)\r")
    shell.wait_for("running")
    shell.type("6 * 7\r8 * 9\r")
    shell.wait_for("Out[2]: 42")
    shell.wait_for("Out[3]: 72")


def test_tab_moves_what_is_selected(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    put_in(shell, "a\nb|")
    shell.press("ctrl-home", "ctrl-@", "down", "end", "tab")
    wait_for_cell(shell, "    a\n    b|")


def test_pairs_are_put_in_with_auto_match(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", "--Terminal.auto_match=True", deadline=DEADLINE)
    for key, cell in [("f", "f|"), ("(", "f(|)"), ("[", "f([|])"), ("]", "f([]|)"), ("'", "f([]'|')")]:
        shell.type(key)
        wait_for_cell(shell, cell)
    shell.press("backspace")
    wait_for_cell(shell, "f([]|)")


@pytest.fixture
def with_yapf(start_editor: StartEditor, tmp_path: Path) -> tuple[Terminal, Path]:
    """Start a shell with a formatter; if there is a file ``wait`` it waits for a file ``go``."""
    package = tmp_path / "modules" / "yapf"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import os, sys, time\n"
        "open('begun', 'w').close()\n"
        "while os.path.exists('wait') and not os.path.exists('go'): time.sleep(0.01)\n"
        "print(sys.stdin.read().replace('=', ' = '), end='')\n"
    )
    shell = start_editor(
        "--nosep",
        "--Terminal.autoformatter=yapf",
        env={"PYTHONPATH": str(package.parent)},
        deadline=DEADLINE,
    )
    return shell, tmp_path / "work"


def test_a_formatter_puts_the_cell_in_order(with_yapf: tuple[Terminal, Path]) -> None:
    shell, _ = with_yapf
    shell.type("x=6*7")
    shell.press("ctrl-x")
    shell.type("f")
    wait_for_cell(shell, "x = 6*7|")
    shell.press("ctrl-u")
    shell.type("y=x")
    shell.press("alt-enter")
    shell.wait_for_prompt(2)
    assert "In [1]: y = x" in shell.lines
    shell.type("z=5\r")
    shell.wait_for_prompt(3)
    assert "In [2]: z = 5" in shell.lines


def test_keys_typed_while_enter_has_the_cell_formatted_are_for_the_next_one(
    with_yapf: tuple[Terminal, Path],
) -> None:
    shell, folder = with_yapf
    (folder / "wait").touch()
    shell.type("x=5\r")
    shell.wait_for(lambda lines: (folder / "begun").exists(), "the formatter")
    shell.type("x + 1")
    (folder / "go").touch()
    shell.wait_for(lambda lines: lines[-2:] == ["In [1]: x = 5", "In [2]: x + 1"], "the next cell")


def test_ctrl_c_while_enter_has_the_cell_formatted_drops_it(with_yapf: tuple[Terminal, Path]) -> None:
    shell, folder = with_yapf
    (folder / "wait").touch()
    shell.type("open('ran','x')\r")
    shell.wait_for(lambda lines: (folder / "begun").exists(), "the formatter")
    shell.press("ctrl-c")
    shell.wait_for(lambda lines: lines[-1] == "In [1]:", "an empty prompt")
    assert not (folder / "ran").exists()


def test_shift_enter_begins_a_line(share_editor: StartEditor) -> None:
    shell = share_editor("--nosep", deadline=DEADLINE)
    shell.type("a = 1")
    shell.send(b"\x1b[13;2u")
    wait_for_cell(shell, "a = 1\n|")
