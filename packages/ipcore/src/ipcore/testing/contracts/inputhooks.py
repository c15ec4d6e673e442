"""What an input hook has to keep to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import pytest

from .plugin import PluginContract
from .waiting import FAULT, STAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipcore.plugins.declared import Declared

    from ..shells import TestedShell

_PROGRAM: Final = Path(__file__).with_name("waiting.py")

_HUNG: Final = (
    "It has to return when context.input_is_ready() is true. Have the loop watch context.fileno(), which can "
    "be read from then on, and stop then."
)

_STEPS: Final = (
    "Keep the user's tasks going: with shell.inputhooks.stepping() as tasks, call tasks.step() first, "
    "whenever tasks.fileno() can be read, and when the time that it gave is over. If that is not meant, "
    "set the class attribute steps_tasks = False."
)


class InputHookContract(PluginContract):
    """An event loop that a key of the family ``inputhooks`` gives.

    Beside what every plugin keeps to: the hook comes back as soon as its context is ready and not before,
    sleeps until then, keeps the user's asyncio tasks going, and lets nothing out. Each test tries it in a
    process of its own, as a hook that does not come back holds its process.
    """

    family = "inputhooks"
    listings: ClassVar[Mapping[str, str]] = {"the event loops": "key in registry.keys('inputhooks')"}
    first_use = "registry.call_named('inputhooks', key, 'ipshell_inputhook', shell=shell)"

    steps_tasks: ClassVar[bool] = True
    """Whether the user's asyncio tasks go on while it waits."""
    deadline: ClassVar[float] = 10.0
    """Seconds after which a hook that is to come back is given up."""
    needs: ClassVar[str] = ""
    """A module without which it cannot work, ``tkinter`` for example; the trials are skipped without it."""
    environment: ClassVar[Mapping[str, str]] = {}
    """Variables of the environment that the trials need."""

    def use(self, shell: TestedShell) -> None:
        """Choose it. It is not run here: it might not come back."""
        shell.enable_gui(self.key)
        shell.enable_gui()

    def test_it_comes_back_at_once_when_something_is_ready(self, declared: Declared) -> None:
        """The shell may call it when there are keys already."""
        self._try("ready", declared)

    def test_it_comes_back_soon_when_another_thread_wakes_it(self, declared: Declared) -> None:
        """As the thread of the line editor does, with the user's cell."""
        self._try("woken", declared)

    def test_it_does_not_read_from_the_descriptor(self, declared: Declared) -> None:
        """What is there to be read is the keyboard's."""
        self._try("unread", declared)

    def test_it_sleeps_while_there_is_nothing_to_do(self, declared: Declared) -> None:
        """A prompt that waits overnight costs no battery."""
        self._try("idle", declared)

    def test_it_sleeps_beside_a_task_that_sleeps(self, declared: Declared) -> None:
        """Stepping the tasks is no reason to ask them all the time."""
        self._try("idle_beside_tasks", declared)

    def test_it_works_again_and_again_and_leaves_nothing(self, declared: Declared) -> None:
        """It is called once for each cell, at the least."""
        self._try("again", declared)

    def test_asyncio_tasks_go_on_while_it_waits(self, declared: Declared) -> None:
        """Those of the user, whatever wakes them: timers, threads, descriptors."""
        if not self.steps_tasks:
            return
        self._try("tasks", declared, _STEPS)

    def test_errors_of_callbacks_and_tasks_do_not_end_it(self, declared: Declared) -> None:
        """They are the user's, and told by asyncio."""
        if not self.steps_tasks:
            return
        self._try("task_errors", declared, _STEPS)

    def test_ctrl_c_brings_it_back_and_does_no_harm(self, declared: Declared) -> None:
        """While the prompt waits, the shell's handler of Ctrl-C only makes the context ready."""
        self._try("interrupt", declared)

    def test_other_signals_do_not_end_it(self, declared: Declared) -> None:
        """Handlers of the user's run in between."""
        self._try("other_signals", declared)

    def test_cells_have_no_running_loop_after_it(self, declared: Declared) -> None:
        """``asyncio.run()`` and ``await`` work in cells as ever."""
        self._try("cells", declared)

    def test_the_shell_waits_in_it_once_it_is_chosen(self, declared: Declared) -> None:
        """By ``get_ipython().enable_gui(NAME)``, once and again."""
        self._try("chosen", declared)

    def _try(self, trial: str, declared: Declared, todo: str = _HUNG) -> None:
        if self.needs and find_spec(self.needs) is None:
            pytest.skip(f"{self.needs} is not installed here")
        given = {
            "path": [os.path.abspath(each) for each in sys.path],
            "plugin": declared,
            "deadline": self.deadline,
        }
        try:
            done = subprocess.run(
                [sys.executable, "-P", str(_PROGRAM), trial, json.dumps(given)],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=self.deadline * 6,
            )
        except subprocess.TimeoutExpired as late:
            out = (
                late.stdout.decode(errors="replace") if isinstance(late.stdout, bytes) else late.stdout or ""
            )
            self.fail(f"the process did not end {self.deadline * 6:g} s after: {_stage(out)}.", todo)
        self._judge(done, todo)

    def _judge(self, done: subprocess.CompletedProcess[str], hung: str) -> None:
        if done.returncode == FAULT:
            what, todo = json.loads(done.stdout.splitlines()[-1])
            self.fail(what, f"{todo}\n{done.stderr}".rstrip())
        stage = _stage(done.stdout)
        if done.returncode and "Timeout (" in done.stderr:
            self.fail(
                f"it did not come back within {self.deadline:g} s: {stage}.\n{_stack(done.stderr)}", hung
            )
        self.check(
            done.returncode == 0,
            f"the process ended with status {done.returncode}: {stage}.\n{done.stderr}",
            "Nothing may end the process: neither a signal, nor sys.exit(), nor an error in the toolkit.",
        )


def _stage(output: str) -> str:
    """Give what the process did last."""
    stages = [line.removeprefix(STAGE) for line in output.splitlines() if line.startswith(STAGE)]
    return stages[-1] if stages else "it was being started"


def _stack(text: str) -> str:
    """Give where the process stood, without the frames of the trial."""
    lines = text.partition("Timeout (")[2].splitlines()[1:]
    return "\n".join(line for line in lines if _PROGRAM.name not in line)
