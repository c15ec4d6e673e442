"""Run sessions in one shell and tell what a user would have noticed.

    python comparison/observe.py ipshell|ipython < sessions.json > observations.json

Each session runs in a forked child with a fresh shell, so that none sees what another
did. What a session prints is read from the descriptors, children's output included.
Tracebacks are left out: the error's name, text and phase are told instead. POSIX only.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

#: Seconds that one session may take.
DEADLINE = 20

#: How a cell is to be run, by the mark in front of it.
MODES: dict[str, dict[str, Any]] = {
    "": {"store_history": True},
    "silent": {"silent": True},
    "unstored": {"store_history": False},
}


def make_ipshell() -> Any:
    """Make our shell, with tracebacks left to the observer."""
    import types

    from ipcore.shell import InteractiveShell

    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    shell = InteractiveShell(user_module=module)
    shell.start()
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    return shell


def make_ipython() -> Any:
    """Make the peer's, with tracebacks left to the observer."""
    import types

    from IPython.terminal.interactiveshell import TerminalInteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.TerminalInteractiveShell.simple_prompt = True
    config.TerminalInteractiveShell.colors = "nocolor"
    config.PlainTextFormatter.pprint = False
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    shell = TerminalInteractiveShell.instance(config=config, user_module=module)
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    return shell


MAKERS: dict[str, Callable[[], Any]] = {"ipshell": make_ipshell, "ipython": make_ipython}


def error_of(result: Any) -> list[str] | None:
    """Give the phase, the name and the text of what a cell failed with."""
    for phase in ("before", "in"):
        error = result.error_before_exec if phase == "before" else result.error_in_exec
        if error is not None:
            # SyntaxError tells file and line too, and those have names of their own here and there.
            text = error.msg if isinstance(error, SyntaxError) else str(error)
            return [phase, type(error).__name__, re.sub(r"0x[0-9a-f]+", "0x", str(text))]
    return None


def check(shell: Any, source: str) -> tuple[str, object]:
    """Ask whether a text is complete, and how far the next line is indented."""
    if hasattr(shell, "check_complete"):
        status, indent = shell.check_complete(source)
        return status, len(indent or "") if status == "incomplete" else None
    from ipcore.cells.completeness import check_complete

    return check_complete(source, lambda text: shell.transform(text, side_effects=False))


def run_session(make: Callable[[], Any], cells: list[list[str]], folder: Path) -> list[dict[str, Any]]:
    """Run the cells of one session in this process; its descriptors 1 and 2 go to files."""
    for descriptor, name in ((1, "out"), (2, "err")):
        file = os.open(folder / name, os.O_RDWR | os.O_CREAT)
        os.dup2(file, descriptor)
        os.close(file)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    os.chdir(tempfile.mkdtemp(dir=folder))
    shell = make()
    told: list[dict[str, Any]] = []
    for mode, source in cells:
        for descriptor in (1, 2):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
        if mode == "check":
            told.append({"status": list(check(shell, source))})
            continue
        result = shell.run_cell(source, **MODES[mode])
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = ((folder / name).read_text("utf-8", "replace") for name in ("out", "err"))
        told.append(
            {
                "result": described(result.result),
                "out": normal(out),
                "err": normal(err),
                "error": error_of(result),
                "success": result.success,
                "next": shell.execution_count,
            }
        )
    return told


def described(value: object) -> str:
    """Give a value's repr, without addresses."""
    try:
        return re.sub(r"0x[0-9a-f]+", "0x", repr(value))
    except Exception as error:  # the session's own: a repr that fails is part of some
        return f"<its repr raises {type(error).__name__}>"


def normal(text: str) -> str:
    """Leave out what differs between two runs of the same shell."""
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return re.sub(r"\x1b\[[0-9;]*m", "", text).strip("\n")


def in_child(make: Callable[[], Any], cells: list[list[str]]) -> list[dict[str, Any]] | str:
    """Run a session in a forked child; a text says what kept it from its end."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer")
        child = os.fork()
        if child == 0:
            signal.alarm(DEADLINE)
            status = 1
            try:
                answer.write_text(json.dumps(run_session(make, cells, Path(folder))), encoding="utf-8")
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        if status or not answer.exists():
            return f"the session ended with status {status}"
        told: list[dict[str, Any]] = json.loads(answer.read_text("utf-8"))
        return told


def main() -> None:
    """Answer on standard output; sessions print to files of their own."""
    make = MAKERS[sys.argv[1]]
    # Once, here: the children inherit it.
    import_module({"ipshell": "ipcore.shell", "ipython": "IPython.terminal.interactiveshell"}[sys.argv[1]])
    sessions = json.load(sys.stdin)
    json.dump({name: in_child(make, cells) for name, cells in sessions.items()}, sys.stdout)


if __name__ == "__main__":
    main()
