"""That something is not imported, proved in a process of its own."""

from __future__ import annotations

import linecache
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import import_watch

#: On Windows, pipes are not in UTF-8 by themselves.
SPOKEN = {"PYTHONIOENCODING": "utf-8"} if sys.platform == "win32" else {}

#: Of those that an import goes back to, this many are shown.
_MOST = 12

#: These have coverage begin with the process, and import much.
_MEASURING = ("COVERAGE_PROCESS_", "COV_CORE_")


def assert_lazy(
    code_or_arguments: str | Sequence[str],
    without: str | Iterable[str],
    *,
    typed: str = "",
    status: int = 0,
    timeout: float = 60,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run something in a process of its own, and fail if it imports what it should not.

    An import that fails counts too: on another machine it would not. Importing ``a.b`` imports ``a``.

    :param code_or_arguments: Python code; or the words after ``ipshell``, ``["plugins", "list"]``.
    :param without: the modules that are not to be imported.
    :param typed: what it reads from standard input.
    :param status: the exit status that it is to end with.
    :param timeout: seconds that it may take.
    :param environment: variables that are set besides.
    :returns: the process: ``returncode``, ``stdout`` and ``stderr``.
    :raises AssertionError: if one was imported, naming who did it first; or if it ended with another status.
    """
    __tracebackhide__ = True
    if isinstance(code_or_arguments, str):
        code = textwrap.dedent(code_or_arguments)
        words = ["code", code]
        what = code.strip() if "\n" not in code.strip() else "the code"
    else:
        words = ["ipshell", *code_or_arguments]
        what = " ".join(words)
    names = [without] if isinstance(without, str) else list(without)
    with tempfile.TemporaryDirectory(prefix="ipshell-lazy-") as folder:
        report = Path(folder) / "report"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_MEASURING)}
        try:
            done = subprocess.run(
                [sys.executable, import_watch.__file__, str(report), ",".join(names), *words],
                # Not the user's own configuration.
                env={"IPSHELL_HOME": folder, **kept, **SPOKEN, **environment},
                input=typed,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{what} did not end within {timeout:g} s") from None
        lines = report.read_text(encoding="utf-8").split("\n")[:-1] if report.exists() else []
    if lines:
        raise AssertionError("\n".join(_told(what, *line.split(import_watch.FIELD)) for line in lines))
    if done.returncode != status:
        raise AssertionError(
            f"{what} ended with status {done.returncode}, so it shows nothing\n"
            f"-- standard error:\n{textwrap.indent(done.stderr.strip() or '(nothing)', '    ')}\n"
            f"-- standard output:\n{textwrap.indent(done.stdout.strip() or '(nothing)', '    ')}"
        )
    return done


def _told(what: str, name: str, *places: str) -> str:
    if not places:
        return f"{name} is imported by the start of Python itself here, so nothing can be told of it"
    lines = [f"{what} imports {name}:"]
    for at, place in enumerate(places[:_MOST]):
        file, number, function = place.split(import_watch.PART)
        source = linecache.getline(file, int(number)).strip()
        lines.append(
            f"  {'' if at == 0 else 'from '}{file}:{number} in {function}{f': {source}' if source else ''}"
        )
    if len(places) > _MOST:
        lines.append(f"  and {len(places) - _MOST} more")
    return "\n".join(lines)
