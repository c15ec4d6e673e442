"""A session at a terminal in which each piece of the template is used."""

from __future__ import annotations

import re
import time
from typing import Final

from ipcore.testing import NotSeen, Terminal
from tests.template.environments import Project

#: The pieces that are used, as tables name them.
PIECES: Final = ("line magic", "cell magic", "completion", "notation", "input hook")


class Session:
    """A shell at a terminal, started in an installed project's environment.

    :param options: those of the shell.
    """

    def __init__(self, project: Project, *options: str) -> None:
        environment = project.environment
        self.project = project
        # So large that a session is on one screen, and each line in one row.
        self._terminal = Terminal(
            [environment.python, "-m", "ipcore", "--no-banner", *options],
            cwd=environment.folder / "work",
            env=environment.env,
            rows=200,
            columns=1000,
        )
        self.prompt(1)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self._terminal.close()

    @property
    def shown(self) -> str:
        """All that has been shown."""
        return "\n".join(self._terminal.lines)

    def prompt(self, number: int) -> None:
        """Wait for the empty prompt of a cell."""
        self._terminal.wait_for_prompt(number)
        self._number = number

    def enter(self, *lines: str) -> str:
        """Type a cell; give its value as it is shown, empty if there is none."""
        self.press("".join(f"{line}\r" for line in lines))
        self.prompt(self._number + 1)
        value = re.search(rf"^Out\[{self._number - 1}\]: (.*)$", self.shown, re.MULTILINE)
        return value[1] if value is not None else ""

    def press(self, keys: str) -> None:
        """Press keys, and wait for nothing."""
        self._terminal.type(keys)

    def wait(self, pattern: str, times: int = 1) -> None:
        """Wait until something has been shown so often."""
        self._terminal.wait_for(
            lambda lines: len(re.findall(pattern, "\n".join(lines))) >= times, f"{pattern!r}, {times} times"
        )

    def interrupt(self, pattern: str, times: int = 1) -> None:
        """Press Ctrl-C, again and again, until something has been shown so often."""
        end = time.monotonic() + self._terminal.deadline
        while time.monotonic() < end and len(re.findall(pattern, self.shown)) < times:
            self._terminal.press("ctrl-c")
            try:
                self._terminal.wait_for(
                    lambda lines: len(re.findall(pattern, "\n".join(lines))) >= times, deadline=0.3
                )
            except NotSeen:
                continue
        self.wait(pattern, times)


def working(session: Session, *, hook: bool = True) -> list[str]:
    """Use every piece as a person would, and give those that work.

    :param hook: whether to wait for what the input hook shows; else it is not tried.
    """
    name = session.project.package
    values = {
        "line magic": (session.enter(f"%{name} 1h alpha"), "'alpha'"),
        "cell magic": (session.enter(f"%%{name} 1h", "beta", "gamma", ""), r"'beta\ngamma'"),
        # Tab makes "25m" of "2"; without it this is no reminder.
        "completion": (session.enter(f"%{name} 2\t delta"), "'delta'"),
        "notation": (session.enter("in 1h, epsilon"), "'epsilon'"),
    }
    if hook:
        session.enter(f'get_ipython().enable_gui("{name}")')
        module = f'__import__("{name}.reminders").reminders'
        session.enter(f'{module}.Reminders.of(get_ipython()).add("0s ze" + "ta");')
        session.wait(r"(?m)^zeta$")
        values["input hook"] = ("zeta", "zeta")
    # Whatever is broken, Python goes on.
    assert session.enter("6 * 7") == "42"
    return [piece for piece in PIECES if piece in values and values[piece][0] == values[piece][1]]
