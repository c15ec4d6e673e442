"""A session at a terminal in which each piece of the template is used."""

from __future__ import annotations

import re
import time
from types import TracebackType
from typing import Final

import pexpect

from tests.template.environments import Project

#: The pieces that are used, as tables name them.
PIECES: Final = ("line magic", "cell magic", "completion", "notation", "input hook")

#: Seconds for one answer.
PATIENCE: Final = 30


class Session:
    """A shell at a terminal, started in an installed project's environment."""

    def __init__(self, project: Project, *options: str) -> None:
        environment = project.environment
        self.project = project
        self._child = pexpect.spawn(
            environment.python,
            ["-m", "ipcore", "--no-banner", *options],
            cwd=str(environment.folder / "work"),
            env=environment.env,
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(40, 200),
        )
        self.shown = ""
        self._number = 0
        self.until(r"In \[1\]: ")

    def until(self, pattern: str) -> str:
        """Wait until something is shown; give what came before it."""
        try:
            self._child.expect(pattern)
        except (pexpect.TIMEOUT, pexpect.EOF):
            raise AssertionError(f"{pattern!r} was not shown:\n{self.shown}{self._child.before}") from None
        return self._take()

    def _take(self) -> str:
        before = str(self._child.before)
        shown = before + str(self._child.after)
        self.shown += shown
        self._number = max([self._number, *map(int, re.findall(r"In \[(\d+)\]: ", shown))])
        return before.replace("\r\n", "\n")

    def enter(self, *lines: str) -> str:
        """Type a cell; give what is shown until the next prompt."""
        for line in lines:
            self._child.send(f"{line}\r")
        # That of this cell may be painted anew.
        return self.until(rf"In \[{self._number + 1}\]: ")

    def press(self, keys: str) -> None:
        """Press keys, and wait for nothing."""
        self._child.send(keys)

    def interrupt_until(self, pattern: str) -> str:
        """Press Ctrl-C, again and again, until something is shown; give what came before it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._child.sendintr()
            if self._child.expect([pattern, pexpect.TIMEOUT], timeout=0.3) == 0:
                return self._take()
        raise AssertionError(f"{pattern!r} was not shown:\n{self.shown}{self._child.before}")

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.close(force=True)


def working(session: Session, *, hook: bool = True) -> list[str]:
    """Use every piece as a person would, and give those that work.

    :param hook: whether to wait for what the input hook shows; else it is not tried.
    """
    name = session.project.package
    value = {
        "line magic": _value(session.enter(f"%{name} 1h alpha")),
        "cell magic": _value(session.enter(f"%%{name} 1h", "beta", "gamma", "")),
        # Tab makes "25m" of "2"; without it this is no reminder.
        "completion": _value(session.enter(f"%{name} 2\t delta")),
        "notation": _value(session.enter("in 1h, epsilon")),
        "input hook": "",
    }
    if hook:
        session.enter(f'get_ipython().enable_gui("{name}")')
        module = f'__import__("{name}.reminders").reminders'
        session.enter(f'{module}.Reminders.of(get_ipython()).add("0s ze" + "ta")')
        session.until("zeta")
        value["input hook"] = "zeta"
    # Whatever is broken, Python goes on.
    assert "Out" in session.enter("6 * 7")
    words = dict(zip(PIECES, ("alpha", r"beta\ngamma", "delta", "epsilon", "zeta"), strict=True))
    return [piece for piece in PIECES if words[piece] in value[piece]]


def _value(shown: str) -> str:
    return "".join(re.findall(r"^Out\[\d+\]: (.*)$", shown, re.MULTILINE))
