"""What it costs to start: ipshell beside IPython and bare Python, in one run.

Run it with a Python that has ipshell and IPython installed, not in editable mode:

    python benchmarks/startup.py [--rounds N] [--strict]

Programs run in turn, so that a machine whose speed drifts treats all alike; quote the
ratios. Everything is byte-compiled first. On Linux no peak below this program's own
memory, about 15 MiB, can be seen. Without ``--strict`` only what does not
depend on the machine (modules imported) decides the exit status.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

#: What a start must not import.
DENIED = ("asyncio", "prompt_toolkit", "pygments", "jedi", "sqlite3", "importlib.metadata", "zmq", "email")

MOST_MODULES = 194
MOST_MIB = 19.0
OF_IPYTHON = 0.40
OF_PYTHON = 7.5
MOST_MS_FOR_PLUGINS = 3.0


class Run(NamedTuple):
    """One process, from start to end."""

    seconds: float
    mib: float


def run(command: Sequence[str], environment: dict[str, str]) -> Run:
    """Run a command to its end; its output is thrown away."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        mib = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    else:
        process.wait(60)
        mib = float("nan")
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, mib)


def interleaved(
    commands: Mapping[str, Sequence[str]], environment: dict[str, str], rounds: int
) -> dict[str, list[Run]]:
    """Run all commands in turn, ``rounds`` times, after one round that does not count."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            outcome = run(command, environment)
            if number:
                runs[name].append(outcome)
    return runs


def median_ms(runs: list[Run]) -> float:
    return 1000 * statistics.median(each.seconds for each in runs)


def modules_at_start(ipshell: str, environment: dict[str, str]) -> list[str]:
    """Names of the modules there when the first line of ``-c`` runs."""
    code = "import sys; print('\\n'.join(sys.modules))"
    return subprocess.run(
        [ipshell, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()


def make_distributions(folder: Path, count: int, with_plugins: int) -> None:
    """Put installed distributions into a folder, some of which declare a plugin."""
    for number in range(count):
        name = f"neighbour{number:03}"
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
        )
        (info / "RECORD").write_text("", encoding="utf-8")
        if number < with_plugins:
            (folder / f"{name}.py").write_text("raise SystemExit('not needed')\n", encoding="utf-8")
            entry = f"[ipshell.commands]\n{name} = {name}\n[ipshell.line_magics]\n{name} = {name}\n"
            (info / "entry_points.txt").write_text(entry, encoding="utf-8")
        else:
            (info / "entry_points.txt").write_text(
                f"[console_scripts]\n{name} = {name}:main\n", encoding="utf-8"
            )


def report(what: str, value: str, target: str, reached: bool) -> bool:
    print(f"| {what} | {value} | {target} | {'yes' if reached else 'NO'} |")
    return reached


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="counted runs of each program")
    parser.add_argument(
        "--strict", action="store_true", help="fail where a target of time or memory is missed"
    )
    options = parser.parse_args()
    scripts = Path(sysconfig.get_path("scripts"))
    ipshell, ipython = str(scripts / "ipshell"), str(scripts / "ipython")
    # In a process of its own: what it needs would show as the peak of every child.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-qq", sysconfig.get_path("purelib")], check=False, timeout=600
    )
    with tempfile.TemporaryDirectory() as home:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "IPSHELL"))
        }
        environment |= {"IPSHELL_HOME": f"{home}/ipshell", "IPYTHONDIR": f"{home}/ipython", "NO_COLOR": "1"}
        return measure(ipshell, ipython, environment, Path(home), options)


def measure(
    ipshell: str, ipython: str, environment: dict[str, str], home: Path, options: argparse.Namespace
) -> int:
    run([ipshell, "-c", "pass"], environment)  # fills the discovery cache
    names = modules_at_start(ipshell, environment)
    denied = sorted(name for name in names if name in DENIED or name.partition(".")[0] in DENIED)
    programs = {
        "python": [sys.executable, "-c", "pass"],
        "ipshell": [ipshell, "-c", "pass"],
        "ipython": [ipython, "-c", "pass"],
    }
    runs = interleaved(programs, environment, options.rounds)
    neighbours = home / "neighbours"
    make_distributions(neighbours, 300, 30)
    crowded = environment | {"PYTHONPATH": str(neighbours)}
    with_and_without = interleaved(
        {"with": [ipshell, "-c", "pass"], "without": [ipshell, "--no-plugins", "-c", "pass"]},
        crowded,
        max(30, options.rounds),
    )
    wall = {name: median_ms(of) for name, of in runs.items()}
    mib = {name: statistics.median(each.mib for each in of) for name, of in runs.items()}
    extra = median_ms(with_and_without["with"]) - median_ms(with_and_without["without"])

    print(f"\n`-c pass`, medians of {options.rounds} interleaved runs, Python {sys.version.split()[0]}\n")
    print("| program | wall ms | of bare Python | peak MiB |\n|---|---|---|---|")
    for name in programs:
        print(f"| {name} | {wall[name]:.1f} | {wall[name] / wall['python']:.2f} | {mib[name]:.1f} |")
    print("\n| figure | now | target | reached |\n|---|---|---|---|")
    fixed = [
        report("modules imported", str(len(names)), f"≤ {MOST_MODULES}", len(names) <= MOST_MODULES),
        report("denied modules imported", ", ".join(denied) or "none", "none", not denied),
    ]
    of_ipython, of_python = wall["ipshell"] / wall["ipython"], wall["ipshell"] / wall["python"]
    measured = [
        report("wall, of IPython's", f"{of_ipython:.2f}", f"≤ {OF_IPYTHON}", of_ipython <= OF_IPYTHON),
        report("wall, of bare Python's", f"{of_python:.2f}", f"≤ {OF_PYTHON}", of_python <= OF_PYTHON),
        report("peak memory", f"{mib['ipshell']:.1f} MiB", f"≤ {MOST_MIB} MiB", mib["ipshell"] <= MOST_MIB),
        report(
            "300 distributions, 30 plugins not needed, warm cache",
            f"{extra:+.1f} ms",
            f"≤ {MOST_MS_FOR_PLUGINS} ms",
            extra <= MOST_MS_FOR_PLUGINS,
        ),
    ]
    return 0 if all(fixed) and (all(measured) or not options.strict) else 1


if __name__ == "__main__":
    sys.exit(main())
