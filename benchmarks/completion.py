"""What a completion costs: ipshell beside IPython with and without jedi, in one run.

Run it with a Python that has ipshell, jedi, IPython, numpy and pandas installed:

    python benchmarks/completion.py [--rounds N] [--strict]

Each contestant is a process of its own that is asked for one figure after the other, in turn, so that a
machine whose speed drifts treats all alike; quote the ratios. ``whole`` is all that stands between the text
and the list that is shown, with all providers on their threads; ``provider`` is the slowest of those
that answer, asked alone. The bars are for that. Cold figures are the first of their kind in a process.
Without ``--strict`` nothing fails.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

SETUP: Final = """
import os
try:
    import numpy as np
    import pandas as pd
    df = pd.DataFrame({f"column_{n}": [1] for n in range(20)})
except ImportError:
    pass
keys = {f"key_{n}": n for n in range(1000)}
"""
NAMES: Final = {f"name_{n}": n for n in range(10_000)}

#: Files in the folder that paths are completed in.
FILES: Final = 10_000


class Figure(NamedTuple):
    """A text that is completed, and what it may cost."""

    text: str
    milliseconds: float
    with_jedi: float | None = None
    without: float | None = None


#: In this order: the first is the first of a process, and the names come last.
FIGURES: Final = {
    "first of a process": Figure("os.pa", 15),
    "os.pa": Figure("os.pa", 0.2, 0.05, 0.8),
    "np.": Figure("np.", 0.8, None, 0.4),
    "df.": Figure("df.", 0.6, None, 0.4),
    "1,000 keys": Figure("keys['", 0.7, None, 0.15),
    "10,000 files, cold": Figure("open('file_", 5, None, 0.4),
    "10,000 files": Figure("open('file_", 0.5),
    "import , cold": Figure("import ", 10),
    "import ": Figure("import ", 1),
    "from os import ": Figure("from os import ", 0.5),
    "10,000 names": Figure("name_", 1, None, 0.05),
}
COLD: Final = ("first of a process", "10,000 files, cold", "import , cold")

#: Times that a warm figure is taken in one round; the best counts.
TIMES: Final = 7


def taken(complete: Callable[[], object]) -> float:
    """Tell how many milliseconds a call takes."""
    began = time.perf_counter()
    complete()
    return (time.perf_counter() - began) * 1000


# -- the contestants, each in a process of its own ---------------------------------------


def serve(complete: Callable[[str], object], alone: Callable[[str], float], names: dict[str, Any]) -> None:
    """Answer questions for figures until there are no more.

    :param alone: gives the milliseconds of the slowest provider that answers.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    print("ready", file=answers)
    for line in sys.stdin:
        figure = line.strip("\n")
        text = FIGURES[figure].text
        if text == "name_":
            names.update(NAMES)
        times = [taken(partial(complete, text)) for _ in range(1 if figure in COLD else TIMES)]
        print(json.dumps([min(times), alone(text) if figure not in COLD else min(times)]), file=answers)


def serve_ipshell(shell: Any) -> None:
    """Answer for our shell; called in it."""
    from ipcore.types.completion import CompletionRequest

    shell.user_ns.update(exec_setup())

    def alone(text: str) -> float:
        slowest = 0.0
        for source in shell.completer._asked_now(lambda name: name != "jedi"):
            times = []
            for _ in range(TIMES):
                request = CompletionRequest(text, len(text), objects=shell.completer.objects)
                times.append(taken(partial(_exhaust, source.provider, request)))
            found = _exhaust(source.provider, request)
            if found:
                slowest = max(slowest, min(times))
        return slowest

    serve(lambda text: shell.completer.completions(text, trigger="tab"), alone, shell.user_ns)


def _exhaust(provider: Any, request: Any) -> list[Any]:
    return list(provider.complete(request) or ())


def serve_ipython(use_jedi: bool) -> None:
    """Answer for IPython, whose completions are those that its prompt shows."""
    from IPython.core.completer import provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.Completer.use_jedi = use_jedi
    shell = InteractiveShell.instance(config=config)
    shell.user_ns.update(exec_setup())

    def complete(text: str) -> object:
        with provisionalcompleter():
            return list(shell.Completer.completions(text, len(text)))

    serve(complete, lambda text: min(taken(lambda: complete(text)) for _ in range(TIMES)), shell.user_ns)


def exec_setup() -> dict[str, Any]:
    """Give the names that both shells have."""
    names: dict[str, Any] = {}
    exec(SETUP, names)
    return names


class Contestant:
    """One process."""

    def __init__(self, kind: str, folder: str) -> None:
        path = str(Path(__file__).resolve())
        command = [sys.executable, path, "--serve", kind]
        if kind == "ipshell":
            start = f"import runpy; runpy.run_path({path!r})['serve_ipshell'](get_ipython())"
            command = [sys.executable, "-m", "ipcore", "-c", start]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        if self._out.readline() != "ready\n":
            raise SystemExit(f"{kind} did not start")

    def measure(self, figure: str) -> list[float]:
        """Give the milliseconds of a figure: whole, and alone."""
        print(figure, file=self._in, flush=True)
        answer: list[float] = json.loads(self._out.readline())
        return answer

    def close(self) -> None:
        """End the process."""
        self._in.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()


KINDS: Final = ("ipshell", "without jedi", "with jedi")


def measured(rounds: int) -> dict[str, dict[str, list[float]]]:
    """Measure all; figure → contestant → median milliseconds, whole and alone."""
    times: dict[str, dict[str, list[list[float]]]] = {name: {kind: [] for kind in KINDS} for name in FIGURES}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            Path(folder, f"file_{number}.txt").touch()
        for _ in range(rounds):
            contestants = {kind: Contestant(kind, folder) for kind in KINDS}
            try:
                for figure in FIGURES:
                    for kind, contestant in contestants.items():
                        times[figure][kind].append(contestant.measure(figure))
            finally:
                for contestant in contestants.values():
                    contestant.close()
    return {
        figure: {
            kind: [statistics.median(column) for column in zip(*rows, strict=True)]
            for kind, rows in kinds.items()
        }
        for figure, kinds in times.items()
    }


def report(found: dict[str, dict[str, list[float]]]) -> list[str]:
    """Print the table; give what is above its bar."""
    missed = []
    print(f"{'milliseconds':20} {'whole':>8} {'provider':>8} {'guide':>6}", end="")
    print(f" {'IPython':>8} {'ratio':>6} {'bar':>5} {'with jedi':>9} {'ratio':>6} {'bar':>5}")
    for name, kinds in found.items():
        figure = FIGURES[name]
        whole, alone = kinds["ipshell"]
        line = f"{name:20} {whole:8.2f} {alone:8.2f} {figure.milliseconds:6g}"
        for kind, width, bar in (("without jedi", 8, figure.without), ("with jedi", 9, figure.with_jedi)):
            theirs = kinds[kind][0]
            ratio = alone / theirs
            line += f" {theirs:{width}.2f} {ratio:6.3f} {bar if bar is not None else '':>5}"
            if bar is not None and ratio > bar:
                missed.append(f"{name}: {ratio:.3f} of IPython {kind}, more than {bar:g}")
        print(line)
    return missed


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="fail if a ratio is above its bar")
    parser.add_argument("--serve", choices=KINDS, help=argparse.SUPPRESS)
    given, _ = parser.parse_known_args()
    if given.serve:
        serve_ipython(given.serve == "with jedi")
        return 0
    missed = report(measured(given.rounds))
    for line in missed:
        print(f"above its bar: {line}")
    return 1 if missed and given.strict else 0


if __name__ == "__main__":
    raise SystemExit(main())
