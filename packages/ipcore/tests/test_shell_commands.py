"""Commands of the system shell: where their output goes, how they end, what is left of them."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipcore.errors import UserError
from ipcore.system.shell_commands import (
    INTERRUPTED,
    BackgroundError,
    capture,
    run,
    shell_arguments,
    warn_common_mistake,
)
from ipcore.system.slist import LSString, SList
from ipcore.testing import Terminal, Terminals

posix = pytest.mark.skipif(sys.platform == "win32", reason="uses a POSIX shell")

#: Seconds after which a test gives up waiting.
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def _plain_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")


def python(code: str) -> str:
    """Give a command line that runs Python code; the code must hold no double quotes."""
    return f'"{sys.executable}" -c "{code}"'


# -- output that Python has captured ---------------------------------------


def test_both_channels_go_where_python_writes(capsys: pytest.CaptureFixture[str]) -> None:
    print("before")
    assert run("echo out && echo err >&2") == 0
    print("after")
    out, err = capsys.readouterr()
    assert out.split() == ["before", "out", "after"]
    assert err.split() == ["err"]


@posix
def test_output_is_shown_while_the_command_runs(tmp_path: Path) -> None:
    flag = tmp_path / "seen"

    class Screen(io.StringIO):
        def write(self, text: str) -> int:
            if "first" in text:
                flag.touch()
            return super().write(text)

    screen = Screen()
    with contextlib.redirect_stdout(screen):
        # Ends only because the first line is shown before the second is written.
        assert run(f"echo first; while [ ! -e '{flag}' ]; do sleep 0.01; done; echo second") == 0
    assert screen.getvalue() == "first\nsecond\n"


def test_much_output_on_both_channels_at_once_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    size = 3_000_000
    code = f"import sys, threading as t; s = 'x' * {size}; a = t.Thread(target=sys.stderr.write, args=(s,)); "
    assert run(python(code + "a.start(); sys.stdout.write(s); a.join()")) == 0
    out, err = capsys.readouterr()
    assert (len(out), len(err)) == (size, size)


def test_screen_that_fails_ends_the_command() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise ZeroDivisionError

    with contextlib.redirect_stdout(Broken()), pytest.raises(ZeroDivisionError):
        run(python("import time; print(1, flush=True); time.sleep(600)"))
    assert_no_children()


@posix
@pytest.mark.parametrize("command", ["sleep 600 &", "sleep 600 & "])
def test_background_command_is_refused_where_its_output_is_captured(command: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()), pytest.raises(BackgroundError, match="no background"):
        run(command)
    with contextlib.redirect_stdout(io.StringIO()), pytest.raises(OSError, match="no background"):
        run(command)


def test_command_without_python_streams_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run("exit 3") == 3


# -- capturing ---------------------------------------------------------------


def test_captured_output_comes_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines, status = capture("echo one&& echo two&& echo oops >&2&& exit 4")
    assert (lines, status) == (["one", "two"], 4)
    assert isinstance(lines, SList)
    out, err = capsys.readouterr()
    assert (out, err.strip()) == ("", "oops")


@posix
@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("true", []),
        ("echo", [""]),
        ("printf 'a\\n\\nb'", ["a", "", "b"]),
        ("printf 'a\\n\\n'", ["a", ""]),
        ("printf 'a\\r\\nb\\r\\n'", ["a", "b"]),
        ("printf 'a\\fb\\n'", ["a\x0cb"]),
        ("printf '\\303\\251\\377\\000x\\n'", ["é\ufffd\0x"]),
        ("printf '\\303'; sleep 0.1; printf '\\251'", ["é"]),
    ],
)
def test_lines_of_any_bytes(command: str, lines: list[str]) -> None:
    assert capture(command) == (lines, 0)


@posix
def test_captured_text_can_be_had_whole() -> None:
    text, status = capture("printf 'a\\nb\\n'", split=False)
    assert (text, status) == ("a\nb\n", 0)
    assert isinstance(text, LSString)


@posix
def test_child_in_the_background_is_waited_for_while_it_writes() -> None:
    assert capture("(sleep 0.2; echo late) & echo early") == (["early", "late"], 0)


# -- status, shell, mistakes ---------------------------------------------------


@posix
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("true", 0),
        ("exit 3", 3),
        ("exit 128", 128),
        ("exit 255", 255),
        ("kill -KILL $$", -9),
        ("sh -c 'kill -TERM $$'; exit $?", -15),
        ("no-such-command-here 2>/dev/null", 127),
    ],
)
def test_status_is_the_shells_or_the_negative_signal(command: str, status: int) -> None:
    assert run(command) == status
    assert capture(command)[1] == status
    assert_no_children()


@posix
def test_command_runs_in_the_users_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = tmp_path / "my shell"
    shell.write_text('#!/bin/sh\necho "mine: $*"\n')
    shell.chmod(0o755)
    monkeypatch.setenv("SHELL", str(shell))
    assert capture("a 'b'") == (["mine: -c a 'b'"], 0)
    monkeypatch.setenv("SHELL", "")
    assert capture("echo $0") == (["/bin/sh"], 0)


@posix
def test_shell_that_cannot_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "missing"
    monkeypatch.setenv("SHELL", str(missing))
    for attempt in (run, capture):
        with pytest.raises(UserError, match=r"missing could not be started.*variable SHELL"):
            attempt("true")
    missing.write_text("")
    with pytest.raises(UserError, match="Permission"):
        run("true")


@pytest.mark.parametrize("command", ["", "  ", "\t\n"])
def test_empty_command_is_refused(command: str) -> None:
    for attempt in (run, capture):
        with pytest.raises(UserError, match="no command"):
            attempt(command)


@pytest.mark.parametrize("command", ["echo a\0b", "echo \ud800"])
def test_command_that_cannot_be_passed_on_is_refused(command: str) -> None:
    if sys.platform == "win32" and "\0" not in command:
        pytest.skip("Windows passes it on")
    for attempt in (run, capture):
        with pytest.raises(UserError, match="cannot be passed"):
            attempt(command)


@posix
def test_too_long_command_is_refused() -> None:
    with pytest.raises(UserError, match="could not be started"):
        run("true " + "x" * 20_000_000)


@posix
def test_removed_working_directory_is_the_commands_business(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    monkeypatch.chdir(place)
    place.rmdir()
    assert capture("echo here")[0] == ["here"]


def test_windows_gets_its_command_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("COMSPEC", r"C:\cmd.exe")
    monkeypatch.setenv("SYSTEMROOT", r"C:\Windows")
    assert shell_arguments('dir "a b"', "C:\\x") == (r'C:\cmd.exe /d /s /c "dir "a b""', None)
    assert shell_arguments("dir", r"\\host\share\x") == (
        r'C:\cmd.exe /d /s /c "pushd "\\host\share\x" && dir"',
        r"C:\Windows",
    )


@pytest.mark.parametrize(
    ("command", "magic"),
    [
        ("cd ..", "%cd"),
        ("  cd", "%cd"),
        ("pip install x", "%pip"),
        ("conda list", "%conda"),
        ("cd x && make", None),
        ("cd x; ls", None),
        ("echo cd", None),
        ("cdrecord x", None),
        ("pip-compile", None),
        ("pip list | grep x", None),
        ("", None),
    ],
)
def test_common_mistakes_are_pointed_out(command: str, magic: str | None) -> None:
    warning = warn_common_mistake(command)
    assert (magic in warning) if magic and warning else warning is magic


# -- signals -----------------------------------------------------------------

PROGRAM = """
import os, signal, sys
from ipcore.system.shell_commands import capture, run
# Who runs the tests in the background may ignore these, and that is inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
before = signal.getsignal(signal.SIGINT)
try:
    print("status", {call}, flush=True)
except BaseException as error:
    print("raised", type(error).__name__, flush=True)
print("restored", signal.getsignal(signal.SIGINT) is before)
try:
    print("left over", os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    print("all reaped", flush=True)
"""


@pytest.fixture
def program() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Give a function that starts a Python without a terminal, which calls ``run`` or ``capture``."""
    started: list[subprocess.Popen[str]] = []

    def start(call: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(call=call)],
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def assert_gone(pid: int) -> None:
    """Wait until no process has that number; a dead child may wait a moment for its new parent."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return
        time.sleep(0.01)
    pytest.fail(f"process {pid} is still there")


def assert_no_children() -> None:
    if sys.platform != "win32":
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)


@posix
@pytest.mark.parametrize(
    "command",
    [
        "echo $$; exec sleep 600",
        "sleep 600 & echo $!; wait",
        "sh -c 'echo $$; sleep 600'; exit $?",
        "sh -c 'echo $$; exec sleep 600' | cat",
        # These do not listen to Ctrl-C and are killed after a while.
        "trap '' INT; echo $$; sleep 600; sleep 600",
        "(trap '' INT; echo $$; exec sleep 600) & wait",
    ],
)
def test_interrupted_command_is_gone_with_all_it_started(
    program: Callable[[str], subprocess.Popen[str]], command: str
) -> None:
    process = program(f"run({command!r})")
    pid = int(first_line(process))
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert out.split("\n")[:3] == [f"status {INTERRUPTED}", "restored True", "all reaped"]
    assert_gone(pid)


@posix
def test_interrupted_capture_gives_what_there_was(
    program: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "ready")
    process = program(f"capture('echo part; echo > {tmp_path}/ready; exec sleep 600')")
    (tmp_path / "ready").read_text()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert out.split("\n")[:3] == [f"status (['part'], {INTERRUPTED})", "restored True", "all reaped"]


@posix
def test_command_that_handles_the_interrupt_has_its_own_status(
    program: Callable[[str], subprocess.Popen[str]],
) -> None:
    process = program("run('trap \"exit 5\" INT; echo up; while :; do sleep 0.05; done')")
    assert first_line(process) == "up"
    process.send_signal(signal.SIGINT)
    assert first_line(process) == "status 5"


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_shell_that_is_ended_takes_its_command_along(
    program: Callable[[str], subprocess.Popen[str]], number: signal.Signals
) -> None:
    process = program("run('sleep 600 & echo $!; wait')")
    pid = int(first_line(process))
    process.send_signal(number)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -number
    assert_gone(pid)


@posix
def test_output_of_python_and_command_keep_their_order(
    program: Callable[[str], subprocess.Popen[str]],
) -> None:
    out, _ = program("(print('before'), run('echo during'), print('after'))").communicate(timeout=PATIENCE)
    assert out.split()[:3] == ["before", "during", "after"]


def test_command_runs_in_any_thread() -> None:
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(capture("echo hello")))
    thread.start()
    thread.join(PATIENCE)
    assert results == [(["hello"], 0)]


@pytest.fixture
def start(terminal: Terminals) -> Callable[[str], Terminal]:
    """Give a function that starts a Python in a terminal, which calls ``run`` or ``capture``."""
    return lambda call: terminal(command=[sys.executable, "-c", PROGRAM.format(call=call)])


@posix
def test_command_has_the_terminal_itself(start: Callable[[str], Terminal]) -> None:
    screen = start("run('test -t 0 -a -t 1 -a -t 2 && echo all three; read line; echo got $line')")
    screen.wait_for("all three")
    screen.type("typed\r")
    screen.wait_for("got typed")
    screen.wait_for("status 0")


@posix
@pytest.mark.parametrize("call", ["run({!r})", "capture({!r})[1]"])
def test_ctrl_c_ends_the_command_and_not_the_shell(start: Callable[[str], Terminal], call: str) -> None:
    # The child itself says that it is there: a shell that is interrupted while it forks goes on.
    child = python("import os, time; os.write(2, b'up'); time.sleep(600)")
    screen = start(call.format(f"{child}; echo not reached >&2"))
    screen.wait_for("up")
    screen.press("ctrl-c")
    screen.wait_for(f"status {INTERRUPTED}")
    screen.wait_for("restored True")
    screen.wait_for("all reaped")
    assert "not reached" not in screen.text


@posix
def test_program_that_handles_ctrl_c_goes_on(start: Callable[[str], Terminal], tmp_path: Path) -> None:
    script = tmp_path / "interactive.py"
    script.write_text(
        "import os, signal, time\n"
        "caught = []\n"
        "signal.signal(signal.SIGINT, lambda *a: caught.append(1))\n"
        "os.write(1, b'up')\n"
        "while not caught: time.sleep(0.01)\n"
        "os.write(1, b'caught')\n"
        "print('read', input())\n"
    )
    screen = start(f"run({f'exec {sys.executable} {script}'!r})")
    screen.wait_for("up")
    screen.press("ctrl-c")
    screen.wait_for("caught")
    screen.type("more\r")
    screen.wait_for("read more")
    screen.wait_for("status 0")


@posix
def test_quit_key_ends_the_command_and_not_the_shell(start: Callable[[str], Terminal]) -> None:
    screen = start("run('ulimit -c 0; echo up; exec sleep 600')")
    screen.wait_for("up")
    screen.press("ctrl-\\")
    screen.wait_for("status -3")
