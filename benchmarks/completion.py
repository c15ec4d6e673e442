"""What a completion costs: ipshell beside IPython with and without jedi, in one run.

Run it with a Python that has ipshell, jedi, IPython, numpy and pandas installed:

    python benchmarks/completion.py [--rounds N] [--strict]

Each contestant is a process of its own that is asked for one figure after the other, in turn, so that a
machine whose speed drifts treats all alike; quote the ratios. There are two tables. ``provider alone`` is the
slowest of those that answer, asked alone, its answer read to the end. ``whole`` is all that stands between
the text and the list that is shown: all providers on threads, what they give checked, merged and sorted.
Both are held against IPython's whole answer. Cold figures are the first of their kind in a process, but for
that of a folder, which changes before each. A bar in brackets is not reached, and fails nothing.
Without ``--strict`` nothing fails.
"""

from __future__ import annotations

import argparse
import gc
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


class Bars(NamedTuple):
    """What a figure may be at most, as a ratio to IPython."""

    without_jedi: float | None = None
    with_jedi: float | None = None
    #: Whether they are reached, so that to miss one is a fault.
    hold: bool = True


class Figure(NamedTuple):
    """A text that is completed, and what it may cost."""

    text: str
    milliseconds: float
    alone: Bars = Bars()
    whole: Bars = Bars()


#: In this order: the first is the first of a process, and the names come last.
FIGURES: Final = {
    "first of a process": Figure("os.pa", 15),
    "os.pa": Figure("os.pa", 0.2, Bars(0.8, 0.05), Bars(0.8)),
    "np.": Figure("np.", 0.8, Bars(0.4), Bars(0.4)),
    "df.": Figure("df.", 0.6, Bars(0.4), Bars(0.4, hold=False)),
    "1,000 keys": Figure("keys['", 0.7, Bars(0.15), Bars(0.15, hold=False)),
    "10,000 files, cold": Figure("open('file_", 5, Bars(0.4), Bars(0.4)),
    "10,000 files": Figure("open('file_", 0.5, Bars(0.4), Bars(0.4)),
    "import , cold": Figure("import ", 10),
    "import ": Figure("import ", 1),
    "from os import ": Figure("from os import ", 0.5),
    "10,000 names": Figure("name_", 1, Bars(0.05), Bars(0.05, hold=False)),
}
#: Those that are taken once in a process, and those before which the folder changes.
ONCE: Final = ("first of a process", "import , cold")
CHANGED: Final = ("10,000 files, cold",)

#: Times that a warm figure is taken in one round, fewer if it takes long; the best counts. A thread that is
#: woken waits while the machine is busy, so a few are not enough.
TIMES: Final = 60
FEWEST: Final = 7
SECONDS: Final = 0.3


def taken(complete: Callable[[], object]) -> float:
    """Tell how many milliseconds a call takes."""
    began = time.perf_counter()
    complete()
    return (time.perf_counter() - began) * 1000


# -- the contestants, each in a process of its own ---------------------------------------


def serve(
    complete: Callable[[str], object],
    alone: Callable[[str, Callable[[], object]], float],
    names: dict[str, Any],
) -> None:
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
        gc.collect()  # what was done before must not be paid for here
        before = _change_folder if figure in CHANGED else _nothing
        cpu = time.process_time()
        whole = best(partial(complete, text), 1 if figure in ONCE else TIMES, before)
        cpu = (time.process_time() - cpu) * 1000
        # Of what can be done but once, the CPU time: the machine does other things too.
        print(json.dumps([whole, cpu if figure in ONCE else alone(text, before)]), file=answers)


def best(call: Callable[[], object], times: int, before: Callable[[], object]) -> float:
    """Give the fewest milliseconds that a call takes."""
    found: list[float] = []
    while len(found) < times and (len(found) < FEWEST or sum(found) < SECONDS * 1000):
        before()
        found.append(taken(call))
    return min(found)


def _change_folder() -> None:
    os.utime(".")


def _nothing() -> None:
    pass


def serve_ipshell(shell: Any) -> None:
    """Answer for our shell; called in it."""
    from ipcore.types.completion import CompletionRequest

    shell.user_ns.update(exec_setup())

    def alone(text: str, before: Callable[[], object]) -> float:
        slowest = 0.0
        for source in shell.completer._asked_now(lambda name: name != "jedi"):

            def ask(provider: Any = source.provider) -> list[Any]:
                request = CompletionRequest(text, len(text), objects=shell.completer.objects)
                return list(provider.complete(request) or ())

            if source.may_answer(text) and ask():
                slowest = max(slowest, best(ask, TIMES, before))
        return slowest

    serve(lambda text: shell.completer.completions(text, trigger="tab"), alone, shell.user_ns)


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

    serve(complete, lambda text, before: best(partial(complete, text), TIMES, before), shell.user_ns)


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
    """Print the tables; give what is above its bar."""
    missed = []
    for title, column in (("provider alone", 1), ("whole", 0)):
        print(f"{title:20} {'ms':>8} {'guide':>6}", end="")
        print(f" {'IPython':>8} {'ratio':>6} {'bar':>6} {'with jedi':>9} {'ratio':>6} {'bar':>6}")
        for name, kinds in found.items():
            if column == 1 and name in ONCE:
                continue
            figure = FIGURES[name]
            bars = figure.alone if column == 1 else figure.whole
            ours = kinds["ipshell"][column]
            line = f"{name:20} {ours:8.2f} {figure.milliseconds:6g}"
            for kind, width, bar in (
                ("without jedi", 8, bars.without_jedi),
                ("with jedi", 9, bars.with_jedi),
            ):
                ratio = ours / kinds[kind][0]
                shown = "" if bar is None else f"{bar:g}" if bars.hold else f"({bar:g})"
                line += f" {kinds[kind][0]:{width}.2f} {ratio:6.3f} {shown:>6}"
                if bar is not None and ratio > bar and bars.hold:
                    missed.append(f"{title}, {name}: {ratio:.3f} of IPython {kind}, more than {bar:g}")
            print(line)
        print()
    for name in ONCE:
        print(f"{name}, CPU: " + ", ".join(f"{kind} {found[name][kind][1]:.1f} ms" for kind in KINDS))
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
