"""Trials of an input hook, each run in a process of its own.

A hook that does not come back, or that takes the process with it, then fails its test, and no other. Run
as a script, ``python waiting.py TRIAL JSON``, and so without importing this package and pytest. The last
line of standard output says what is wrong; nothing is where the exit status is 0.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from ipcore.shell import InteractiveShell

#: Exit status of a trial that found a fault, and told it.
FAULT: Final = 3
#: What stands before each line that says what the trial does.
STAGE: Final = "stage: "
#: Rounds of waiting that show whether something is left behind.
ROUNDS: Final = 100
#: Seconds that the hook has nothing to do, to see what it does then.
IDLE: Final = 1.0
#: Seconds of processor time that it may take meanwhile.
MOST_WORK: Final = 0.1
#: How often it may ask meanwhile whether something is ready: it is to sleep until something is.
MOST_ASKED: Final = 200 if sys.platform == "win32" else 20
#: Seconds until the prompt must be back, at the best of some attempts.
PROMPT: Final = 0.25


class Context:
    """What the hook waits for; counts how often it is asked."""

    def __init__(self) -> None:
        self.reader, self.writer = socket.socketpair()
        self.reader.setblocking(False)
        self.asked = 0
        self.known = threading.Event()

    def input_is_ready(self) -> bool:
        """Tell whether there is something to be read."""
        from ipcore.hosts.wakeup import wait_readable

        self.asked += 1
        self.known.set()
        return wait_readable(self.reader.fileno(), 0)

    def fileno(self) -> int:
        """Give the descriptor to watch."""
        self.known.set()
        return self.reader.fileno()

    def wake(self) -> None:
        """Make it ready."""
        self.writer.send(b"k")

    def drain(self) -> bytes:
        """Read what there is, so that it is not ready any more."""
        self.known.clear()
        try:
            return self.reader.recv(4096)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Close the descriptors."""
        self.reader.close()
        self.writer.close()


class Trial:
    """A shell with the hook, and what waits in it."""

    def __init__(self, shell: InteractiveShell, hook: Callable[[Any], object], deadline: float) -> None:
        self.shell = shell
        self.hook = hook
        self.deadline = deadline
        self.context = Context()

    def wait(self, what: str) -> None:
        """Wait in the hook. It must come back, and only once the context is ready."""
        self._enter(what)
        assert_that(
            self.context.input_is_ready(),
            f"it comes back although nothing is ready ({what}).",
            "Return when context.input_is_ready() is true, and not before: the shell would call it again at "
            "once, and give it up after 50 times.",
        )

    def _enter(self, what: str) -> None:
        stage(what)
        faulthandler.dump_traceback_later(self.deadline, exit=True)
        try:
            self.hook(self.context)
        except BaseException as error:
            import traceback

            traceback.print_exc()
            fault(
                f"it raises {type(error).__name__}: {error} ({what}).",
                "The shell would give it up for the session. Let nothing out of the hook: what a callback "
                "raises is to be told where it happens, by sys.excepthook for example.",
            )
        finally:
            faulthandler.cancel_dump_traceback_later()

    @contextmanager
    def beside(self, function: Callable[[], object], delay: float = 0.02) -> Iterator[None]:
        """Call a function in another thread once the hook is at work."""

        def work() -> None:
            self.context.known.wait(1.0)
            time.sleep(delay)  # most likely it sleeps by now; it must come back in any case
            function()

        thread = threading.Thread(target=work, name="trial")
        thread.start()
        try:
            yield
        finally:
            thread.join(self.deadline)

    def wake_beside(self, what: str) -> None:
        """Wait until another thread makes the context ready."""
        with self.beside(self.context.wake):
            self.wait(what)
        self.context.drain()

    def cell(self, source: str) -> None:
        """Run a cell, which must succeed."""
        result = self.shell.run_cell(source)
        if not result.success:
            error = result.error_before_exec or result.error_in_exec
            fault(
                f"after it has run, a cell fails with {type(error).__name__}: {error}. The cell is: {source}",
                "Leave no loop running or closed, and none of asyncio's functions changed.",
            )

    def make_loop(self) -> Any:
        """Make the shell's asyncio loop, and give it."""
        self.cell("import asyncio; await asyncio.sleep(0)")
        return self.shell.user_loop.loop


# -- the trials ---------------------------------------------------------------------


def ready(trial: Trial) -> None:
    """It comes back at once."""
    trial.context.wake()
    for _ in range(3):
        trial.wait("it is called while the context is ready already")


def woken(trial: Trial) -> None:
    """It comes back soon, however it waits."""
    best = float("inf")
    for _ in range(10):
        began: list[float] = []

        def wake(began: list[float] = began) -> None:
            began.append(time.monotonic())
            trial.context.wake()

        with trial.beside(wake):
            trial.wait("another thread makes the context ready")
            best = min(best, time.monotonic() - began[0])
        trial.context.drain()
        if best < PROMPT:
            return
    fault(
        f"it comes back {best:.2f} s after the context is ready, at the best of 10 times; the user's cell "
        "waits that long.",
        "Have the loop watch context.fileno() instead of looking now and then.",
    )


def unread(trial: Trial) -> None:
    """What is to be read is still there."""
    trial.context.writer.send(b"the keys")
    trial.wait("there is something to be read from the descriptor")
    found = trial.context.drain()
    assert_that(
        found == b"the keys",
        f"of b'the keys' that were to be read from context.fileno(), {found!r} is left.",
        "Only watch the descriptor: what can be read there is not the hook's.",
    )


def idle(trial: Trial) -> None:
    """It sleeps."""
    _idle(trial, "")


def idle_beside_tasks(trial: Trial) -> None:
    """It sleeps beside a task that sleeps."""
    trial.make_loop()
    trial.cell("waiting = asyncio.create_task(asyncio.sleep(3600)); await asyncio.sleep(0)")
    _idle(trial, ", beside an asyncio task that sleeps")


def _idle(trial: Trial, beside: str) -> None:
    trial.wake_beside("the first time")  # what it makes and imports once is no matter here
    trial.context.asked = 0
    before = time.process_time()
    with trial.beside(trial.context.wake, delay=IDLE):
        trial.wait(f"it has nothing to do for {IDLE:g} s{beside}")
    work, asked = time.process_time() - before, trial.context.asked
    assert_that(
        asked <= MOST_ASKED,
        f"with nothing to do for {IDLE:g} s{beside}, it asks {asked} times whether the context is ready.",
        "Have the loop watch context.fileno(): that costs nothing until it can be read.",
    )
    assert_that(
        work <= MOST_WORK,
        f"with nothing to do for {IDLE:g} s{beside}, it takes {work:.2f} s of processor time.",
        "Have it sleep: give the loop no time-out of nought, and no timer that is due all the time.",
    )


def again(trial: Trial) -> None:
    """Called again and again, it leaves nothing."""
    for _ in range(10):
        trial.wake_beside("the first times")
    gc.collect()
    threads, descriptors = set(threading.enumerate()), _descriptors()
    for number in range(ROUNDS):
        trial.context.wake()
        trial.wait(f"it is called again, for the {number + 11}th time")
        trial.context.drain()
    gc.collect()
    new = [thread.name for thread in threading.enumerate() if thread not in threads]
    assert_that(
        not new,
        f"it leaves {len(new)} threads when it was called {ROUNDS} times: {', '.join(new[:5])}.",
        "End what you start before the hook returns.",
    )
    left = _descriptors() - descriptors
    assert_that(
        left <= 0,
        f"it leaves {left} descriptors open when it was called {ROUNDS} times.",
        "Close what you open before the hook returns.",
    )


def tasks(trial: Trial) -> None:
    """Tasks go on, whatever wakes them."""
    loop = trial.make_loop()
    rounds: list[int] = []

    def count() -> None:
        rounds.append(1)
        if len(rounds) == 50:
            trial.context.wake()

    trial.shell.user_ns["count"] = count
    trial.cell(
        "async def tick():\n    while True:\n        count()\n        await asyncio.sleep(0.001)\n\n"
        "ticker = asyncio.create_task(tick()); await asyncio.sleep(0)"
    )
    trial.wait("an asyncio task that sleeps and counts has to come to 50")
    trial.cell("ticker.cancel()")
    trial.context.drain()
    with trial.beside(lambda: loop.call_soon_threadsafe(trial.context.wake)):
        trial.wait("another thread calls into the asyncio loop by call_soon_threadsafe")
    trial.context.drain()
    if loop_watches():
        one, other = socket.socketpair()
        loop.add_reader(one.fileno(), trial.context.wake)
        with trial.beside(lambda: other.send(b"x")):
            trial.wait("a descriptor that the asyncio loop watches can be read")
        loop.remove_reader(one.fileno())
        one.close()
        other.close()
        trial.context.drain()
    loop.call_later(0.05, trial.context.wake)
    trial.wait("a timer of the asyncio loop is due")


def task_errors(trial: Trial) -> None:
    """Tasks and callbacks that fail do not end it."""
    loop = trial.make_loop()
    loop.set_exception_handler(lambda *_: None)

    def broken() -> NoReturn:
        raise ValueError("a callback's")

    loop.call_later(0.01, broken)
    trial.shell.user_ns["broken"] = broken
    trial.cell(
        "async def fail(): await asyncio.sleep(0.02); broken()\n"
        "async def leave(): await asyncio.sleep(0.03); raise SystemExit(3)\n"
        "made = [asyncio.create_task(each) for each in (fail(), leave())]; await asyncio.sleep(0)"
    )
    loop.call_later(0.1, trial.context.wake)
    trial.wait("an asyncio callback, a task, and a task that calls sys.exit() fail meanwhile")
    trial.context.drain()
    trial.wake_beside("after callbacks have failed in it")


def interrupt(trial: Trial) -> None:
    """As the shell does it: a handler notes Ctrl-C and the number of the signal makes the context ready."""
    noted: list[int] = []
    signal.signal(signal.SIGINT, lambda *_: noted.append(1))
    trial.context.writer.setblocking(False)
    signal.set_wakeup_fd(trial.context.writer.fileno())
    for number in range(4):
        # To this very thread, as a terminal's, and to another one, which wakes no call that sleeps.
        with trial.beside(_interrupt_main if number % 2 else lambda: signal.raise_signal(signal.SIGINT)):
            trial.wait("Ctrl-C is pressed")
        trial.context.drain()
        for _ in range(100):  # a handler runs at a bytecode of the main thread
            if len(noted) > number:
                break
            time.sleep(0.01)
        assert_that(
            len(noted) == number + 1,
            "the handler of Ctrl-C that the shell has set is not called.",
            "Set none of your own in the hook, and do not let the toolkit set one.",
        )
    signal.set_wakeup_fd(-1)
    trial.wake_beside("after Ctrl-C")


def _interrupt_main() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def other_signals(trial: Trial) -> None:
    """A handler of the user's that has nothing to do with the prompt."""
    if not hasattr(signal, "SIGUSR1"):
        return
    signal.signal(signal.SIGUSR1, lambda *_: None)

    def disturb() -> None:
        for _ in range(5):
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(0.02)
        trial.context.wake()

    with trial.beside(disturb):
        trial.wait("signals come that some handler takes up")


def cells(trial: Trial) -> None:
    """Cells have no running loop after it."""
    trial.wake_beside("before a cell")
    trial.cell("import asyncio; asyncio.run(asyncio.sleep(0))")
    trial.cell("await asyncio.sleep(0)")
    trial.wake_beside("before the next cell")
    trial.cell("assert await asyncio.sleep(0.01, 7) == 7")
    trial.cell("asyncio.run(asyncio.sleep(0))")


def chosen(trial: Trial, key: str) -> None:
    """The shell waits in it, once it is chosen."""
    shell = trial.shell
    shell.enable_gui(key)
    assert_that(
        shell.inputhooks.current == key,
        f"get_ipython().enable_gui({key!r}) does not choose it: {shell.inputhooks.current} is in use.",
        "The shell has told why, see above.",
    )
    hook, trial.hook = trial.hook, shell.inputhooks.wait
    for _ in range(3):
        trial.wake_beside("chosen by enable_gui(), it is what the shell waits in")
    assert_that(
        shell.inputhooks.current == key, "the shell gives it up.", "The shell has told why, see above."
    )
    shell.enable_gui()
    trial.wake_beside("after enable_gui() has ended its use")
    shell.enable_gui(key)
    trial.wake_beside("chosen a second time")
    assert_that(
        shell.inputhooks.current == key, "it cannot be chosen a second time.", "The shell has told why."
    )
    trial.hook = hook


TRIALS: Final[dict[str, Callable[[Trial], object]]] = {
    each.__name__: each
    for each in (
        ready,
        woken,
        unread,
        idle,
        idle_beside_tasks,
        again,
        tasks,
        task_errors,
        interrupt,
        other_signals,
        cells,
    )
}


# -- telling ------------------------------------------------------------------------


def stage(text: str) -> None:
    """Say what is done now, for the case that there is no more after it."""
    print(f"{STAGE}{text}", flush=True)


def fault(what: str, todo: str) -> NoReturn:
    """Say what is wrong and what to do about it, and end the process."""
    print(json.dumps([what, todo]), flush=True)
    sys.stderr.flush()
    os._exit(FAULT)  # a hook that is at fault may well keep the process from ending


def assert_that(condition: object, what: str, todo: str) -> None:
    """Say what is wrong, unless the condition holds."""
    if not condition:
        fault(what, todo)


def loop_watches() -> bool:
    """Tell whether asyncio's loop can watch descriptors on this platform."""
    return sys.platform != "win32"


def _descriptors() -> int:
    for folder in ("/dev/fd", "/proc/self/fd"):
        if os.path.isdir(folder):
            return len(os.listdir(folder))
    return 0


def main(name: str, text: str) -> None:
    """Run one trial."""
    given = json.loads(text)
    sys.path[:] = given["path"]
    from ipcore.plugins.builtin import BUILTIN
    from ipcore.plugins.declared import Declared
    from ipcore.plugins.registry import Registry
    from ipcore.shell import InteractiveShell

    plugin = Declared(*given["plugin"])
    builtin = BUILTIN if plugin in BUILTIN else (*BUILTIN, plugin)
    registry = Registry(builtin=builtin)
    shell = InteractiveShell(registry=registry)
    shell.start()
    faulthandler.dump_traceback_later(given["deadline"], exit=True)
    stage("the hook ipshell_inputhook is called")
    found = registry.call_named("inputhooks", plugin.key, "ipshell_inputhook", shell=shell)
    faulthandler.cancel_dump_traceback_later()
    if found is None or not callable(found.value):
        what = "nothing" if found is None else type(found.value).__name__
        fault(f"ipshell_inputhook gives {what}.", "Give a function of one argument, the context.")
    trial = Trial(shell, found.value, given["deadline"])
    if name == "chosen":
        chosen(trial, plugin.key)
    else:
        TRIALS[name](trial)
    stage("the shell is closed")
    faulthandler.dump_traceback_later(given["deadline"], exit=True)
    shell.close()
    trial.context.close()
    stage("the process ends")


if __name__ == "__main__":
    main(*sys.argv[1:])
