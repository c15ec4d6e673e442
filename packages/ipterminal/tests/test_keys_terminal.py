"""Keys in a real pseudo-terminal: Emacs' and vi's, rebound ones, the clipboard, another editor."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import pytest
from editor_terminals import StartEditor

from ipcore.testing import Terminal

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

ESCAPE = "\x1b"
BEAM, BLOCK, UNDERLINE = b"\x1b[6 q", b"\x1b[2 q", b"\x1b[4 q"


@pytest.fixture
def configure(shell_home: Path) -> Path:
    """Give the file of configuration."""
    folder = Path(os.environ["IPSHELL_HOME"], "profile_default")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "ipshell_config.py"


def last(shell: Terminal, line: str) -> list[str]:
    """Wait until the cell's last line is this one."""
    return shell.wait_for(lambda lines: lines[-1] == line, f"the line {line!r}")


def test_emacs_keys_edit_and_undo(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("one two")
    shell.press("ctrl-w")
    last(shell, "In [1]: one")
    shell.type("\x1f")  # Ctrl-_
    last(shell, "In [1]: one two")
    shell.type("\x01# ")  # Ctrl-A
    last(shell, "In [1]: # one two")
    shell.type(f"{ESCAPE};")
    last(shell, "In [1]: one two")


def test_what_was_undone_is_done_again(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("one two")
    shell.press("ctrl-w")
    last(shell, "In [1]: one")
    shell.type("\x1f")
    last(shell, "In [1]: one two")
    shell.type(f"{ESCAPE}\x1f")
    last(shell, "In [1]: one")


def test_vi_keys_by_option_with_the_cursors_shape(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.editing_mode=vi")
    shell.type("abc")
    shell.wait_for(lambda lines: lines[-1].endswith("In [1]: abc"), "the text")
    shell.wait_for(lambda lines: BEAM in shell.raw, "a beam")
    shell.press("escape")
    shell.wait_for(lambda lines: BLOCK in shell.raw, "a block")
    shell.type("0x")
    shell.wait_for(lambda lines: lines[-1].endswith("In [1]: bc"), "the text without its first letter")
    shell.type("R")
    shell.wait_for(lambda lines: UNDERLINE in shell.raw, "an underline")
    shell.press("escape")
    shell.type("i42 #\r")
    shell.wait_for("Out[1]: 42")


def test_emacs_keys_work_in_vis_insert_mode_unless_switched_off(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.editing_mode=vi")
    shell.type("abc\x01x")  # Ctrl-A
    shell.wait_for(lambda lines: lines[-1].endswith("In [1]: xabc"), "x before it")
    other = start_editor("--Terminal.editing_mode=vi", "--Terminal.emacs_bindings_in_vi_insert_mode=False")
    other.type("abc\x01x")
    other.wait_for(lambda lines: lines[-1].endswith("x") and not lines[-1].endswith("xabc"), "x behind it")


def test_escape_leaves_vis_insert_mode_at_once_and_alt_is_alt(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.editing_mode=vi", "--Terminal.timeoutlen=30")
    shell.wait_for(lambda lines: BEAM in shell.raw, "vi's insert mode")
    shell.type("one two")
    shell.type(f"{ESCAPE}b#")  # Alt-B
    shell.wait_for(lambda lines: lines[-1].endswith("one #two"), "a word further left")
    shell.press("escape")
    shell.wait_for(lambda lines: BLOCK in shell.raw, "vi's navigation mode", deadline=20)
    shell.type("x")
    shell.wait_for(lambda lines: lines[-1].endswith("one two"), "the text without #", deadline=20)


def split(shell: Terminal, key: str, at: int) -> None:
    """Send a key in two pieces, 0.05 seconds apart as over a slow line."""
    shell.type(key[:at])
    time.sleep(0.05)
    shell.type(key[at:])


@pytest.mark.parametrize("at", [1, 2])
def test_an_arrow_key_that_comes_in_two_pieces_is_one_key(start_editor: StartEditor, at: int) -> None:
    shell = start_editor()
    for number in range(1, 20):  # where this process itself was held up, it tells nothing
        shell.type("12")
        shell.wait_for(lambda lines: lines[-1].endswith(": 12"), "the text")
        began = time.monotonic()
        split(shell, f"{ESCAPE}[D", at)
        if time.monotonic() - began < 0.08:
            break
        shell.type("\x03")
        shell.wait_for(lambda lines: lines[-1].startswith("In [") and lines[-1].endswith(":"), f"{number}")
    shell.type("0")
    shell.wait_for(lambda lines: lines[-1].endswith("]: 102"), "the arrow to the left")


@pytest.mark.parametrize("pieces", [("[D",), ("[", "D"), ("OD",), ("O", "D")])
def test_in_vi_escape_acts_at_once_and_its_rest_makes_it_an_arrow_key(
    start_editor: StartEditor, pieces: tuple[str, ...]
) -> None:
    shell = start_editor("--Terminal.editing_mode=vi", "--Terminal.ttimeoutlen=20")
    shell.type("12")
    shell.wait_for(lambda lines: lines[-1].endswith(": 12") and BEAM in shell.raw, "vi's insert mode")
    shell.press("escape")
    shell.wait_for(lambda lines: BLOCK in shell.raw, "vi's navigation mode", deadline=15)
    shell.forget_raw()
    for piece in pieces:
        shell.type(piece)
    shell.wait_for(lambda lines: BEAM in shell.raw, "vi's insert mode again", deadline=15)
    shell.type("0")
    shell.wait_for(lambda lines: lines[-1].endswith(": 102"), "the arrow to the left")


def test_in_vis_navigation_mode_an_arrow_key_in_pieces_stays_there(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.editing_mode=vi", "--Terminal.ttimeoutlen=20")
    shell.type("12")
    shell.wait_for(lambda lines: lines[-1].endswith(": 12") and BEAM in shell.raw, "vi's insert mode")
    shell.press("escape")
    shell.wait_for(lambda lines: BLOCK in shell.raw, "vi's navigation mode", deadline=15)
    at = shell.cursor.column
    split(shell, f"{ESCAPE}[D", 1)  # this Escape has not left the insert mode
    shell.wait_for(lambda lines: shell.cursor.column == at - 1, "the arrow to the left")
    shell.type("x")
    shell.wait_for(lambda lines: lines[-1].endswith("]: 2"), "the text without its first letter")


SLOW = """
import sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "prompt_toolkit":
            time.sleep(1)
sys.meta_path.insert(0, Slow())
"""


def test_escape_may_come_before_the_editor_is_there(start_editor: StartEditor, configure: Path) -> None:
    (configure.parent / "startup").mkdir()
    (configure.parent / "startup" / "slow.py").write_text(SLOW)
    shell = start_editor("--Terminal.editing_mode=vi", "--Terminal.ask_background=False")
    shell.type(f"abc{ESCAPE}")
    shell.wait_for(lambda lines: BLOCK in shell.raw, "vi's navigation mode")
    shell.type("0x")
    shell.wait_for(lambda lines: lines[-1].endswith("In [1]: bc"), "the text without its first letter")


def test_f4_changes_to_vi_and_back(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("abc")
    shell.press("f4")
    shell.wait_for("The keys are vi's now.")
    shell.press("escape")
    shell.wait_for(lambda lines: BLOCK in shell.raw, "a block")
    shell.type("0x")
    shell.wait_for(lambda lines: lines[-1].endswith("In [1]: bc"), "vi's x")
    shell.press("f4")
    shell.wait_for("The keys are Emacs' now.")
    shell.type("x")
    last(shell, "In [1]: xbc")
    shell.press("f4")
    shell.type("y")
    shell.wait_for(lambda lines: lines[-1].endswith("In [1]: xybc"), "vi's insert mode")
    shell.press("f4")
    shell.type("\x01\x0bget_ipython().find('terminal').editing_mode\r")
    shell.wait_for("Out[1]: 'emacs'")


def test_a_cell_may_set_the_keys(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("get_ipython().find('terminal').editing_mode = 'vi'\r")
    shell.wait_for(lambda lines: lines[-1].endswith("In [2]:"), "the prompt")
    shell.type("abc")
    shell.press("escape")
    shell.wait_for(lambda lines: BLOCK in shell.raw, "a block")
    shell.type("0x")
    shell.wait_for(lambda lines: lines[-1].endswith("In [2]: bc"), "vi's x")


def test_f1_shows_the_keys_where_no_name_is(start_editor: StartEditor) -> None:
    shell = start_editor(rows=40)
    shell.press("f1")
    lines = shell.wait_for("%keys lists all keys, %keys KEY explains one")
    assert any(line.startswith("Enter ") for line in lines)
    assert any(line.startswith("Ctrl-C ") for line in lines)
    shell.type("6 * 7")
    last(shell, "In [1]: 6 * 7")
    shell.press("f1")
    shell.wait_for("%keys lists all keys, %keys KEY explains one")
    shell.type("\r")
    assert shell.wait_for_prompt(2)[1:3] == ["In [1]: 6 * 7", "Out[1]: 42"]


def test_escape_takes_the_help_away_at_once_and_alt_keys_stay_themselves(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.timeoutlen=600")  # so long it would wait for a key behind Escape
    shell.type("one two ")
    shell.wait_for("In [1]: one two")
    shell.press("f1")
    shell.wait_for("%keys lists all")
    shell.press("escape")
    shell.wait_for(lambda lines: "%keys" not in "\n".join(lines), "no help")
    shell.press("f1")
    shell.wait_for("%keys lists all")
    shell.press("alt-b")
    shell.type("X")
    shell.wait_for("In [1]: one Xtwo")


def test_the_help_fits_into_a_small_terminal(start_editor: StartEditor) -> None:
    shell = start_editor(rows=8, columns=30)
    shell.type("\x18?")
    lines = shell.wait_for(lambda lines: any("%keys" in line for line in lines), "the help")
    assert any(line.startswith("In [1]") for line in lines)


def test_how_long_keys_took_is_shown(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("6 * 7\r")
    shell.wait_for_prompt(2)
    shell.type("a")
    last(shell, "In [2]: a")
    shell.type("\x18=")
    shell.wait_for(lambda lines: any(line.startswith("key to screen, ") for line in lines), "the times")


def test_keys_of_the_option_shortcuts(start_editor: StartEditor, configure: Path) -> None:
    configure.write_text(
        "c = get_config()\n"
        "c.TerminalInteractiveShell.shortcuts = [\n"
        "    {'command': 'lines.comment', 'new_keys': ['c-x', 'c'], 'create': True},\n"
        "    {'command': 'cell.nothing', 'new_keys': ['f7'], 'create': True},\n"
        "    {'command': 'IPython:shortcuts.newline_autoindent', 'new_keys': ['f9']},\n"
        "]\n"
    )
    shell = start_editor(columns=400)
    text = f"ipshell: {configure}:2: Terminal.shortcuts[1]: there is no command 'cell.nothing'"
    shell.wait_for(lambda lines: text in "".join(shell.history + lines), "what is wrong, and where")
    shell.type("x = 1\x18c")
    last(shell, "In [1]: # x = 1")
    shell.press("f9")
    shell.wait_for(lambda lines: any(line.startswith("   ...:") for line in lines), "a line below")


def test_keys_bound_by_a_start_up_file_and_by_a_cell(start_editor: StartEditor, configure: Path) -> None:
    folder = configure.parent / "startup"
    folder.mkdir(exist_ok=True)
    (folder / "keys.py").write_text(
        "from ipterminal import bindings\n"
        "bindings.bind('f6', lambda event: event.current_buffer.insert_text('6 * 7'))\n"
        "bindings.bind('f7', 'no.command')\n"
    )
    shell = start_editor(columns=400)
    place = f"{folder / 'keys.py'}:3: bind('f7'): there is no command 'no.command'"
    shell.wait_for(lambda lines: place in "".join(shell.history + lines), "what is wrong, and where")
    shell.press("f6")
    shell.type("\r")
    shell.wait_for("Out[1]: 42")
    shell.type("from ipterminal.bindings import *; bind('f6', 'lines.comment'); unbind('c-o')\r")
    shell.wait_for_prompt(3)
    shell.type("x")
    shell.press("f6")
    last(shell, "In [3]: # x")


def editor_program(folder: Path, body: str) -> dict[str, str]:
    """Make an editor of a few lines of the system shell: gets a line and a file."""
    program = folder / "editor.sh"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return {"EDITOR": str(program)}


def test_the_cell_is_edited_elsewhere_and_does_not_run(start_editor: StartEditor, tmp_path: Path) -> None:
    told = tmp_path / "told"
    env = editor_program(
        tmp_path, f'cat "$2" > {told}; echo "$@" >> {told}; printf \'a = 6\\na * 7\\n\' > "$2"'
    )
    shell = start_editor(env=env)
    shell.paste("first = 1\nsecond = 2", bracketed=True)
    shell.wait_for(lambda lines: lines[-1].endswith("second = 2"), "the cell")
    shell.press("f2")
    last(shell, "   ...: a * 7")
    shell.type(" + 0")  # it has not run
    last(shell, "   ...: a * 7 + 0")
    text, line, file = told.read_text().rpartition("+")[0], *told.read_text().split()[-2:]
    assert text == "first = 1\nsecond = 2\n"
    assert line == "+2"
    assert not Path(file).exists()
    assert not Path(file).parent.exists()
    shell.type("\r")
    shell.wait_for("Out[1]: 42")


def test_it_runs_at_once_by_option(start_editor: StartEditor, tmp_path: Path) -> None:
    env = editor_program(tmp_path, "printf '6 * 7\\n' > \"$2\"")
    shell = start_editor("--Terminal.run_after_edit=True", env=env)
    shell.type("\x18\x05")  # Ctrl-X Ctrl-E
    shell.wait_for("Out[1]: 42")


def test_an_editor_that_fails_leaves_the_cell_as_it_was(start_editor: StartEditor, tmp_path: Path) -> None:
    env = editor_program(tmp_path, f'dirname "$2" > {tmp_path / "told"}; exit 3')
    shell = start_editor(env=env, columns=160)
    shell.type("6 * 7")
    last(shell, "In [1]: 6 * 7")
    shell.press("f2")
    shell.wait_for(lambda lines: re.search("as it was.*status 3", "".join(lines[-3:])), "the reason")
    assert not Path((tmp_path / "told").read_text().strip()).exists()
    shell.type("\r")
    shell.wait_for("Out[1]: 42")


def test_v_opens_the_editor_in_vi_by_option(start_editor: StartEditor, tmp_path: Path) -> None:
    env = editor_program(tmp_path, "printf '6 * 7\\n' > \"$2\"")
    words = ("--Terminal.editing_mode=vi", "--Terminal.extra_open_editor_shortcuts=True")
    shell = start_editor(*words, env=env)
    shell.wait_for(lambda lines: BEAM in shell.raw, "vi's insert mode")
    shell.type("x")
    shell.press("escape")
    shell.wait_for(lambda lines: BLOCK in shell.raw, "vi's navigation mode")
    shell.type("v")
    shell.wait_for(lambda lines: lines[-1].endswith("In [1]: 6 * 7"), "the text of the editor")


def test_copying_and_pasting_by_the_desktops_clipboard(start_editor: StartEditor) -> None:
    shell = start_editor()
    hook = "get_ipython().set_hook('clipboard_get', lambda shell: '>>> 6 * 7\\n')"
    shell.type(f"{hook}\r")
    shell.wait_for_prompt(2)
    shell.type("\x18\x16")  # Ctrl-X Ctrl-V
    last(shell, "In [2]: 6 * 7")
    shell.type("\r")
    shell.wait_for("Out[2]: 42")


def test_all_is_selected_and_cut(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("6 * 7\x18h\x18\x0b")  # Ctrl-X H, Ctrl-X Ctrl-K
    last(shell, "In [1]:")
    shell.type("\x19")  # Ctrl-Y
    last(shell, "In [1]: 6 * 7")
