"""The plain front end in a real pseudo-terminal, as a person sees it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ipcore.testing import FakeSite, Terminal, Terminals

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)


def waiting_command(text: str, folder: Path) -> str:
    """Make a command that says something and then waits until Ctrl-C ends it.

    It is not ``echo ...; sleep``, as dash loses a Ctrl-C that comes while it starts the second one.
    """
    program = folder / "waiting.py"
    program.write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "print(sys.argv[1], flush=True)\n"
        "time.sleep(100)\n"
    )
    return shlex.join([sys.executable, str(program)]) + f' "{text}"'


@pytest.fixture
def terminal(terminal: Terminals) -> Callable[..., Terminal]:
    """Give a function that starts a shell in a terminal; what is left of it is ended."""
    return lambda *arguments: terminal("--simple-prompt", "--nosep", *arguments, rows=40)


def test_a_session_with_block_value_and_leave(terminal: Callable[..., Terminal]) -> None:
    shell = terminal()
    greeting = shell.wait_for_prompt(1)
    assert greeting[0].startswith("Python 3.")
    assert greeting[1].startswith("ipshell ")
    shell.type("for i in range(2):\r")
    shell.wait_for(lambda lines: lines[-1] == "   ...:", "continuation")
    shell.type("    print(i)\r\r")
    lines = shell.wait_for_prompt(2)
    assert lines[-6:] == [
        "In [1]: for i in range(2):",
        "   ...:     print(i)",
        "   ...:",
        "0",
        "1",
        "In [2]:",
    ]
    shell.type("6*7\r")
    assert shell.wait_for_prompt(3)[-3:] == ["In [2]: 6*7", "Out[2]: 42", "In [3]:"]
    shell.type("exit\r")
    assert shell.exit_status() == 0


def test_help_on_a_cell_magic_waits_for_no_body(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("%%timeit?\r")
    assert shell.wait_for_prompt(2)[1].startswith("Object `%%timeit` not found.")


def test_ctrl_c_at_the_prompt_drops_the_line_and_stays(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner")
    # Not the first prompt, where keys may wait until earlier lines are taken up, and are then read all at
    # once: Python notices a Ctrl-C only with the next key if it comes just before it waits again.
    shell.wait_for_prompt(1)
    shell.type("1\r")
    shell.wait_for_prompt(2)
    shell.type("half a li")
    shell.wait_for(lambda lines: lines[-1].endswith("half a li"), "the half line")
    shell.press("ctrl-c")
    shell.wait_for(lambda lines: lines[-1] == "In [2]:" and "KeyboardInterrupt" in lines, "a new prompt")
    shell.type("1\r")
    shell.wait_for_prompt(3)


def test_ctrl_c_that_comes_while_earlier_lines_are_taken_up_is_not_lost(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from ipcore.plain.prefill import at_first_prompt\n"
        "at_first_prompt(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "from ipcore.__main__ import main\nsys.exit(main(['--simple-prompt', '--nosep', '--no-banner']))"
    )
    with Terminal([sys.executable, "-c", program], cwd=tmp_path) as shell:
        lines = shell.wait_for(lambda lines: lines.count("In [1]:") == 2, "a new prompt")
        assert "KeyboardInterrupt" in lines
        shell.type("6 * 7\r")
        assert "Out[1]: 42" in shell.wait_for_prompt(2)


def test_ctrl_c_stops_a_cell_and_nothing_else(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("import time; print('go', 1); time.sleep(60)\r")
    shell.wait_for(lambda lines: "go 1" in lines, "the cell running")
    shell.press("ctrl-c")
    lines = shell.wait_for_prompt(2)
    assert "KeyboardInterrupt" in lines
    assert not any("ipcore" in line for line in lines)
    shell.type("time\r")
    assert "Out[2]: <module 'time' (built-in)>" in shell.wait_for_prompt(3)


def test_ctrl_d_asks_and_takes_no_for_an_answer(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("\x04")
    shell.wait_for(lambda lines: "Do you really want to exit ([y]/n)?" in lines[-1], "the question")
    shell.type("n\r")
    shell.wait_for_prompt(1)
    shell.type("\x04")
    shell.wait_for(lambda lines: lines[-1].endswith("exit ([y]/n)?"), "the question again")
    shell.type("\r")
    assert shell.exit_status() == 0


def test_ctrl_d_leaves_at_once_if_so_configured(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner", "--no-confirm-exit")
    shell.wait_for_prompt(1)
    shell.type("\x04")
    assert shell.exit_status() == 0


def test_system_exit_in_a_cell_stays_with_a_hint(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("raise SystemExit(3)\r")
    lines = shell.wait_for_prompt(2)
    assert lines[1] == "SystemExit: 3"
    assert "exit" in lines[2]
    shell.type("raise SystemExit\r")
    assert "SystemExit" in shell.wait_for_prompt(3)
    shell.type("exit(5)\r")
    assert shell.exit_status() == 5


def test_a_command_has_the_terminal_and_ctrl_c_stops_it_alone(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("!test -t 0 && test -t 1 && echo a terminal\r")
    assert "a terminal" in shell.wait_for_prompt(2)
    shell.type(f"!{waiting_command('started', tmp_path)}; echo nev''er\r")
    shell.wait_for(lambda lines: "started" in lines, "the command running")
    shell.press("ctrl-c")
    lines = shell.wait_for_prompt(3)
    assert "never" not in lines
    shell.type("_exit_code\r")
    assert any(line.startswith("Out[3]: ") and line != "Out[3]: 0" for line in shell.wait_for_prompt(4))


def test_earlier_lines_come_back_with_arrow_up(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("x = 5\r")
    shell.wait_for_prompt(2)
    shell.type("\x1b[A + 1\r")
    assert shell.wait_for_prompt(3)[-2] == "In [2]: x = 5 + 1"


def test_a_classic_shell_looks_like_python(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner", "--classic")
    shell.wait_for(lambda lines: lines[-1] == ">>>", "the prompt")
    shell.type("6*7\r")
    assert shell.wait_for(lambda lines: lines[-1] == ">>>" and len(lines) > 2, "the value")[1] == "42"


def test_a_person_is_asked_for_consent_at_the_terminal(
    terminal: Callable[..., Terminal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = FakeSite(tmp_path / "site")
    code = (
        "from ipcore.types.policies import ALLOW, ask\n"
        "class Consent:\n"
        "    name = 'consent'\n"
        "    def decide(self, request):\n"
        "        return ask('sure?') if request.kind == 'system' else ALLOW\n"
        "@hookimpl\n"
        "def ipshell_policies(shell):\n"
        "    return [Consent()]\n"
    )
    site.plugin("consent", "policies", "consent", code)
    monkeypatch.setenv("PYTHONPATH", str(site))
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    question = "system command 'echo ran' (origin: keyboard) (sure?): allow it (y/[n])?"
    for number, (answer, outcome) in enumerate([("y", "ran"), ("", "yes."), ("ctrl-c", "yes.")], 1):
        shell.type("!echo ran\r")
        shell.wait_for(lambda lines: lines[-1] == question, "the question")
        prompt = f"In [{number + 1}]:"
        if answer == "ctrl-c":
            lines = shell.press_until(answer, lambda lines: lines[-1] == prompt, prompt)  # noqa: B023
        else:
            shell.type(f"{answer}\r")
            lines = shell.wait_for_prompt(number + 1)
        assert "".join(lines[-4:-1]).endswith(outcome)
    shell.type("exit\r")
    assert shell.exit_status() == 0


def test_a_second_ctrl_c_while_an_error_is_shown_keeps_the_session(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("import time\r")
    shell.wait_for_prompt(2)
    shell.type("class E(Exception):\r    def __str__(self): print('slow', 1); time.sleep(60)\r\r")
    shell.wait_for_prompt(3)
    shell.type("raise E\r")
    shell.wait_for(lambda lines: "slow 1" in lines, "the error being shown")
    shell.press("ctrl-c")
    assert any("E" in line for line in shell.wait_for_prompt(4)[-3:])
    shell.type("6*7\r")
    assert "Out[4]: 42" in shell.wait_for_prompt(5)


def test_a_signal_handler_of_the_users_that_fails_at_the_prompt_keeps_the_session(
    terminal: Callable[..., Terminal],
) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("import signal; old = signal.signal(signal.SIGALRM, lambda *a: 1/0)\r")
    shell.wait_for_prompt(2)
    shell.type("left = signal.setitimer(signal.ITIMER_REAL, 0.3)\r")
    lines = shell.wait_for(
        lambda lines: "ZeroDivisionError: division by zero" in lines, "the handler's error"
    )
    assert not any("fault of ipshell" in line for line in lines)
    shell.type("6*7\r")
    shell.wait_for(lambda lines: any(line.endswith("]: 42") for line in lines), "the next value")


def test_ctrl_c_in_a_command_ends_the_loop_around_it(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type(f"for i in range(3):\r    !{waiting_command('round {i}', tmp_path)}\r\r")
    shell.wait_for(lambda lines: "round 0" in lines, "the first round")
    shell.press("ctrl-c")
    lines = shell.wait_for_prompt(2)
    assert "round 1" not in lines


@pytest.mark.parametrize(
    "cell", ["import sys; sys.stdin.close()", "import sys; sys.stdin = None", "import os; os.close(0)"]
)
def test_an_input_taken_away_ends_with_one_line(terminal: Callable[..., Terminal], cell: str) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type(f"{cell}\r")
    lines = shell.wait_for(lambda lines: "the shell ends" in "".join(lines), "the end")
    assert not any("fault of ipshell" in line for line in lines)
    assert shell.exit_status() == 1


def test_other_prompts_take_effect_at_once(terminal: Callable[..., Terminal]) -> None:
    shell = terminal("--no-banner")
    shell.wait_for_prompt(1)
    shell.type("get_ipython().prompts_name = 'classic'\r")
    shell.wait_for(lambda lines: lines[-1] == ">>>", "the classic prompt")
