"""The terminal of the test kit, with small real programs."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipcore.testing import Leaks, NotSeen, Terminal

if sys.platform == "win32":

    def test_a_terminal_says_that_windows_has_none() -> None:
        with pytest.raises(NotImplementedError, match="POSIX"):
            Terminal([sys.executable])

    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

import termios
import tty

Start = Callable[..., Terminal]

#: Reads keys as they are typed, and gives those of one answer.
RAW = """
import os, sys, tty, termios, time
before = termios.tcgetattr(0)
tty.setraw(0)
def say(text):
    os.write(1, text.encode())
def line(text):
    say(text + "\\r\\n")
def until(end):
    got = b""
    while not got.endswith(end):
        got += os.read(0, 1)
    return got
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give a function that runs a Python program in a terminal."""
    made: list[Terminal] = []

    def run(program: str, **options: object) -> Terminal:
        made.append(Terminal([sys.executable, "-c", program], cwd=tmp_path, **options))  # type: ignore[arg-type]
        return made[-1]

    yield run
    for each in made:
        each.close()


# -- a program's life ------------------------------------------------------------


def test_a_program_is_typed_to_looked_at_and_left(start: Start) -> None:
    terminal = start("name = input('name? '); print('Hello', name); raise SystemExit(3)")
    terminal.wait_for("name?")
    assert terminal.cursor == (0, 6)
    terminal.type("Ann")
    terminal.press("enter")
    assert terminal.wait_for("Hello Ann") == ["name? Ann", "Hello Ann"]
    assert terminal.exit_status() == 3
    assert not terminal.running
    assert len(terminal.screen) == 24


def test_the_program_has_a_terminal_of_its_own_in_a_session_of_its_own(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "7")
    monkeypatch.setenv("TERM", "dumb")
    terminal = start(
        "import os, sys; print(os.isatty(0), os.isatty(2), os.getsid(0) == os.getpid(), "
        "os.tcgetpgrp(0) == os.getpgrp(), os.open('/dev/tty', os.O_RDWR) > 2, os.get_terminal_size(), "
        "os.environ['TERM'], 'LINES' in os.environ)",
        rows=30,
        columns=150,
    )
    assert terminal.exit_status() == 0
    size = os.terminal_size((150, 30))
    assert terminal.lines == [f"True True True True True {size} xterm-256color False"]


def test_nothing_of_ours_is_open_in_the_program(start: Start) -> None:
    terminal = start("import os; print(sorted(os.listdir('/dev/fd'))[:-1])")
    assert terminal.exit_status() == 0
    assert terminal.lines == ["['0', '1', '2']"]


def test_the_environment_arrives_as_it_is(start: Start) -> None:
    strange = "a=b\n\t\udcff ü"
    terminal = start(
        "import os; print(sorted(os.environ), ascii(os.environ['STRANGE']))",
        env={"STRANGE": strange, "LC_ALL": "C.UTF-8", "TERM": "dumb"},
    )
    assert terminal.exit_status() == 0
    assert terminal.lines[0] == f"['LC_ALL', 'STRANGE', 'TERM'] {strange!a}"


def test_signals_that_the_test_ignores_are_not_ignored_by_the_program(start: Start) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        terminal = start(
            "import signal, time; print('going', signal.pthread_sigmask(0, ()), flush=True); time.sleep(100)"
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGINT, before)
    terminal.wait_for("going set()")
    terminal.press("ctrl-c")
    terminal.wait_for("KeyboardInterrupt")
    assert terminal.exit_status() == -signal.SIGINT


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        Terminal("no-such-program --option")
    with pytest.raises(FileNotFoundError, match="there is no program"):
        Terminal(["./here"], cwd=tmp_path)
    (tmp_path / "here").write_text("#!/nonexistent\n")
    with pytest.raises(OSError, match=r"cannot start \./here: "):
        Terminal(["./here"], cwd=tmp_path)
    (tmp_path / "here").chmod(0o755)
    with pytest.raises(OSError, match=r"cannot start \./here: .*here"):
        Terminal(["./here"], cwd=tmp_path)


def test_a_closed_terminal_leaves_nothing_here(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    with Leaks():
        with Terminal([sys.executable, "-c", "input('name? ')"], cwd=tmp_path) as terminal:
            terminal.wait_for("name?")
        for words in (["./text"], ["./absent"]):
            with pytest.raises(OSError, match=words[0].removeprefix("./")):
                Terminal(words, cwd=tmp_path)
    with pytest.raises(ValueError, match="this terminal is closed"):
        terminal.tty_mode()


def test_a_program_that_dies_at_once_is_told_of_without_waiting(start: Start) -> None:
    terminal = start("import os; print('last words'); os.kill(os.getpid(), 9)", rows=5, columns=20)
    with pytest.raises(NotSeen) as caught:
        terminal.wait_for("a prompt", deadline=1000)
    text = str(caught.value)
    assert text.startswith(
        "not seen: the text 'a prompt': the output is over\nthe program was ended by SIGKILL"
    )
    assert terminal.exit_status() == -signal.SIGKILL
    with pytest.raises(NotSeen, match="to read b'more'"):
        terminal.type("more")


def test_what_does_not_come_is_told_with_the_screen(start: Start) -> None:
    terminal = start("input('a\\nname? ')", rows=5, columns=20)
    terminal.wait_for("name?")
    with pytest.raises(NotSeen) as caught:
        terminal.wait_for(re.compile("x+"), deadline=0.01)
    assert str(caught.value) == (
        "not seen within 0.01 seconds: the pattern 'x+'\n"
        f"the program is still running (process {terminal.pid}); its screen:\n"
        "+--------------------+\n"
        "|a                   |\n"
        "|name?               |\n"
        "       ^ cursor\n"
        " (3 empty rows)\n"
        "+--------------------+"
    )
    with pytest.raises(NotSeen, match="not seen within 0 seconds: something else\n"):
        terminal.wait_for(lambda lines: False, "something else", deadline=0)
    with pytest.raises(NotSeen, match="the end of the program"):
        terminal.exit_status(deadline=0)


def test_a_program_that_ignores_every_polite_signal_is_ended_with_its_children(
    start: Start, tmp_path: Path
) -> None:
    terminal = start(
        "import os, signal, time\n"
        "for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):\n"
        "    signal.signal(number, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        "os.write(1, b'child\\n' if child == 0 else b'%d\\n' % child)\n"
        "time.sleep(1000)"
    )
    lines = terminal.wait_for(lambda lines: len(lines) == 2, "both")
    child = next(int(line) for line in lines if line != "child")
    terminal.suspend()
    terminal.close()
    terminal.close()
    assert terminal.exit_status() == -signal.SIGKILL
    # The child is somebody else's to reap; it may be there as a zombie for a moment.
    deadline = time.monotonic() + 30
    while alive(child):
        assert time.monotonic() < deadline, "the child lives"


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    if status.parent.parent.joinpath("self").exists():
        try:
            return status.read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_has_the_terminal_in_the_program_s_session_is_ended_too(tmp_path: Path) -> None:
    with Terminal(
        "sh -i", cwd=tmp_path, env={"PATH": os.environ["PATH"], "PS1": "$ "}, columns=300
    ) as terminal:
        terminal.wait_for("$")
        job = f"{sys.executable} -c 'import os, time; print(os.getpid(), flush=True); time.sleep(1000)'"
        terminal.type(f"trap '' HUP; {job}\r")
        pid = int(terminal.wait_for(lambda lines: lines[-1].isdigit(), "its number")[-1])
    deadline = time.monotonic() + 30
    while alive(pid):
        assert time.monotonic() < deadline, "the job lives"


def test_a_stopped_program_can_still_end_by_itself(start: Start, tmp_path: Path) -> None:
    terminal = start(
        "import os, signal\n"
        "signal.signal(signal.SIGHUP, lambda *_: (open('told', 'w').close(), os._exit(4)))\n"
        "print('ready', flush=True)\nsignal.pause()"
    )
    terminal.wait_for("ready")
    terminal.suspend()
    terminal.close()
    assert terminal.exit_status() == 4
    assert (tmp_path / "told").exists()


def test_hanging_up_tells_the_program(start: Start, tmp_path: Path) -> None:
    terminal = start(
        "import os, signal\n"
        "signal.signal(signal.SIGHUP, lambda *_: (open('told', 'w').close(), os._exit(4)))\n"
        "print('ready', flush=True)\nsignal.pause()"
    )
    terminal.wait_for("ready")
    terminal.hang_up()
    assert terminal.exit_status() == 4
    assert (tmp_path / "told").exists()
    with pytest.raises(NotSeen, match="has ended with status 4"):
        terminal.press("enter")


def test_ctrl_z_below_a_system_shell_and_suspending_from_outside(tmp_path: Path) -> None:
    with Terminal(
        "sh -i", cwd=tmp_path, env={"PATH": os.environ["PATH"], "PS1": "$ "}, columns=300
    ) as terminal:
        terminal.wait_for("$")
        terminal.type(f'{sys.executable} -c \'input("name" + "? ")\'\r')
        terminal.wait_for(lambda lines: lines[-1] == "name?", "the question")
        terminal.press("ctrl-z")
        terminal.wait_for(lambda lines: lines[-1] == "$", "the shell's prompt")
        terminal.type("fg\r")
        terminal.wait_for(lambda lines: "-c" in lines[-1], "its return")
        terminal.type("Ann\r")
        terminal.wait_for(lambda lines: lines[-1] == "$", "the shell's prompt")
        terminal.suspend()
        terminal.type("echo a$((1 + 1))b\r")
        with pytest.raises(NotSeen):
            terminal.wait_for("a2b", deadline=0.1)
        terminal.resume()
        terminal.wait_for("a2b")


def test_ctrl_backslash_and_signals_from_outside(start: Start) -> None:
    program = (
        "import os, signal\n"
        "def told(number, _): os.write(1, b'got %s\\n' % signal.Signals(number).name.encode())\n"
        "for each in (signal.SIGQUIT, signal.SIGUSR1): signal.signal(each, told)\n"
        "os.write(1, b'ready\\n')\nwhile True: signal.pause()"
    )
    terminal = start(program)
    terminal.wait_for("ready")
    terminal.press("ctrl-\\")
    terminal.wait_for("got SIGQUIT")
    terminal.send_signal(signal.SIGUSR1)
    terminal.wait_for("got SIGUSR1")
    terminal.send_signal(signal.SIGKILL)
    assert terminal.exit_status() == -9
    with pytest.raises(ProcessLookupError, match="was ended by SIGKILL"):
        terminal.send_signal(signal.SIGUSR1)


# -- input -------------------------------------------------------------------------


def test_keys_arrive_as_the_program_has_asked_for_them(start: Start) -> None:
    terminal = start(RAW + "say('\\x1b[?1h')\nwhile True: line(repr(os.read(0, 100)))")
    terminal.wait_for(lambda lines: terminal.modes.application_cursor_keys, "the mode")
    keys = {"up": b"\x1bOA", "ctrl-left": b"\x1b[1;5D", "alt-x": b"\x1bx", "delete": b"\x1b[3~"}
    for key, sent in keys.items():
        terminal.press(key)
        terminal.wait_for(repr(sent))


def test_a_key_is_pressed_until_it_helps(start: Start) -> None:
    terminal = start(
        "import os, signal\nseen = []\n"
        "def told(*_): seen.append(1); os.write(1, b'seen %d\\n' % len(seen))\n"
        "signal.signal(signal.SIGINT, told)\nos.write(1, b'ready\\n')\nwhile True: signal.pause()"
    )
    terminal.wait_for("ready")
    assert terminal.press_until("ctrl-c", "seen 3", every=0.1)[-1].endswith("seen 3")
    assert terminal.press_until("ctrl-c", "ready", every=0.1)[-1].endswith("seen 3")
    with pytest.raises(NotSeen, match="the text 'never'"):
        terminal.press_until("ctrl-c", "never", deadline=0.1)


def test_pasted_text_is_marked_if_the_program_has_asked_for_it(start: Start) -> None:
    terminal = start(RAW + "line(repr(until(b'.')))\nsay('\\x1b[?2004h')\nline(repr(until(b'1~')))")
    terminal.wait_for(lambda lines: not terminal.tty_mode().canonical, "raw mode")
    terminal.paste("a\nb.")
    terminal.wait_for(repr(b"a\rb."))
    terminal.wait_for(lambda lines: terminal.modes.bracketed_paste, "the mode")
    terminal.paste("c\r\nd\x1b[201~e")
    terminal.wait_for(repr(b"\x1b[200~c\rde\x1b[201~"))
    assert terminal.exit_status() == 0


def test_a_long_text_is_sent_while_its_echo_is_read(start: Start) -> None:
    terminal = start(
        RAW + "line('ready')\nleft = 300_000\nwhile left:\n    got = os.read(0, left)\n"
        "    left -= len(got)\n    os.write(1, got)\nline('')\nline('done')"
    )
    terminal.wait_for("ready")
    terminal.paste("x" * 300_000)
    terminal.wait_for("done")
    assert len(terminal.history) + len(terminal.lines) == 1 + 300_000 / 80 + 1 + 0
    with start("import signal; print('deaf', flush=True); signal.pause()", deadline=0.5) as deaf:
        tty_raw(deaf)
        with pytest.raises(NotSeen, match=r"to read its input: \d+ bytes are left"):
            deaf.type("x" * 1_000_000)


def tty_raw(terminal: Terminal) -> None:
    terminal.wait_for("deaf")
    tty.setraw(terminal._program.descriptor, termios.TCSANOW)


def test_the_driver_s_mode_tells_whether_the_program_put_it_back(start: Start) -> None:
    terminal = start(
        RAW
        + "line('raw')\nuntil(b'x')\ntermios.tcsetattr(0, termios.TCSANOW, before)\nprint('cooked')\ninput()"
    )
    terminal.wait_for("raw")
    raw = terminal.tty_mode()
    assert (raw.canonical, raw.echo, raw.signals, raw.newline_returns) == (False, False, False, False)
    terminal.press("x")
    terminal.wait_for("cooked")
    cooked = terminal.tty_mode()
    assert (cooked.canonical, cooked.echo, cooked.signals, cooked.newline_returns) == (True, True, True, True)
    terminal.press("enter")
    assert terminal.exit_status() == 0
    assert terminal.tty_mode() == cooked


# -- the screen ----------------------------------------------------------------------


def test_a_new_size_is_noticed_by_the_program(start: Start) -> None:
    terminal = start(
        "import os, signal\n"
        "def told(*_): os.write(1, b'%d %d\\n' % os.get_terminal_size())\n"
        "signal.signal(signal.SIGWINCH, told)\n"
        "os.write(1, b'ready\\n')\nwhile True: signal.pause()"
    )
    terminal.wait_for("ready")
    terminal.resize(10, 40)
    assert terminal.wait_for("40 10") == ["ready", "40 10"]
    assert (terminal.rows, terminal.columns, len(terminal.screen)) == (10, 40, 10)


def test_colours_title_bell_and_links(start: Start) -> None:
    terminal = start(
        r"print('\x1b]2;a title\x07\x1b[1;31mbold \x1b[22;38;5;208;48;2;1;2;3mfine\x1b[0m plain\x07')"
        "\n"
        r"print('\x1b[4:3;93mcurly\x1b[m\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\')"
    )
    assert terminal.exit_status() == 0
    assert terminal.title == "a title"
    assert terminal.bells == 1
    assert [span.text for span in terminal.spans(0)] == ["bold ", "fine", " plain"]
    assert terminal.style_of("bold").bold
    assert terminal.style_at(0, 2).foreground == "red"
    assert terminal.style_of("fine") == terminal.style_at(0, 5)._replace(foreground="#ff8700")
    assert terminal.style_of("fine").background == "#010203"
    assert not terminal.style_of("fine").bold
    assert terminal.style_of("plain") == terminal.style_at(5, 5)
    assert (terminal.style_of("curly").underline, terminal.style_of("curly").foreground) == (
        True,
        "bright yellow",
    )
    assert terminal.style_of("link").link == "https://example.org"
    with pytest.raises(AssertionError, match="not of one style"):
        terminal.style_of("bold fine")
    with pytest.raises(AssertionError, match="does not stand on the screen\n\\+---"):
        terminal.style_of("absent")


def test_the_alternate_screen_comes_and_goes(start: Start) -> None:
    terminal = start(
        RAW + "line('below')\nsay('half\\x1b[?1049h\\x1b[Habove\\x1b[?25l')\nuntil(b'x')\n"
        "say('\\x1b[?1049l\\x1b[?25h a line')\nuntil(b'x')"
    )
    assert terminal.wait_for("above") == ["above"]
    assert terminal.modes.alternate_screen
    assert not terminal.modes.cursor_visible
    assert "^ cursor (hidden)" in terminal.frame()
    terminal.press("x")
    assert terminal.wait_for("half a line") == ["below", "half a line"]
    assert not terminal.modes.alternate_screen
    assert terminal.history == []


def test_wide_and_combining_characters_take_the_room_they_take(start: Start) -> None:
    terminal = start(
        "print('漢字|e\\u0301|\\U0001f468\\u200d\\U0001f469|end')\nprint('x' * 19 + '漢')\nprint('漢\\rab')\n"
        "print('漢字\\r\\x1b[Ca', end='')",
        columns=20,
        env={"PYTHONIOENCODING": "utf-8"},
    )
    assert terminal.exit_status() == 0
    assert terminal.lines == [
        "漢字|e\u0301|\U0001f468\u200d\U0001f469|end",
        "x" * 19,
        "漢",
        "ab",
        " a字",
    ]
    assert terminal.cursor == (4, 2)
    assert [cell.text for cell in terminal._screen.lines[0][:7]] == ["漢", "", "字", "", "|", "e\u0301", "|"]


def test_a_character_may_come_in_two_pieces(start: Start) -> None:
    terminal = start(RAW + "os.write(1, b'at \\xe6\\xbc')\nuntil(b'x')\nos.write(1, b'\\xa2!')")
    terminal.wait_for("at")
    assert terminal.text == "at"
    terminal.press("x")
    assert terminal.wait_for("!") == ["at 漢!"]


def test_a_flood_scrolls_into_a_bounded_history(start: Start) -> None:
    terminal = start("for n in range(20_000): print(n)\nprint('\\x1b[2Jend', end='')")
    assert terminal.exit_status() == 0
    assert terminal.lines[-1] == "end"
    assert len(terminal.history) == 10_000
    assert terminal.history[-1] == str(20_000 - 23 - 1)
    assert terminal.raw.endswith(b"19999\r\n\x1b[2Jend")
    terminal.forget_raw()
    assert terminal.raw == b""


def test_what_is_kept_of_a_flood_is_bounded(start: Start) -> None:
    terminal = start("import os\nfor n in range(30): os.write(1, b'\\a' * 60_000)\nprint('end')")
    assert terminal.exit_status() == 0
    assert len(terminal.raw) == 1 << 20
    assert terminal.bells == 1_800_000


# -- queries ---------------------------------------------------------------------------

ASKS = RAW + "say('at \\x1b[6n')\nline(repr(until(b'R')))\n"


def test_where_the_cursor_is_is_answered_at_once(start: Start) -> None:
    terminal = start(ASKS)
    assert terminal.wait_for(repr(b"\x1b[1;4R"))
    assert terminal.exit_status() == 0
    assert terminal.responses == [("cursor position", "\x1b[1;4R")]
    assert terminal.pending_queries == []


def test_an_answer_comes_twice(start: Start) -> None:
    terminal = start(ASKS + "line(repr(until(b'R')))", answers="twice")
    terminal.wait_for(lambda lines: len(lines) == 2, "two answers")
    assert [response.text for response in terminal.responses] == ["\x1b[1;4R"] * 2


def test_an_answer_comes_late(start: Start) -> None:
    asked = time.monotonic()
    terminal = start(ASKS, answers="late", answers_after=0.3)
    terminal.wait_for(lambda lines: terminal.pending_queries, "the query")
    query = terminal.pending_queries[0]
    assert (query.name, query.sequence, query.answer) == ("cursor position", "\x1b[6n", "\x1b[1;4R")
    assert query.due >= asked + 0.3
    assert terminal.responses == []
    terminal.wait_for(repr(b"\x1b[1;4R"))
    assert time.monotonic() >= query.due
    assert terminal.pending_queries == []


def test_an_answer_never_comes_or_when_the_test_says_so(start: Start) -> None:
    terminal = start(ASKS, answers="never")
    terminal.wait_for(lambda lines: terminal.pending_queries, "the query")
    with pytest.raises(NotSeen, match="which has not answered: cursor position"):
        terminal.wait_for("R", deadline=0.1)
    terminal.answer_pending()
    terminal.wait_for(repr(b"\x1b[1;4R"))


def test_the_manner_of_answering_changes_while_the_program_runs(start: Start) -> None:
    terminal = start(RAW + "while True:\n    until(b'?')\n    say('\\x1b[6n')", answers="never")
    terminal.wait_for(lambda lines: not terminal.tty_mode().canonical, "raw mode")
    terminal.type("?")
    terminal.wait_for(lambda lines: terminal.pending_queries, "a query")
    terminal.answers = "at once"
    terminal.type("?")
    terminal.wait_for(lambda lines: terminal.responses, "an answer")
    assert len(terminal.pending_queries) == 1
    with pytest.raises(ValueError, match="not 'sometimes'"):
        terminal.answers = "sometimes"  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("query", "name", "answer"),
    [
        ("\x1b[5n", "status", "\x1b[0n"),
        ("\x1b[?6n", "cursor position", "\x1b[?1;1R"),
        ("\x1b[c", "device attributes", "\x1b[?62;22c"),
        ("\x1b[0c", "device attributes", "\x1b[?62;22c"),
        ("\x1b[>c", "device attributes", "\x1b[>1;0;0c"),
        ("\x1b[?2004$p", "mode", "\x1b[?2004;2$y"),
        ("\x1b[?2004h\x1b[?2004$p", "mode", "\x1b[?2004;1$y"),
        ("\x1b[?7777$p", "mode", "\x1b[?7777;0$y"),
        ("\x1b]10;?\x07", "foreground colour", "\x1b]10;rgb:1010/2020/3030\x07"),
        ("\x1b]11;?\x1b\\", "background colour", "\x1b]11;rgb:ffff/eeee/dddd\x1b\\"),
        ("\x1b[?u", "keyboard", "\x1b[?0u"),
        ("\x1b[>1u\x1b[?u", "keyboard", "\x1b[?1u"),
        ("\x1b[>5u\x1b[<u\x1b[?u", "keyboard", "\x1b[?0u"),
        ("\x1b[>q", "version", "\x1bP>|ipcore.testing\x1b\\"),
        ("\x1b[18t", "size", "\x1b[8;24;80t"),
        ("\x1bP+q544e\x1b\\", "capability", "\x1bP0+r\x1b\\"),
    ],
)
def test_queries_are_answered(start: Start, query: str, name: str, answer: str) -> None:
    terminal = start(RAW + f"until(b'.')\nsay({query!r})\nline(repr(until({answer[-1:]!r}.encode())))")
    terminal.set_colours("#102030", "#ffeedd")
    terminal.wait_for(lambda lines: not terminal.tty_mode().canonical, "raw mode")
    terminal.type(".")
    terminal.wait_for(lambda lines: lines[0] == repr(answer.encode()), repr(answer))
    assert terminal.responses == [(name, answer)]


def test_an_older_terminal_does_not_answer_some(start: Start) -> None:
    terminal = start(RAW + "until(b'.')\nsay('\\x1b[?u\\x1b[c')\nline(repr(until(b'c')))")
    terminal.unanswered = {"keyboard"}
    terminal.wait_for(lambda lines: not terminal.tty_mode().canonical, "raw mode")
    terminal.type(".")
    terminal.wait_for(repr(b"\x1b[?62;22c"))
    assert [query.name for query in terminal.pending_queries] == ["keyboard"]


# -- the shell ---------------------------------------------------------------------------


def test_the_shell_in_a_terminal(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--simple-prompt", "--nosep", "--no-banner", rows=10, IPSHELL_CONFIRM="unused")
    assert shell.wait_for_prompt(1) == ["In [1]:"]
    shell.type("import os; os.environ['IPSHELL_CONFIRM']\r")
    assert shell.wait_for_prompt(2) == [
        "In [1]: import os; os.environ['IPSHELL_CONFIRM']",
        "Out[1]: 'unused'",
        "In [2]:",
    ]
    with pytest.raises(NotSeen, match=r"the prompt In \[3\]:"):
        shell.wait_for_prompt(3, deadline=0.1)
    shell.type("1")
    shell.wait_for(lambda lines: lines[-1] == "In [2]: 1", "the key")
    with pytest.raises(NotSeen, match=r"the prompt In \[2\]:"):
        shell.wait_for_prompt(2, deadline=0)
    other = terminal(command=[sys.executable, "-c", "print('other')"])
    assert other.exit_status() == 0
    assert other.lines == ["other"]
