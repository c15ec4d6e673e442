"""Terminals of all kinds: narrow, slow, silent, dumb; and what becomes of what they answer."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from editor_terminals import StartEditor, enter
from hypothesis import given
from hypothesis import strategies as st

from ipterminal.answers import Answers

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)


@pytest.mark.parametrize("answers", ["at once", "late", "twice", "never"])
def test_however_a_terminal_answers_the_text_is_what_was_typed(
    start_editor: StartEditor, answers: str
) -> None:
    shell = start_editor(answers=answers)
    assert enter(shell, "6 * 7", 2)[-3] == "Out[1]: 42"
    shell.type("7 *")
    shell.wait_for("In [2]: 7 *")
    shell.answer_pending()
    assert enter(shell, " 6", 3)[-3] == "Out[2]: 42"


ANSWERS = {
    "cursor position": "\x1b[12;40R",
    "colour": "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    "colour, ended by a bell": "\x1b]10;rgb:ffff/ffff/ffff\x07",
    "kind": "\x1b[?64;1;2;22c",
    "kind, secondary": "\x1b[>41;354;0c",
    "mode": "\x1b[?2026;2$y",
    "keyboard": "\x1b[?1u",
    "capability": "\x1bP1+r544e=787465726d\x1b\\",
    "size": "\x1b[8;24;80t",
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_that_nobody_waits_for_does_not_land_in_the_text(
    share_editor: StartEditor, kind: str
) -> None:
    shell = share_editor("--Terminal.ask_background=False")  # its answer would come in the middle of ours
    answer = ANSWERS[kind]
    shell.send(f"6{answer} * {answer}7{answer[: len(answer) // 2]}".encode())
    shell.wait_for("In [1]: 6 * 7")
    shell.send(f"{answer[len(answer) // 2 :]}\r".encode())
    assert shell.wait_for_prompt(2)[-3] == "Out[1]: 42"


@pytest.mark.parametrize("kind", ANSWERS)
@given(data=st.data())
def test_answers_in_pieces(kind: str, data: st.DataObject) -> None:
    text = f"ab{ANSWERS[kind]}cd"
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=5)))
    taken = Answers()
    typed, found = "", []
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        more, answers = taken.feed(text[begin:end])
        typed += more
        found += answers
    assert typed + taken.flush() == "abcd"
    assert found == [ANSWERS[kind]]


@given(st.text("\x1b[]P?>;:0123456789acABRu$y\\\x07~O", max_size=40))
def test_nothing_is_lost_or_changed_of_what_comes(text: str) -> None:
    taken = Answers()
    typed, answers = taken.feed(text)
    typed += taken.flush()
    more, late = taken.feed("\x07\x1b\\")  # the end of what has begun, if it has
    typed, answers = typed + more, answers + late
    rest = iter(text + "\x07\x1b\\")
    assert all(char in rest for char in typed)  # in this order
    assert len(typed + taken.flush()) + sum(map(len, answers)) == len(text) + 3


@given(st.text("ab\x1b[;R\r", max_size=30))
def test_what_is_pasted_is_left_alone(text: str) -> None:
    pasted = f"\x1b[200~{text}\x1b[12;40R\x1b[201~"
    taken = Answers()
    assert taken.feed(pasted) == (pasted, [])


def test_a_narrow_terminal(start_editor: StartEditor) -> None:
    shell = start_editor(columns=20)
    lines = enter(shell, "'a' * 3 + 'b' * 3 + 'c' * 3", 2)
    assert "".join(line.strip() for line in lines).count("'aaabbbccc'") == 1
    shell.type("'wider ' + 'than one row' + '!'")
    shell.wait_for(lambda lines: "'!'" in lines[-1], "the line, on several rows")
    lines = enter(shell, "", 3)
    assert "Out[2]:'widerthanonerow!'" in "".join(lines).replace(" ", "")


def test_wide_characters(start_editor: StartEditor) -> None:
    shell = start_editor(columns=30)
    shell.type("len('日本語のテキスト')")
    lines = shell.wait_for("日本語のテキスト")
    shell.press("left", "backspace")
    shell.wait_for("日本語のテキスト)")
    shell.type("'")
    assert enter(shell, "", 2)[-3] == "Out[1]: 8", lines


@pytest.mark.parametrize("kind", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_move_its_cursor_has_the_plain_prompt(
    start_editor: StartEditor, kind: str
) -> None:
    shell = start_editor(env={"TERM": kind})
    assert enter(shell, "6 * 7", 2)[-3] == "Out[1]: 42"
    assert b"\x1b[" not in shell.raw


def test_the_plain_prompt_can_be_asked_for(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.simple_prompt=True")
    assert enter(shell, "6 * 7", 2)[-3] == "Out[1]: 42"
    assert not shell.modes.bracketed_paste


@pytest.mark.parametrize("columns", [100, 40, 20])
def test_a_window_that_changes_its_size(start_editor: StartEditor, columns: int) -> None:
    shell = start_editor(columns=60)
    shell.type("'a line of a few ' + 'words' + ' more'")
    shell.wait_for("more'")
    shell.resize(24, columns)
    shell.type("[-4:]")
    shell.wait_for(lambda lines: lines[-1].endswith("[-4:]"), "the line after it")
    assert "Out[1]:'alineofafewwordsmore'" in "".join(enter(shell, "", 2)).replace(" ", "")
    enter(shell, "import os", 3)
    assert str(columns) in enter(shell, "os.get_terminal_size().columns", 4)[-3]


def test_a_shell_that_is_continued_paints_its_line_again(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.type("6 *")
    shell.wait_for("In [1]: 6 *")
    shell.send_signal(signal.SIGCONT)
    shell.type(" 7")
    shell.wait_for(lambda lines: lines[-1] == "In [1]: 6 * 7", "the line")
    assert enter(shell, "", 2)[-3] == "Out[1]: 42"


def test_ctrl_c_by_a_signal_drops_the_line(start_editor: StartEditor) -> None:
    shell = start_editor()
    enter(shell, "import signal", 2)
    shell.type("nonsense")
    shell.wait_for("In [2]: nonsense")
    shell.send_signal(signal.SIGINT)
    shell.wait_for_prompt(2)
    assert enter(shell, "6 * 7", 3)[-3] == "Out[2]: 42"


def test_a_handler_of_the_users_for_the_size_is_called_at_the_prompt(start_editor: StartEditor) -> None:
    shell = start_editor()
    enter(shell, "import signal; seen = []", 2)
    enter(shell, "signal.signal(signal.SIGWINCH, lambda *_: print('the size', 'is new')) and None", 3)
    shell.resize(30, 70)
    shell.wait_for(lambda lines: "the size is new" in lines, "the handler")
    assert enter(shell, "6 * 7", 4)[-3] == "Out[3]: 42"


def test_a_blocked_callback_is_told_and_stopped_by_the_second_ctrl_c(start_editor: StartEditor) -> None:
    shell = start_editor()
    enter(shell, "import asyncio, time", 2)
    enter(shell, "async def start(): asyncio.get_running_loop().call_later(.2, time.sleep, 60)\r", 3)
    enter(shell, "await start()", 4)
    shell.type("half")
    shell.wait_for("In [4]: half")
    shell.press_until("ctrl-c", "a callback of the event loop does not end")
    shell.press("ctrl-c")
    shell.wait_for("Ctrl-C stopped a callback of the event loop.")
    shell.wait_for_prompt(4)
    assert enter(shell, "6 * 7", 5)[-3] == "Out[4]: 42"


#: Counts, once it is told that the prompt stands, how often the process is woken, and how much it computes.
IDLE = """
import resource, threading, time

def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_nvcsw, usage.ru_utime + usage.ru_stime

def watch():
    open("go").close()
    begin = used()
    for _ in range(10):
        time.sleep(2)
        end = used()
        woken, computed = end[0] - begin[0], end[1] - begin[1]
        begin = end
        if woken < 20 and computed < 0.5:
            break
    print(f"idle: {woken < 20} {computed < 0.5}")

threading.Thread(target=watch).start()
"""


def test_an_idle_prompt_uses_no_time(start_editor: StartEditor, tmp_path: Path) -> None:
    shell = start_editor()
    (tmp_path / "work" / "idle.py").write_text(IDLE)
    os.mkfifo(tmp_path / "work" / "go")
    enter(shell, "exec(open('idle.py').read())", 2)
    os.close(os.open(tmp_path / "work" / "go", os.O_WRONLY))
    # What has its time to end by itself does so in the first few seconds; polling goes on for ever.
    lines = shell.wait_for(lambda lines: any(line.startswith("idle: ") for line in lines), "the counts")
    assert "idle: True True" in lines
