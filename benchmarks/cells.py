"""What a cell costs: ipshell beside IPython and bare Python, in one run.

Run it with a Python that has ipshell and IPython installed:

    python benchmarks/cells.py [--rounds N] [--idle SECONDS] [--strict]

Each contestant is a process of its own that is asked for one batch of timings after the
other, in turn, so that a machine whose speed drifts treats all alike; quote the ratios.
History is off everywhere, and output goes to memory. Without ``--strict`` only what does
not depend on the machine (compilations and hook calls a cell) decides the exit status.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

#: A cell of 200 lines such as a person has: functions, loops, calls, a class, comments.
LONG = "\n".join(
    f"def f{n}(a, b=1):\n    # add them up\n    if a > b:\n        return a - b\n    return a + b\n"
    f"x{n} = [f{n}(i) for i in range(3)]\ny{n} = {{'k': x{n}, 'n': {n}}}\nz{n} = sum(x{n}) + {n}\n"
    f"assert z{n} >= {n}, 'less'\ndel y{n}"
    for n in range(20)
)
PLAIN = [f"value_{n} = compute({n}, 'text', key={n}) + other[{n}]  # {n}" for n in range(1000)]
MAGICS = [f"%timeit value_{n}" if n % 10 == 5 else PLAIN[n] for n in range(100)]

#: Source by figure. A figure is one cell, or a text to be transformed or judged.
CELLS = {
    "pass": "pass",
    "1+1": "1+1",
    "1+1;": "1+1;",
    "x = 1": "x = 1",
    "200 lines": LONG,
    "200 lines and a value": LONG + "\nz19",
    "await": "await asyncio.sleep(0)",
}
TEXTS = {
    "1 plain line": PLAIN[0] + "\n",
    "10 plain lines": "\n".join(PLAIN[:10]) + "\n",
    "100 plain lines": "\n".join(PLAIN[:100]) + "\n",
    "1000 plain lines": "\n".join(PLAIN) + "\n",
    "100 lines, 10 magics": "\n".join(MAGICS) + "\n",
    "%timeit x": "%timeit x\n",
    "!ls": "!ls\n",
    "obj?": "obj?\n",
    "%%cell of 100 lines": "%%timeit\n" + "\n".join(PLAIN[:100]) + "\n",
}
COMPLETENESS = "complete? 1000 lines"


class Bar(NamedTuple):
    """What a figure is to reach."""

    figure: str
    peer: str
    most: float


BARS = [
    Bar("pass", "ipython", 0.25),
    Bar("1+1", "ipython", 0.2),
    Bar("200 lines", "python", 1.8),
    Bar("await", "ipython", 0.35),
    Bar("1000 plain lines", "ipython", 0.05),
    Bar("100 lines, 10 magics", "ipython", 0.2),
    Bar("%timeit x", "ipython", 0.2),
    Bar("!ls", "ipython", 0.2),
    Bar("obj?", "ipython", 0.2),
    Bar("%%cell of 100 lines", "ipython", 0.2),
    Bar(COMPLETENESS, "python", 1.3),
]
#: Of the median; for these cells, in ipshell.
MOST_P99 = 3.0
MOST_PARSES, MOST_COMPILES, MOST_HOOKS = 1, 2, 6
#: Milliseconds of processor time that an idle prompt may take in a minute.
MOST_IDLE_MS = 50.0


# -- the contestants, each in a process of its own --------------------------------


class Contestant(ABC):
    """What is timed: gives a function without arguments for each figure."""

    @abstractmethod
    def cell(self, source: str) -> Callable[[], object]:
        """Run a cell as at a prompt, without history."""

    def text(self, source: str) -> Callable[[], object] | None:
        """Transform a text into Python."""
        return None

    def completeness(self, source: str) -> Callable[[], object] | None:
        """Judge a text, another one at each call, as a remembered answer costs nothing."""
        return None


class Python(Contestant):
    """Compiling and executing, and nothing else."""

    def __init__(self) -> None:
        import asyncio

        self.names: dict[str, Any] = {"asyncio": asyncio}
        self.loop = asyncio.new_event_loop()

    def cell(self, source: str) -> Callable[[], object]:
        names, mode = self.names, "single" if "\n" not in source else "exec"
        if source.startswith("await"):

            def awaited() -> None:
                code = compile(source, "<cell>", mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
                self.loop.run_until_complete(eval(code, names))

            return awaited
        return lambda: exec(compile(source, "<cell>", mode), names)

    def completeness(self, source: str) -> Callable[[], object]:
        texts = varied(source)
        return lambda: compile(next(texts), "<cell>", "exec")


class IPShell(Contestant):
    """The shell of the core."""

    def __init__(self) -> None:
        from ipcore.shell import InteractiveShell

        self.shell = InteractiveShell()
        self.shell.start()
        self.shell.run_cell("import asyncio")

    def cell(self, source: str) -> Callable[[], object]:
        run = self.shell.run_cell
        return lambda: run(source)

    def text(self, source: str) -> Callable[[], object]:
        return lambda: self.shell.transform(source)

    def completeness(self, source: str) -> Callable[[], object]:
        from ipcore.cells.completeness import check_complete

        texts = varied(source)

        def transform(text: str) -> str:
            return self.shell.transform(text, side_effects=False)

        return lambda: check_complete(next(texts), transform)

    def counts(self, source: str) -> dict[str, int]:
        """Count what happens in one cell."""
        import pluggy

        hook_calls = {pluggy.HookCaller.__call__.__code__, pluggy.HookCaller.call_extra.__code__}
        counted = dict.fromkeys(("parses", "compilations", "hook calls"), 0)
        original = builtins.compile

        def watch(frame: Any, event: str, what: Any) -> None:
            if event == "call" and frame.f_code in hook_calls:
                counted["hook calls"] += 1

        def counting(text: Any, name: str, mode: str, flags: int = 0, *rest: Any, **named: Any) -> Any:
            counted["parses" if flags & ast.PyCF_ONLY_AST else "compilations"] += 1
            return original(text, name, mode, flags, *rest, **named)

        self.shell.run_cell(source)
        builtins.__dict__["compile"] = counting
        sys.setprofile(watch)
        try:
            self.shell.run_cell(source)
        finally:
            sys.setprofile(None)
            builtins.__dict__["compile"] = original
        return counted


class IPython(Contestant):
    """The peer."""

    def __init__(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        config = Config()
        config.HistoryManager.enabled = False
        self.shell = InteractiveShell.instance(config=config)
        self.shell.run_cell("import asyncio")

    def cell(self, source: str) -> Callable[[], object]:
        run = self.shell.run_cell
        return lambda: run(source)

    def text(self, source: str) -> Callable[[], object]:
        return lambda: self.shell.transform_cell(source)

    def completeness(self, source: str) -> Callable[[], object]:
        texts = varied(source)
        return lambda: self.shell.check_complete(next(texts))


def varied(source: str) -> Iterator[str]:
    """Give a text again and again, each time a little different."""
    number = 0
    while True:
        number += 1
        yield f"{source}extra = {number}\n"


def work(name: str) -> None:
    """Answer requests, one JSON text a line, until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = io.StringIO()
    kinds: dict[str, type[Python] | type[IPShell] | type[IPython]]
    kinds = {"python": Python, "ipshell": IPShell, "ipython": IPython}
    contestant = kinds[name]()
    prepared: dict[str, Callable[[], object] | None] = {}
    for line in sys.stdin:
        figure, calls = json.loads(line)
        if figure == "counts":
            assert isinstance(contestant, IPShell)
            answer: Any = {each: contestant.counts(source) for each, source in CELLS.items()}
        else:
            if figure not in prepared:
                prepared[figure] = prepare(contestant, figure)
            answer = timings(prepared[figure], calls)
            sys.stdout.seek(0)
            sys.stdout.truncate()
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def prepare(contestant: Contestant, figure: str) -> Callable[[], object] | None:
    if figure in CELLS:
        return contestant.cell(CELLS[figure])
    if figure == COMPLETENESS:
        return contestant.completeness(TEXTS["1000 plain lines"])
    return contestant.text(TEXTS[figure])


def timings(function: Callable[[], object] | None, calls: int) -> list[float]:
    """Time single calls, in microseconds; the first ones do not count, another process has run before."""
    taken: list[float] = []
    if function is None:
        return taken
    for _ in range(max(1, calls // 10)):
        function()
    for _ in range(calls):
        began = time.perf_counter_ns()
        function()
        taken.append((time.perf_counter_ns() - began) / 1000)
    return taken


# -- the run ----------------------------------------------------------------------


class Worker:
    """A contestant's process."""

    def __init__(self, name: str, environment: dict[str, str]) -> None:
        command = [sys.executable, __file__, "--worker", name]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, figure: str, calls: int = 0) -> Any:
        """Have one batch timed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([figure, calls]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"a contestant ended with {self._process.wait(10)}")
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)


@contextmanager
def contestants(environment: dict[str, str]) -> Iterator[dict[str, Worker]]:
    with ExitStack() as stack:
        workers = {}
        for name in ("python", "ipshell", "ipython"):
            workers[name] = Worker(name, environment)
            stack.callback(workers[name].close)
        yield workers


def measure(workers: dict[str, Worker], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Time every figure of every contestant, in turn; the first round does not count."""
    figures = [*CELLS, *TEXTS, COMPLETENESS]
    taken: dict[str, dict[str, list[float]]] = {figure: {name: [] for name in workers} for figure in figures}
    for number in range(rounds + 1):
        for figure in figures:
            slow = any(word in figure for word in ("200", "1000"))
            for name, worker in workers.items():
                batch = worker.ask(figure, 4 if slow else 60)
                if number:
                    taken[figure][name] += batch
    return taken


def idle_ms(environment: dict[str, str], seconds: float) -> float:
    """Give the processor time, in milliseconds a minute, of a shell whose prompt waits."""
    import pexpect

    child = pexpect.spawn(sys.executable, ["-m", "ipcore"], env=environment, timeout=20)
    try:
        child.expect(r"In \[1\]: ")
        child.sendline("import asyncio; await asyncio.sleep(0)")  # from now on there is a loop to turn
        child.expect(r"In \[2\]: ")
        time.sleep(1)
        began = processor_time(child.pid)
        time.sleep(seconds)
        return 1000 * (processor_time(child.pid) - began) * 60 / seconds
    finally:
        child.close(force=True)


def processor_time(process: int) -> float:
    """Give the seconds of processor time that a process has had so far; Linux only."""
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(taken: dict[str, dict[str, list[float]]], counts: dict[str, dict[str, int]]) -> tuple[bool, bool]:
    """Print the tables.

    :returns: whether what is counted is as it should be, and whether the times are.
    """
    print("\n| microseconds, median [p99] | python | ipshell | ipython | of python | of ipython |")
    print("|---|---|---|---|---|---|")
    middle = {
        figure: {name: statistics.median(times) if times else float("nan") for name, times in by.items()}
        for figure, by in taken.items()
    }
    tails = {figure: percentile(by["ipshell"], 0.99) for figure, by in taken.items()}
    for figure, by in middle.items():
        ours = by["ipshell"]
        print(
            f"| {figure} | {by['python']:.1f} | {ours:.1f} [{tails[figure]:.1f}] | {by['ipython']:.1f} "
            f"| {ours / by['python']:.2f} | {ours / by['ipython']:.3f} |"
        )
    print("\n| figure | now | target | reached |\n|---|---|---|---|")
    good = True
    for bar in BARS:
        ratio = middle[bar.figure]["ipshell"] / middle[bar.figure][bar.peer]
        good &= tell(f"{bar.figure}, of {bar.peer}'s", f"{ratio:.3f}", f"≤ {bar.most}", ratio <= bar.most)
    for figure in ("pass", "1+1", "x = 1", "200 lines", "await"):
        ratio = tails[figure] / middle[figure]["ipshell"]
        good &= tell(f"{figure}, p99 of the median", f"{ratio:.2f}", f"≤ {MOST_P99}", ratio <= MOST_P99)
    counted = True
    for what, most in (("parses", MOST_PARSES), ("compilations", MOST_COMPILES), ("hook calls", MOST_HOOKS)):
        worst = max(by[what] for by in counts.values())
        counted &= tell(f"{what}, most in a cell", str(worst), f"≤ {most}", worst <= most)
    return counted, good


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def tell(what: str, value: str, target: str, reached: bool) -> bool:
    print(f"| {what} | {value} | {target} | {'yes' if reached else 'NO'} |")
    return reached


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="counted batches of each figure")
    parser.add_argument("--idle", type=float, default=0, help="also watch an idle prompt, so many seconds")
    parser.add_argument("--strict", action="store_true", help="fail where a target of time is missed")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker)
        return 0
    with tempfile.TemporaryDirectory() as home:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "IPSHELL"))
        }
        environment |= {"IPSHELL_HOME": f"{home}/ipshell", "IPYTHONDIR": f"{home}/ipython", "TERM": "xterm"}
        with contestants(environment) as workers:
            counts = workers["ipshell"].ask("counts")
            taken = measure(workers, options.rounds)
        print(f"Python {sys.version.split()[0]}, {options.rounds} rounds")
        counted, good = report(taken, counts)
        if options.idle:
            spent = idle_ms(environment, options.idle)
            good &= tell(
                "idle at the prompt, ms of processor a minute",
                f"{spent:.0f}",
                f"< {MOST_IDLE_MS:.0f}",
                spent < MOST_IDLE_MS,
            )
    return 0 if counted and (good or not options.strict) else 1


if __name__ == "__main__":
    sys.exit(main())
