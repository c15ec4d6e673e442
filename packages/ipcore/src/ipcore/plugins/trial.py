"""Trying plugins out in a process of their own, so that nothing they do reaches this one.

The parent writes what to try into a folder and starts a child there; the child
writes what came of it. Neither talks through pipes: a plugin may print, and what it
starts may hold a pipe open for ever.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from ..hookspecs import FAMILIES
from .declared import Declared
from .failures import reason_of, remedy_for
from .registry import Registry, resolve

_REQUEST: Final = "request.json"
_ANSWER: Final = "answer.json"

#: What the child runs: the module search path is the parent's before anything of ours is imported.
_CHILD: Final = (
    "import json, sys\n"
    f"with open(sys.argv[1] + '/{_REQUEST}', encoding='utf-8') as stream:\n"
    "    sys.path[:] = json.load(stream)['path']\n"
    "from ipcore.plugins.trial import answer\n"
    "answer(sys.argv[1])\n"
)


class Complaint(NamedTuple):
    """One thing that is wrong with a plugin."""

    plugin: Declared
    stage: str
    """``import``, ``register`` or ``trial``."""
    reason: str
    remedy: str


class Trial(NamedTuple):
    """What came of importing one module and registering the plugins in it."""

    module: str
    plugins: tuple[Declared, ...]
    """The plugins that the module has."""
    seconds: float
    """How long import and registration took; 0.0 if it did not come to an end."""
    complaints: tuple[Complaint, ...]
    deprecations: tuple[tuple[Declared, str], ...] = ()
    """What plugins use and what will go, each with the plugin."""


def try_all(plugins: Iterable[Declared], deadline: float, *, at_once: int = 4) -> list[Trial]:
    """Import the modules of plugins, each in a process of its own, and register the plugins in it.

    Blocks until all are done or out of time. Every process is ended on every path.

    :param plugins: what to try.
    :param deadline: seconds that one module may take.
    :param at_once: how many processes may run at the same time.
    """
    from concurrent.futures import ThreadPoolExecutor

    modules: dict[str, list[Declared]] = {}
    for plugin in plugins:
        modules.setdefault(plugin.module, []).append(plugin)
    stop = threading.Event()
    with ThreadPoolExecutor(min(at_once, os.cpu_count() or 1)) as pool:
        waiting = [pool.submit(_try, *each, deadline, stop) for each in sorted(modules.items())]
        try:
            return [each.result() for each in waiting]
        finally:
            stop.set()  # an interrupted parent leaves no child behind
            for each in waiting:
                each.cancel()


def _try(module: str, plugins: Sequence[Declared], deadline: float, stop: threading.Event) -> Trial:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="ipshell-trial-") as folder:
        request = {"path": [entry for entry in sys.path if isinstance(entry, str)], "plugins": plugins}
        Path(folder, _REQUEST).write_text(json.dumps(request), encoding="utf-8")
        status = _run_child(folder, deadline, stop)
        try:
            data = json.loads(Path(folder, _ANSWER).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            data = None
    if data is None:
        reason = _end_of(status, deadline)
        lost = tuple(Complaint(plugin, "trial", reason, remedy_for(plugin)) for plugin in plugins)
        return Trial(module, tuple(plugins), 0.0, lost)
    complaints = tuple(
        Complaint(plugins[at], stage, reason, remedy) for at, stage, reason, remedy in data["complaints"]
    )
    deprecations = tuple((plugins[at], use) for at, use in data["deprecations"])
    return Trial(module, tuple(plugins), data["seconds"], complaints, deprecations)


def _end_of(status: int | None, deadline: float) -> str:
    if status is None:
        return f"importing it takes longer than {deadline:g} s"
    if status < 0:
        return f"importing it kills the process with signal {-status}"
    return f"importing it ends the process with status {status}"


def _run_child(folder: str, deadline: float, stop: threading.Event) -> int | None:
    """Run the child to its end; ``None`` if it had to be ended."""
    if stop.is_set():
        return None
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD, folder],  # -P: nothing from the working directory
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name == "posix",  # what the plugin starts is ended with it
    )
    until = time.monotonic() + deadline
    try:
        while not stop.is_set() and time.monotonic() < until:
            try:
                return child.wait(min(0.5, max(0.0, until - time.monotonic())))
            except subprocess.TimeoutExpired:
                continue
        return None
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a child and all that it started."""
    if os.name == "posix":
        import signal
        from contextlib import suppress

        with suppress(ProcessLookupError, PermissionError):  # nothing of its group is left
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait(10)


def answer(folder: str) -> None:
    """Do the child's work: try what the request names, and write what came of it."""
    import warnings

    from ..deprecation import IPShellDeprecationWarning

    request = json.loads(Path(folder, _REQUEST).read_text(encoding="utf-8"))
    plugins = [Declared(*row) for row in request["plugins"]]
    registry = Registry(builtin=plugins)
    complaints = []
    seconds = 0.0
    deprecations = []
    for at, plugin in enumerate(plugins):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", IPShellDeprecationWarning)
            if plugin.family in FAMILIES and FAMILIES[plugin.family].specs:
                registry.load_plugin(plugin)
                seconds += registry.seconds(plugin)
            else:
                began = time.perf_counter()
                try:
                    resolve(plugin.value)  # nobody can say yet which hooks it should have
                except BaseException as error:  # SystemExit and KeyboardInterrupt too: it is the plugin's
                    complaints.append((at, "import", reason_of(error), remedy_for(plugin, error)))
                seconds += time.perf_counter() - began
        deprecations += [
            (at, each.message.use) for each in caught if isinstance(each.message, IPShellDeprecationWarning)
        ]
    complaints += [
        (plugins.index(each.plugin), each.stage, each.reason, each.remedy) for each in registry.failures
    ]
    partial = Path(folder, _ANSWER + ".new")
    found = {"seconds": seconds, "complaints": complaints, "deprecations": deprecations}
    partial.write_text(json.dumps(found), encoding="utf-8")
    partial.replace(Path(folder, _ANSWER))
