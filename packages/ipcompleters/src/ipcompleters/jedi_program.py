"""What runs in the process of static analysis: answers questions about texts by jedi, one per line.

Started by its path, so that it imports nothing of the package and nothing of the shell. It ends when
its input ends, when nothing is asked for a while, and when one answer takes too long.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import Any, Final

#: Seconds that one answer may take, and that the process waits for the next question.
ANSWERING: Final = 10
IDLE: Final = 90

#: Names that are given of one place, and signatures that are looked up of these.
_MOST_NAMES: Final = 500
_MOST_SIGNATURES: Final = 20


class Limit:
    """Ends the process when time is up, also where C code does not come back."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None
        if hasattr(signal, "alarm"):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])

    def set(self, seconds: int) -> None:
        """Begin to count anew."""
        if hasattr(signal, "alarm"):
            signal.alarm(seconds)
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, os._exit, (1,))
        self._timer.daemon = True
        self._timer.start()


def names(question: dict[str, Any]) -> list[list[str]]:
    """Give name, type and signature of what may stand at a place of a text.

    :param question: ``text``, ``line`` from 1 on, ``column``, ``fuzzy``, ``path`` of imports, ``folder``.
    """
    import jedi  # type: ignore[import-untyped,import-not-found,unused-ignore]

    script = jedi.Script(
        question["text"],
        environment=jedi.InterpreterEnvironment(),  # this process: there is no need of one more
        project=jedi.Project(question["folder"], sys_path=question["path"], smart_sys_path=False),
    )
    found = script.complete(question["line"], question["column"], fuzzy=question["fuzzy"])
    given = []
    for each in found[:_MOST_NAMES]:
        kind = each.type
        signature = ""
        if kind in ("function", "class") and len(found) <= _MOST_SIGNATURES:
            signature = _signature(each)
        given.append([each.name_with_symbols, kind, signature])
    return given


def _signature(name: Any) -> str:
    try:
        for each in name.get_signatures():
            text: str = each.to_string()
            return text[text.index("(") :] if "(" in text else ""
    except Exception:  # jedi raises of many kinds; the name itself is good
        return ""
    return ""


def main() -> None:
    """Answer until there is nothing more to answer."""
    questions = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no answer
    limit = Limit()
    limit.set(ANSWERING)
    sys.path[:] = json.loads(questions.readline())
    import jedi  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: F401

    sys.setrecursionlimit(max(3000, sys.getrecursionlimit()))
    answers.write(b'"ready"\n')
    while True:
        limit.set(IDLE)
        line = questions.readline()
        if not line:
            os._exit(0)
        limit.set(ANSWERING)
        found: list[list[str]]
        try:
            found = names(json.loads(line))
        except Exception:  # jedi does not bear every text
            found = []
        answers.write(json.dumps(found).encode() + b"\n")


if __name__ == "__main__":
    main()
