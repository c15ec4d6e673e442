"""The core's front end keeps to the contract, and the contract catches those that do not."""

from __future__ import annotations

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.frontends import FrontendContract


class TestPlain(FrontendContract):
    plugin = "ipcore.plain.plugin"
    key = "plain"
    distribution = "ipshell-core"


# -- others, good and bad -------------------------------------------------------------

PIPED = """
import sys
from ipcore.exiting import exit_status

class Lines:
    person = False

    def __init__(self, shell):
        self.shell = shell

    def run(self):
        for line in sys.stdin:
            self.shell.run_cell(line, store_history=True)
            if self.shell.exiting:
                return exit_status(self.shell.exit_code)
        return 0

@hookimpl
def ipshell_frontend(name, shell):
    return Lines(shell)
"""

#: Reads keys itself, in the terminal's raw mode: the least that keeps to the contract.
RAW = """
import os
import re
import sys
import termios
import tty
from contextlib import contextmanager
from ipcore.exiting import exit_status

class Raw:
    def __init__(self, shell):
        self.shell = shell
        self.raw = False

    def run(self):
        users = termios.tcgetattr(0)
        try:
            with self.shell.keyboard.serving(self):
                while not self.shell.exiting:
                    self.shell.keyboard.ask_waiting()
                    try:
                        cell = self.line(self.shell.prompts.input(self.shell.execution_count), users)
                    except KeyboardInterrupt:
                        continue
                    except EOFError:
                        return 0
                    self.shell.run_cell(cell, store_history=True)
            return exit_status(self.shell.exit_code)
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, users)

    def line(self, prompt, users):
        tty.setraw(0, termios.TCSADRAIN)  # without throwing away what is typed ahead
        print(prompt, end="", flush=True)
        if QUERY:
            os.write(1, b"\\x1b[6n")
        text = ""
        try:
            while True:
                key = os.read(0, 1).decode()
                if key == "\\x1b":
                    key += os.read(0, 1).decode()
                    while not key[-1].isalpha():
                        key += os.read(0, 1).decode()
                elif key in "\\r\\n":
                    return text
                elif key == "\\x03":
                    raise KeyboardInterrupt
                elif key == "\\x04":
                    raise EOFError
                else:
                    text += key
                    os.write(1, key.encode())
        finally:
            if not LEAVES_RAW:
                termios.tcsetattr(0, termios.TCSADRAIN, users)
            os.write(1, b"\\r\\n")

    def ask(self, prompt, *, password, completer, history, lexer):
        return self.line(prompt, termios.tcgetattr(0))

    @contextmanager
    def release_terminal(self):
        yield

@hookimpl
def ipshell_frontend(name, shell):
    return Raw(shell)
"""


def raw(changes: dict[str, str] | None = None, *, query: bool = False, leaves_raw: bool = False) -> str:
    """Give the front end that reads keys itself, with changes to its text."""
    text = f"QUERY, LEAVES_RAW = {query}, {leaves_raw}\n{RAW}"
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    return text


def piped(old: str, new: str) -> str:
    """Give the front end that reads lines, with a change to its text."""
    assert old in PIPED
    return PIPED.replace(old, new)


NO_TERMINAL = {"at_terminal": False}
TYPED = {"from_elsewhere": False, "deadline": 10.0}

PLUGINS = {
    "good": Plugin(PIPED, attributes=NO_TERMINAL),
    "folder": Plugin(
        """
        from pathlib import Path
        from ipcore.exiting import exit_status

        class Folder:
            person = False

            def __init__(self, shell):
                self.shell = shell

            def run(self):
                status = 0
                for file in sorted(Path("cells").glob("*.txt")):
                    result = self.shell.run_cell(file.read_text(), store_history=True, origin="file")
                    if self.shell.exiting:
                        return exit_status(self.shell.exit_code)
                    if not result.success:
                        return 1
                return 0

        @hookimpl
        def ipshell_frontend(name, shell):
            return Folder(shell)
        """,
        attributes={**NO_TERMINAL, "goes_on": False},
        body="""
        def feed(self, folder, cells):
            (folder / "cells").mkdir()
            for number, cell in enumerate(cells):
                (folder / "cells" / f"{number}.txt").write_text(cell)
            return ""
        """,
    ),
    "keys": Plugin(raw(query=True), attributes=TYPED),
    "execs": Plugin(
        piped("self.shell.run_cell(line, store_history=True)", "exec(line, self.shell.user_ns)"),
        "cells_run_in_the_shell",
        ("the shell used the plain front end in its place", "run() raises nothing"),
        NO_TERMINAL,
    ),
    "strips": Plugin(
        piped("self.shell.run_cell(line, store_history=True)", "self.shell.run_cell(f'0 or ({line})')"),
        "cells_run_in_the_shell",
        ("the cells did not run", "shell.run_cell(text)"),
        NO_TERMINAL,
    ),
    "serves_not": Plugin(
        PIPED, "cells_run_in_the_shell", ("input() and getpass() do not come to it", "keyboard.serving(self)")
    ),
    "no_status": Plugin(
        piped("        return 0\n", ""),
        "run_gives_the_exit_status",
        ("run() gives None, which is no exit status",),
        NO_TERMINAL,
    ),
    "one_for_all": Plugin(
        piped("return exit_status(self.shell.exit_code)", "return 0"),
        "exit_ends_it_with_the_status_given",
        ("the cell 'exit(3)' ends it with status 0", "exit_status(shell.exit_code)"),
        NO_TERMINAL,
    ),
    "stays": Plugin(
        piped("if self.shell.exiting:", "if False:"),
        "exit_ends_it_with_the_status_given",
        ("after the cell 'exit' another one runs",),
        NO_TERMINAL,
    ),
    "gives_up": Plugin(
        piped("if self.shell.exiting:", "if sys.exc_info()[1] or hasattr(sys, 'last_value'):"),
        "cells_that_fail_do_not_end_it",
        ("after the cell '1 / 0' no other one runs", "goes_on = False"),
        NO_TERMINAL,
    ),
    "waits": Plugin(
        piped("        return 0\n", "        import time; time.sleep(600)\n"),
        "it_ends_when_there_are_no_more_cells",
        ("does not end within 2 s",),
        {**NO_TERMINAL, "deadline": 2.0},
    ),
    "speaks": Plugin(
        piped("    return Lines(shell)", "    print('hello'); return Lines(shell)"),
        "making_it_takes_nothing_and_says_nothing",
        ("writes 'hello", "Leave that to run()"),
        NO_TERMINAL,
    ),
    "asks_otherwise": Plugin(
        piped("    def run(self)", "    def ask(self, prompt): pass\n\n    def run(self)"),
        "questions_can_be_put_as_the_shell_puts_them",
        ("its ask() cannot be called as the shell does", "Define ask(prompt, *, password"),
        NO_TERMINAL,
    ),
    "asks_later": Plugin(
        piped("    def run(self)", "    async def ask(self, prompt, **more): pass\n\n    def run(self)"),
        "questions_can_be_put_as_the_shell_puts_them",
        ("its ask() is a coroutine",),
        NO_TERMINAL,
    ),
    "answers_are_keys": Plugin(
        raw({r'key == "\x1b"': "False"}, query=True),
        "cells_run_at_a_terminal_however_that_answers[twice]",
        ("at a terminal that answers twice",),
        TYPED,
    ),
    "needs_answer": Plugin(
        raw({'        text = ""\n': '        text = ""\n        os.read(0, 6)\n'}, query=True),
        "cells_run_at_a_terminal_however_that_answers[never]",
        ("at a terminal that answers never",),
        TYPED,
    ),
    "leaves_raw": Plugin(
        raw(leaves_raw=True),
        "commands_have_the_terminal_as_the_user_set_it",
        ("while a cell runs, the terminal is without", "icanon"),
        TYPED,
    ),
    "never_restores": Plugin(
        raw({"termios.tcsetattr(0, termios.TCSADRAIN, users)": "pass"}),
        "ctrl_d_ends_it",
        ("after Ctrl-D the terminal is left without", "echo"),
        TYPED,
    ),
    "own_signals": Plugin(
        raw({"        users =": "        import signal; signal.signal(15, lambda *_: os._exit(1)); users ="}),
        "a_signal_that_ends_it_leaves_the_terminal_as_it_was",
        (
            "after SIGTERM at the prompt the terminal is left without",
            "echo",
            "leave SIGTERM and its like to the shell",
        ),
        TYPED,
    ),
    "dies_of_ctrl_c": Plugin(
        raw({"raise KeyboardInterrupt": "raise SystemExit(130)"}),
        "ctrl_c_ends_what_is_typed_or_runs_and_no_more",
        ("has ended with status 130",),
        TYPED,
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("frontends"), "FrontendContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_front_end(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
