"""What it costs to type: ipshell beside IPython, ptpython and xonsh, in one run, each in a pseudo-terminal.

Run it with a Python that has ipshell and IPython installed, not in editable mode, on Linux or macOS:

    python benchmarks/terminal.py [--rounds N] [--quick] [--strict] [--peers FOLDER]

ptpython and xonsh are measured if they are there too; the bars are set by IPython alone. In every round
each program is started anew and asked for all figures, in turn, so that a machine whose speed drifts
treats all alike; quote the ratios. A key is timed from the byte that is sent to the end of the first frame
that follows, which is where the cursor is shown again. The terminal has 50 rows and 120 columns, and
answers questions for the cursor's position and its kind at once. Everything is byte-compiled first.
Without ``--strict`` no target fails it, and a peer that cannot be measured is left out.

A key's time has in it what the system lets the program wait for a processor; the slowest keys are hardly
anything else where others work on the same machine. What a key takes of a processor is told beside it.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import sysconfig
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

ROWS, COLUMNS = 50, 120
#: Seconds that anything is waited for, and without output after which a program is at rest.
PATIENCE: Final = 30.0
QUIET: Final = 0.06

LINES: Final = 500
BLOCK: Final = "\n".join(
    f"    total_{number} = compute(alpha, beta_{number}, 'text {number}')  # a comment"
    for number in range(LINES)
)
TEXTS: Final = {
    "one line": "value = compute(al",
    "5 lines": "\n".join(["def function(alpha):", *BLOCK.split("\n")[:4]]),
    "500 lines": "\n".join(["def function(alpha):", *BLOCK.split("\n")[: LINES - 1]]),
}
NAMES: Final = 10_000

SEQUENCES: Final = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f]"
)
MENU: Final = re.compile(rb"name_\d+ +name_\d+")
#: Written with the first frame: from then on an editor is there.
EDITOR: Final = b"\x1b[?7l"
FRAME_END: Final = b"\x1b[?25h"
#: What the terminal is asked, and what it says.
ANSWERS: Final = {
    b"\x1b[6n": b"\x1b[3;1R",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b]11;?": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]10;?": b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
}


class NotSeen(Exception):
    """What a program was to show did not come."""


class Program(NamedTuple):
    """A shell and what is to be known of it."""

    command: list[str]
    #: How its prompt begins.
    prompt: bytes
    #: Whether it completes while one types: Tab then shows nothing new.
    completes_itself: bool = False
    #: Whether nothing can be typed while a completer is at work.
    waits: bool = False


class Terminal:
    """A program in a pseudo-terminal: what is typed, and what was seen since."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.began = time.perf_counter()
        self.pid, self.master = pty.fork()
        if not self.pid:
            try:
                os.execve(command[0], command, environment)
            finally:
                os._exit(127)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.raw = b""
        self._asked = b""

    def read(self, seconds: float) -> bool:
        """Take in what is written within a time. :returns: whether something was."""
        if not select.select([self.master], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return False
        self.raw += data
        self._asked = (self._asked + data)[-4096:]
        for question, answer in ANSWERS.items():
            for _ in range(self._asked.count(question)):
                os.write(self.master, answer)
            self._asked = self._asked.replace(question, b"")
        return True

    def send(self, data: bytes) -> float:
        """Type; what was seen before is forgotten. :returns: when."""
        self.raw = b""
        now = time.perf_counter()
        # No more at once than a terminal holds.
        while data:
            select.select([], [self.master], [], PATIENCE)
            data = data[os.write(self.master, data[:1024]) :]
            while data and self.read(0):
                pass
        return now

    def until(self, seen: Callable[[bytes], object], what: str) -> float:
        """Wait for something to be seen. :returns: when it was."""
        end = time.perf_counter() + PATIENCE
        while not seen(self.raw):
            left = end - time.perf_counter()
            if left < 0 or (not self.read(min(left, 1.0)) and os.waitpid(self.pid, os.WNOHANG)[0]):
                raise NotSeen(f"not seen: {what}; but {SEQUENCES.sub(b'', self.raw)[-500:]!r}")
        return time.perf_counter()

    def text(self, text: bytes) -> float:
        """Wait for a text, with a whole frame."""
        return self.until(lambda raw: text in SEQUENCES.sub(b"", raw) and FRAME_END in raw, repr(text))

    def frame(self) -> float:
        """Wait for the end of a frame."""
        return self.until(lambda raw: FRAME_END in raw, "a frame")

    def rest(self, quiet: float = QUIET) -> None:
        """Wait until nothing is written for a while."""
        end = time.perf_counter() + PATIENCE
        while self.read(quiet) and time.perf_counter() < end:
            pass

    def resident(self) -> float:
        """Give the resident memory in MiB."""
        found = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True, timeout=10
        )
        return int(found.stdout) / 1024

    def processor_ms(self) -> float:
        """Give the processor time used so far; on Linux."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def thread_ms(self) -> float | None:
        """Give the processor time used so far, finely, if the system tells it."""
        try:
            found = [each.read_text("ascii") for each in Path(f"/proc/{self.pid}/task").glob("*/schedstat")]
        except OSError:  # a thread has ended just now
            return None
        return sum(int(text.split()[0]) for text in found) / 1e6 if found else None

    def gone(self) -> float:
        """Wait for the end of the process. :returns: when it was."""
        end = time.perf_counter() + PATIENCE
        while not os.waitpid(self.pid, os.WNOHANG)[0]:
            if time.perf_counter() > end:
                raise NotSeen(f"not seen: the end of the process; but {self.raw[-500:]!r}")
            if not self.read(0.001):  # nor at its end, which comes before that of the process
                time.sleep(0.001)
        self.pid = 0
        return time.perf_counter()

    def close(self) -> None:
        if not self.pid:
            os.close(self.master)
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.master)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


@contextmanager
def started(program: Program, environment: dict[str, str]) -> Iterator[Terminal]:
    """Start a program and wait until it is at rest."""
    terminal = Terminal(program.command, environment)
    try:
        terminal.until(lambda raw: EDITOR in raw, "the editor")
        terminal.rest(0.5)  # what is loaded after it
        yield terminal
    finally:
        terminal.close()


def clear(terminal: Terminal) -> None:
    """Drop what is typed."""
    terminal.rest()
    terminal.send(b"\x03")
    terminal.rest()


def run(terminal: Terminal, program: Program, code: bytes) -> None:
    """Run a line and wait for the next prompt."""
    terminal.send(code)
    terminal.rest()
    terminal.send(b"\r")
    terminal.until(lambda raw: program.prompt[:4] in SEQUENCES.sub(b"", raw), "the next prompt")
    terminal.rest()


def paste(terminal: Terminal, text: str) -> float:
    """Paste a text, marked as pasted. :returns: when."""
    return terminal.send(b"\x1b[200~" + text.replace("\n", "\r").encode() + b"\x1b[201~")


# -- figures -----------------------------------------------------------------------------------

Samples = dict[str, list[float]]


def start_figures(program: Program, environment: dict[str, str], into: Samples) -> None:
    """Measure one start: prompt, first key, editor; then results."""
    terminal = Terminal(program.command, environment)
    try:
        prompt = terminal.until(lambda raw: program.prompt in SEQUENCES.sub(b"", raw), "the prompt")
        into["exec to prompt"].append(1000 * (prompt - terminal.began))
        has_editor = EDITOR in terminal.raw
        terminal.send(b"6")
        echoed = terminal.until(lambda raw: b"6" in SEQUENCES.sub(b"", raw), "the first key")
        into["exec to first key"].append(1000 * (echoed - terminal.began))
        ready = prompt if has_editor else terminal.until(lambda raw: EDITOR in raw, "the editor")
        into["exec to editor"].append(1000 * (ready - terminal.began))
        terminal.rest(0.5)
        for number in range(6):
            terminal.send(b"*70001" if number == 0 else b"6*70001")
            terminal.rest()
            pressed = terminal.send(b"\r")
            shown = terminal.until(lambda raw: b"420006" in SEQUENCES.sub(b"", raw), "the result")
            into["Enter to result" if number else "Enter to first result"].append(1000 * (shown - pressed))
            terminal.rest()
    finally:
        terminal.close()


def key_figures(program: Program, environment: dict[str, str], keys: int, into: Samples) -> None:
    """Measure keys in texts of several lengths, Enter in the longest, and pasting it."""
    with started(program, environment) as terminal:
        into["MiB at the prompt"].append(terminal.resident())
        pressed = terminal.send(b"x")
        into["first key in the editor"].append(1000 * (terminal.frame() - pressed))
        for _ in range(8):  # at the first keys much is loaded
            terminal.rest(0.2)
            terminal.send(b"x")
        clear(terminal)
        for name, text in TEXTS.items():
            marker = text.encode()[-24:]
            pasted = paste(terminal, text)
            shown = terminal.text(marker)
            if name == "500 lines":
                into["paste of 500 lines"].append(1000 * (shown - pasted))
            terminal.rest()
            for number in range(keys):
                before = terminal.thread_ms()
                pressed = terminal.send(b"abcdefgh"[number % 8 :][:1] if number % 16 < 8 else b"\x7f")
                into[f"key, {name}"].append(1000 * (terminal.frame() - pressed))
                after = terminal.thread_ms()
                if before is not None and after is not None:
                    into[f"processor, {name}"].append(after - before)
                terminal.rest()
            if name == "500 lines":
                for _ in range(3):
                    terminal.send(b"\x1b[A")
                    terminal.rest()
                for _ in range(max(5, keys // 8)):
                    pressed = terminal.send(b"\r")
                    into["Enter in 500 lines"].append(1000 * (terminal.frame() - pressed))
                    terminal.rest()
            clear(terminal)


def completion_figures(program: Program, environment: dict[str, str], into: Samples) -> None:
    """Measure Tab: the first, the next ones, and a menu of ten thousand names."""
    if program.completes_itself:
        return
    with started(program, environment) as terminal:
        run(terminal, program, b"import os")
        for number in range(6):
            terminal.send(b"os.pa")
            terminal.rest()
            pressed = terminal.send(b"\t")
            shown = terminal.text(b"pathconf")
            figure = "Tab on os.pa, next" if number else "Tab on os.pa, first"
            into[figure].append(1000 * (shown - pressed))
            clear(terminal)
            clear(terminal)
        code = f"globals().update({{f'name_{{n}}': n for n in range({NAMES})}})"
        run(terminal, program, code.encode())
        terminal.send(b"name_")
        terminal.rest()
        pressed = terminal.send(b"\t")
        shown = terminal.until(
            lambda raw: MENU.search(SEQUENCES.sub(b"", raw)) and FRAME_END in raw, "a menu"
        )
        into["menu of 10,000 names"].append(1000 * (shown - pressed))
        terminal.rest()
        for _ in range(20):
            pressed = terminal.send(b"\t")
            into["scrolling it"].append(1000 * (terminal.frame() - pressed))
            terminal.rest()


def idle_figure(program: Program, environment: dict[str, str], seconds: float, into: Samples) -> None:
    """Measure the processor time of a prompt at which nothing happens, for a minute's worth."""
    with started(program, environment) as terminal:
        end = time.perf_counter() + 2  # what is begun is ended
        while time.perf_counter() < end:
            terminal.read(0.5)
        before = terminal.processor_ms()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            terminal.read(end - time.perf_counter())
        into["idle, ms in a minute"].append((terminal.processor_ms() - before) * 60 / seconds)


#: An object whose keys are asked of its own code, which never answers.
ASLEEP: Final = (
    b"import time; asleep = "
    b"type('Asleep', (), {'_ipython_key_completions_': lambda self: time.sleep(3600)})()"
)


def exit_figure(program: Program, environment: dict[str, str], asleep: bool, into: Samples) -> None:
    """Measure how long the process is there after Enter behind ``exit``, be a completer asleep or not."""
    if program.prompt != b"In [1]:" or (asleep and program.waits):
        return
    with started(program, environment) as terminal:
        run(terminal, program, b"6*7")
        if asleep:
            run(terminal, program, ASLEEP)
            terminal.send(b'asleep["')
            terminal.rest()
            terminal.send(b"\t")
            terminal.rest(0.5)
            clear(terminal)
        terminal.send(b"exit")
        terminal.rest()
        pressed = terminal.send(b"\r")
        gone = terminal.gone()
        into["exit to process gone" + (", completer asleep" if asleep else "")].append(
            1000 * (gone - pressed)
        )


# -- what comes of it ----------------------------------------------------------------------------


class Bar(NamedTuple):
    """What a figure of ours may be."""

    figure: str
    #: What it is compared with: another program, another figure of ours, or nothing (milliseconds).
    of: str
    most: float
    #: Which of the samples counts.
    at: str = "p50"


BARS: Final = (
    Bar("exec to prompt", "ipython", 0.45),
    Bar("exec to first key", "ipython", 0.85),
    Bar("exec to first key", "ptpython", 1.0),
    Bar("Enter to result", "ipython", 0.5),
    Bar("Enter to first result", "ipython", 0.5),
    Bar("MiB at the prompt", "ipython", 0.85),
    Bar("key, one line", "ipython", 0.8),
    Bar("key, 500 lines", "ipython", 0.12),
    Bar("key, 500 lines", "key, 5 lines", 2.5),
    Bar("key, one line", "key, one line", 3.0, "p99"),
    Bar("key, 5 lines", "key, 5 lines", 3.0, "p99"),
    Bar("key, 500 lines", "key, 500 lines", 3.0, "p99"),
    Bar("processor, one line", "processor, one line", 3.0, "p99"),
    Bar("processor, 5 lines", "processor, 5 lines", 3.0, "p99"),
    Bar("processor, 500 lines", "processor, 500 lines", 3.0, "p99"),
    Bar("Enter in 500 lines", "ipython", 0.06),
    Bar("paste of 500 lines", "ipython", 0.4),
    Bar("Tab on os.pa, first", "", 15.0),
    Bar("Tab on os.pa, next", "", 5.0),
    Bar("menu of 10,000 names", "", 30.0),
    Bar("scrolling it", "", 16.0),
    Bar("idle, ms in a minute", "", 50.0),
    Bar("exit to process gone", "", 200.0),
    Bar("exit to process gone, completer asleep", "", 200.0),
)


def percentile(samples: list[float], of_hundred: int) -> float:
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, len(ordered) * of_hundred // 100)]


def print_figures(samples: dict[str, Samples]) -> None:
    names = list(samples)
    figures = list(dict.fromkeys(figure for of in samples.values() for figure in of))
    print(f"\nMilliseconds, median (p99), Python {sys.version.split()[0]}\n")
    print(f"| figure | {' | '.join(names)} | of IPython's |\n|{'---|' * (len(names) + 2)}")
    for figure in figures:
        cells = []
        for name in names:
            found = samples[name].get(figure)
            if not found:
                cells.append("")
                continue
            tail = f" ({percentile(found, 99):.1f})" if len(found) >= 50 else ""
            cells.append(f"{statistics.median(found):.1f}{tail}")
        mine, its = samples["ipshell"].get(figure), samples["ipython"].get(figure)
        ratio = f"{statistics.median(mine) / statistics.median(its):.3f}" if mine and its and any(its) else ""
        print(f"| {figure} | {' | '.join(cells)} | {ratio} |")


def judge(samples: dict[str, Samples]) -> bool:
    """Print what was reached. :returns: whether all was."""
    print("\n| bar | now | target | reached |\n|---|---|---|---|")
    reached = True
    mine = samples["ipshell"]
    for bar in BARS:
        what, unit = f"{bar.figure}, {bar.at}", ""
        found, basis = mine.get(bar.figure), mine.get(bar.of)
        if bar.of in ("ipython", "ptpython"):
            what += f", of {bar.of}'s"
            basis = samples.get(bar.of, {}).get(bar.figure)
        elif bar.of:
            what += f", of {bar.of}"
        else:
            basis, unit = [1.0], " ms"
        if not found or not basis:
            continue
        value = percentile(found, 99) if bar.at == "p99" else statistics.median(found)
        value /= statistics.median(basis)
        met = value <= bar.most
        reached = reached and met
        print(f"| {what} | {value:.3f}{unit} | ≤ {bar.most}{unit} | {'yes' if met else 'NO'} |")
    return reached


def programs(scripts: Path, peers: Path) -> dict[str, Program]:
    """Find the programs that are there."""
    found = {
        "ipshell": Program([str(scripts / "ipshell")], b"In [1]:"),
        "ipython": Program([str(peers / "ipython")], b"In [1]:", waits=True),
        "ptpython": Program([str(peers / "ptpython")], b">>>", completes_itself=True),
        "xonsh": Program([str(peers / "xonsh"), "--no-rc", "-DPROMPT=xonsh> ", "-i"], b"xonsh>"),
    }
    for name in ("ipshell", "ipython"):
        if not Path(found[name].command[0]).exists():
            raise SystemExit(f"there is no {found[name].command[0]}; install it, or say --peers")
    return {name: program for name, program in found.items() if Path(program.command[0]).exists()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10, help="starts of each program that count")
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds and keys, a shorter rest, IPython alone"
    )
    parser.add_argument("--strict", action="store_true", help="fail where a target is missed")
    parser.add_argument("--peers", type=Path, help="the folder with the peers' commands")
    parser.add_argument("--only", help="figures to be taken: start, keys, completion, exit, idle", default="")
    options = parser.parse_args()
    scripts = Path(sysconfig.get_path("scripts"))
    peers = options.peers or scripts
    found = programs(scripts, peers)
    for python in {sys.executable, str(peers / "python")}:
        code = "import compileall, sysconfig; compileall.compile_dir(sysconfig.get_path('purelib'), quiet=2)"
        subprocess.run([python, "-c", code], check=False, timeout=900)
    if options.quick:
        found = {name: found[name] for name in ("ipshell", "ipython")}
    rounds, keys, idle = (2, 30, 3.0) if options.quick else (options.rounds, 150, 60.0)
    asked = options.only.split(",") if options.only else ["start", "keys", "completion", "exit", "idle"]
    with tempfile.TemporaryDirectory() as home:
        environments = {name: environment_of(Path(home, name)) for name in found}
        samples: dict[str, Samples] = {name: _Missing() for name in found}

        def measure(figures: Callable[..., None], *arguments: Any, counts: bool = True) -> None:
            for name in [*found]:
                into = samples[name] if counts else _Missing()
                try:
                    figures(found[name], environments[name], *arguments, into)
                except NotSeen as error:
                    if name == "ipshell":
                        raise SystemExit(f"{name}: {error}") from None
                    print(f"{name} is left out: {error}", file=sys.stderr)
                    del found[name]

        for number in range(rounds + 1):  # the first round fills caches
            if "start" in asked:
                measure(start_figures, counts=number > 0)
            if "completion" in asked and number <= max(2, rounds // 3):
                measure(completion_figures, counts=number > 0)
            if "exit" in asked:
                measure(exit_figure, False, counts=number > 0)
                measure(exit_figure, True, counts=number > 0)
        for _ in range(2 if not options.quick else 1) if "keys" in asked else ():
            measure(key_figures, keys)
        if "idle" in asked and Path("/proc/self/stat").exists():
            measure(idle_figure, idle)
    print_figures(samples)
    return 0 if judge(samples) or not options.strict else 1


class _Missing(Samples):
    def __missing__(self, figure: str) -> list[float]:
        found = self[figure] = []
        return found


def environment_of(home: Path) -> dict[str, str]:
    """Make a home of its own for a program, and its environment."""
    home.mkdir()
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "IPSHELL", "IPYTHON", "XONSH", "XDG")) and key != "NO_COLOR"
    }
    return environment | {
        "HOME": str(home),
        "IPSHELL_HOME": str(home / "ipshell"),
        "IPYTHONDIR": str(home / "ipython"),
        "TERM": "xterm-256color",
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XONSH_DATA_DIR": str(home / "xonsh"),
    }


if __name__ == "__main__":
    sys.exit(main())
