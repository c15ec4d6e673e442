"""What is printed while the prompt waits, and questions that come in its place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from editor_terminals import StartEditor, enter

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing import Terminal


@pytest.fixture
def shell(start_editor: StartEditor) -> Terminal:
    made = start_editor(rows=40, columns=100)
    enter(
        made,
        "import asyncio, getpass, os, sys, threading, time; go = threading.Event(); said = []",
        2,
    )
    return made


def later(shell: Terminal, what: str, number: int) -> None:
    """Have a thread do something soon; half a line is typed by then."""
    enter(shell, f"def work(): go.wait(30); {what}\r", number)
    enter(
        shell,
        "threading.Thread(target=work, name='w').start(); threading.Timer(.5, go.set).start()",
        number + 1,
    )
    shell.type("6 *")
    shell.wait_for(lambda lines: lines[-1].endswith(": 6 *"), "half a line")


PRINTED = {
    "print": "print('l' + 'ate')",
    "standard error": "print('l' + 'ate', file=sys.stderr)",
    "below Python": "os.write(1, b'l' + b'ate\\n')",
    "a child": "os.system('printf late; echo')",
    "in two pieces": "(print('la', end='', flush=True), time.sleep(.2), print('te'))",
    "as a progress bar": "[(print(f'\\r{n} of 3', end='', flush=True), time.sleep(.05)) for n in range(3)]; "
    "print('\\rlate  ')",
}


@pytest.mark.parametrize("how", PRINTED)
def test_what_is_printed_at_the_prompt_stands_above_it(shell: Terminal, how: str) -> None:
    later(shell, PRINTED[how], 3)
    lines = shell.wait_for(
        lambda lines: [line.strip() for line in lines[-3:]] == ["late", "", "In [4]: 6 *"],
        "what was printed late, one blank line, and the prompt",
    )
    assert lines[-4].startswith("In [3]: "), "there is no other blank line"
    assert [line for line in lines if line.strip() == "la" or " of 3" in line[:6]] == []
    assert enter(shell, " 7", 5)[-3] == "Out[4]: 42"


def wait_in_threads(shell: Terminal, folder: Path) -> None:
    """Have a function in the shell that waits for a file."""
    enter(
        shell,
        f"until = lambda name: [time.sleep(.1) for _ in 'x' * 300 if not os.path.exists('{folder}/' + name)]",
        3,
    )


def test_half_a_line_is_not_gone_on_with_over_a_dropped_cell(shell: Terminal, tmp_path: Path) -> None:
    wait_in_threads(shell, tmp_path)
    later(shell, "print('la', end='', flush=True); until('rest'); print('te')", 4)
    shell.wait_for(lambda lines: "la" in lines, "half a line")
    shell.press("ctrl-c")
    shell.wait_for(lambda lines: lines[-1] == "In [5]:", "an empty prompt")
    (tmp_path / "rest").touch()
    lines = shell.wait_for(lambda lines: {"te", "late"} & {*lines}, "the rest of what is printed")
    assert "In [5]: 6 *" in lines


def test_half_a_line_is_not_gone_on_with_over_an_answer(shell: Terminal, tmp_path: Path) -> None:
    wait_in_threads(shell, tmp_path)
    enter(shell, "def half(): until('half'); print('la', end='', flush=True)\r", 4)
    later(shell, "threading.Thread(target=half).start(); input('name? '); until('rest'); print('te')", 5)
    shell.wait_for(lambda lines: lines[-1].endswith("asks: name?"), "the question")
    (tmp_path / "half").touch()
    shell.wait_for(lambda lines: "la" in lines, "half a line")
    shell.type("Ann\r")
    shell.wait_for(lambda lines: lines[-1] == "In [6]: 6 *", "the prompt")
    (tmp_path / "rest").touch()
    lines = shell.wait_for(lambda lines: {"te", "late"} & {*lines}, "the rest of what is printed")
    assert [line for line in lines if line.endswith("name? Ann")]


def test_what_others_have_written_during_a_pause_stays(shell: Terminal, tmp_path: Path) -> None:
    wait_in_threads(shell, tmp_path)
    pauses = tmp_path / "pauses.sh"
    pauses.write_text(
        f"while ! test -e {tmp_path}/pause; do sleep .1; done\n"
        "kill -STOP $PPID; (echo; echo of others) >/dev/tty; kill -CONT $PPID\n"
    )
    enter(shell, f"import subprocess; pausing = subprocess.Popen(['sh', '{pauses}'])", 4)
    enter(shell, "def work(): until('rest'); print('late')\r", 5)
    enter(shell, "threading.Thread(target=work).start()", 6)
    shell.type("6 *")
    shell.wait_for(lambda lines: lines[-1].endswith(": 6 *"), "half a line")
    (tmp_path / "pause").touch()
    shell.wait_for(lambda lines: "of others" in lines and lines[-1].endswith(": 6 *"), "the prompt again")
    (tmp_path / "rest").touch()
    lines = shell.wait_for(lambda lines: any(line.startswith("late") for line in lines), "what is printed")
    assert "of others" in lines


def test_a_task_prints_above_the_prompt(shell: Terminal) -> None:
    shell.paste(
        "async def count():\n    for n in range(3):\n        await asyncio.sleep(.2)\n        print('n', n)"
    )
    shell.type("\r\r")
    shell.wait_for_prompt(3)
    enter(shell, "async def start(): return asyncio.create_task(count())\r", 4)
    enter(shell, "task = await start()", 5)
    shell.type("6 *")
    lines = shell.wait_for(lambda lines: "n 2" in lines, "the last number")
    assert [line for line in lines if line.startswith("n ")] == ["n 0", "n 1", "n 2"]
    shell.wait_for(lambda lines: lines[-1] == "In [5]: 6 *", "the line")
    assert enter(shell, " 7", 6)[-3] == "Out[5]: 42"


def test_much_output_at_once_is_whole(shell: Terminal) -> None:
    later(shell, "[print('row', n) for n in range(3000)]; print('over', 1)", 3)
    shell.wait_for("over 1")
    shell.wait_for(lambda lines: lines[-1] == "In [4]: 6 *", "the line")
    rows = [line for line in (*shell.history, *shell.lines) if line.startswith("row ")]
    assert rows == [f"row {n}" for n in range(3000)][-len(rows) :]
    assert len(rows) >= 1000
    assert enter(shell, " 7", 5)[-3] == "Out[4]: 42"


def test_output_stands_before_what_the_next_cell_prints(shell: Terminal) -> None:
    enter(
        shell,
        "threading.Thread(target=lambda: (go.wait(), [print('early', n) for n in range(50)])).start()",
        3,
    )
    lines = enter(shell, "go.set(); time.sleep(.3); print('the cell', 1)", 4)
    assert lines.index("early 49") < lines.index("the cell 1")


def test_a_thread_asks_in_the_place_of_the_line_which_comes_back(shell: Terminal) -> None:
    later(shell, "said.append(input('name? '))", 3)
    shell.wait_for(lambda lines: lines[-1] == "Thread 'w' asks: name?", "the question")
    shell.type("An\x7fnn\r")
    shell.wait_for(lambda lines: lines[-1] == "In [4]: 6 *", "the line")
    assert enter(shell, " 7", 5)[-3] == "Out[4]: 42"
    assert enter(shell, "said", 6)[-3] == "Out[5]: ['Ann']"


@pytest.mark.parametrize(("key", "error"), [("ctrl-c", "KeyboardInterrupt"), ("ctrl-d", "EOFError")])
def test_a_question_can_be_refused(shell: Terminal, key: str, error: str) -> None:
    shell.paste(
        "def refused():\n    try: input('name? ')\n"
        "    except BaseException as e: said.append(type(e).__name__)"
    )
    shell.type("\r\r")
    shell.wait_for_prompt(3)
    later(shell, "refused()", 4)
    shell.wait_for(lambda lines: lines[-1] == "Thread 'w' asks: name?", "the question")
    shell.press(key)
    shell.wait_for(lambda lines: lines[-1] == "In [5]: 6 *", "the line")
    assert enter(shell, " 7", 6)[-3] == "Out[5]: 42"
    assert enter(shell, "said", 7)[-3] == f"Out[6]: ['{error}']"


def test_a_password_is_not_shown(shell: Terminal) -> None:
    later(shell, "said.append(getpass.getpass('word? '))", 3)
    shell.wait_for(lambda lines: lines[-1] == "Thread 'w' asks: word?", "the question")
    shell.type("secret\r")
    lines = shell.wait_for(lambda lines: lines[-1] == "In [4]: 6 *", "the line")
    assert not any("secret" in line for line in (*shell.history, *lines))
    enter(shell, " 7", 5)
    assert enter(shell, "said", 6)[-3] == "Out[5]: ['secret']"


def test_a_callback_asks(shell: Terminal) -> None:
    enter(shell, "def ask(): said.append(input('name? '))\r", 3)
    enter(shell, "async def start(): asyncio.get_running_loop().call_later(.3, ask)\r", 4)
    enter(shell, "await start()", 5)
    shell.type("6 *")
    shell.wait_for(lambda lines: lines[-1].endswith("name?"), "the question")
    shell.type("Ann\r")
    shell.wait_for(lambda lines: lines[-1] == "In [5]: 6 *", "the line")
    assert enter(shell, " 7", 6)[-3] == "Out[5]: 42"
    assert enter(shell, "said", 7)[-3] == "Out[6]: ['Ann']"


def test_a_callback_starts_a_program_that_reads(shell: Terminal) -> None:
    enter(shell, "def ask(): get_ipython().system('echo na''me; read x; echo got $x')\r", 3)
    enter(shell, "async def start(): asyncio.get_running_loop().call_later(.3, ask)\r", 4)
    enter(shell, "await start(); print('wait', 'ing')", 5)
    shell.wait_for(lambda lines: lines[-1] == "name", "the program, which has the keyboard from now on")
    shell.type("Ann\r")
    shell.wait_for(lambda lines: "got Ann" in lines, "what it read")
    shell.wait_for_prompt(5)
    assert enter(shell, "6 * 7", 6)[-3] == "Out[5]: 42"
