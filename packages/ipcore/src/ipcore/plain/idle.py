"""Letting an event loop run while ``input()`` waits at a terminal.

CPython calls the C function that ``PyOS_InputHook`` points to while it waits for keys.
Ours sits in the shell's input hook until a key is there: no polling, and no time without either.
It is in place only while the prompt waits, and only once there is a loop.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from ..hosts.interrupts import is_asyncios
from ..hosts.signals import set_wakeup, write_signals
from ..hosts.wakeup import WakeUp, calling_when_readable, wait_readable
from ..notices import notice
from ..plugins.watch import Watch, ending, starting
from .resending import Resending

if TYPE_CHECKING:
    from ..shell import InteractiveShell

_STDIN: Final = 0


class IdleTurning:
    """A context manager for the time that ``input()`` takes. To be used on the main thread.

    While CPython waits inside the line editor, a Python signal handler that raises is lost, as there
    is no Python below to raise in. So Ctrl-C is noted, the loop is left in peace, and the signal is
    sent once more when the editor itself waits, which knows what to do with it.

    :param shell: whose input hook is to run.
    :raises OSError: if there is no standard input.
    :raises ValueError: if this Python does not let its input hook be set.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        import ctypes

        #: Called when the first key of a line is there, before the line editor reads it.
        self.before_keys: Callable[[], None] | None = None
        self._shell = shell
        self._pointer = ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyOS_InputHook")
        self._callback = ctypes.CFUNCTYPE(ctypes.c_int)(self._wait)  # lives as long as this object
        self._address = ctypes.cast(self._callback, ctypes.c_void_p).value
        # A copy, as the loop may hold standard input itself if the user reads from it.
        self._keys = os.dup(_STDIN)
        self._woken = WakeUp()
        # Its descriptor can be read when one of the two can: keys, or a signal that has to be handled.
        self._both = selectors.DefaultSelector()
        self._both.register(self._keys, selectors.EVENT_READ)
        self._both.register(self._woken, selectors.EVENT_READ)
        self._former: Any = None
        self._former_hook: int | None = None
        self._former_wakeup = -1
        self._on = False
        self._waiting = False
        self._interrupted = False
        self._sending = False
        self._keys_told = False
        self._resending = Resending(lambda: self._sending)

    # -- what the input hook waits for -------------------------------------------

    def input_is_ready(self) -> bool:
        """Tell whether there is a key or a signal."""
        return bool(self._both.select(0))

    def fileno(self) -> int:
        """Give a descriptor that can be read then."""
        return self._both.fileno()

    # -- the time of input() -----------------------------------------------------

    def close(self) -> None:
        """Give back the descriptors, and end what is left of a Ctrl-C."""
        self._resending.end()
        if self._keys >= 0:
            self._both.close()
            self._woken.close()
            os.close(self._keys)
            self._keys = -1

    def __enter__(self) -> None:
        former_hook = self._pointer.value
        if former_hook is not None and not self._shell.inputhooks.foreign:
            if self._shell.inputhooks.needed:
                notice(
                    "another module, such as a GUI toolkit, holds Python's input hook; "
                    "asyncio tasks stand still while the prompt waits.",
                    once="input hook",
                )
            return
        self._interrupted = self._sending = self._keys_told = False
        former = signal.getsignal(signal.SIGINT)
        # Where the loop handles SIGINT itself, by add_signal_handler, the user gets it so.
        if callable(former) and not is_asyncios(former):
            self._former = former
            signal.signal(signal.SIGINT, self._on_interrupt)
        self._former_wakeup = set_wakeup(self._woken.signal_descriptor)
        self._former_hook = former_hook
        self._on = True
        self._pointer.value = self._address

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._on:
            return
        self._on = False
        if self._pointer.value in (self._address, None):  # else a callback has brought a toolkit with its own
            self._pointer.value = self._former_hook
        now = set_wakeup(-1)
        set_wakeup(self._former_wakeup if now == self._woken.signal_descriptor else now)
        self._hand_on_signals()
        with self._resending.lock:
            self._sending = False
        former, self._former = self._former, None
        if former is not None:
            signal.signal(signal.SIGINT, former)
            if self._interrupted and error is None:  # Enter and Ctrl-C at the same time
                former(signal.SIGINT, None)

    def _wait(self) -> int:
        """Run the loop until a key is there; called by the interpreter while it waits for one."""
        try:
            while not self._interrupted:
                self._waiting = True
                with self._told_if_stuck():
                    self._shell.inputhooks.wait(self)
                self._hand_on_signals()
                if wait_readable(self._keys, 0):
                    self._tell_of_keys()
                    break
        except KeyboardInterrupt:
            self._interrupted = True
        except BaseException as error:  # nothing above could catch it
            self._pointer.value = None
            notice(
                f"the event loop cannot run while the prompt waits: {type(error).__name__}: {error}.",
                once="idle loop",
            )
        finally:
            self._waiting = False
        if self._interrupted and not self._sending:
            self._send_again()
        return 0

    def _tell_of_keys(self) -> None:
        told, self._keys_told = self._keys_told, True
        if self.before_keys is not None and not told:
            self.before_keys()

    @contextmanager
    def _told_if_stuck(self) -> Iterator[None]:
        """Tell why keys are not echoed, if a plugin's loop does not return although there are some."""
        hooks = self._shell.inputhooks
        if not hooks.foreign:
            yield
            return
        label = f"the event loop {hooks.current}, which keeps the keyboard waiting"
        watches: list[Watch] = []
        try:
            with calling_when_readable(
                self.fileno(), lambda: watches.append(starting(label, "Ctrl-C, pressed twice, stops it"))
            ):
                yield
        finally:
            for watch in watches:
                ending(watch)

    def _hand_on_signals(self) -> None:
        """Give the signals that came to whoever else waits for their numbers, such as the user's loop."""
        numbers = self._woken.drain()
        if numbers and self._former_wakeup >= 0:
            write_signals(self._former_wakeup, numbers)

    def _on_interrupt(self, number: int, frame: Any) -> None:
        with self._resending.lock:
            arrived, self._sending = self._sending, False
        if arrived:  # the editor waits, and raises what this raises
            self._interrupted = False
            self._former(number, frame)
            self._pointer.value = self._address  # a handler of the user's may not raise
        elif self._interrupted and self._waiting:  # the second one: a callback does not come to an end
            raise KeyboardInterrupt
        else:
            self._interrupted = True
            self._woken.wake()

    def _send_again(self) -> None:
        # With a hook in place the editor would run Python before it looks for signals.
        self._pointer.value = None
        self._sending = True
        self._resending.start()


def idle_turning(shell: InteractiveShell) -> IdleTurning | None:
    """Make what lets the event loop run while ``input()`` waits; ``None`` where that cannot be had."""
    if sys.platform == "win32":
        if shell.inputhooks.foreign:
            notice(
                f"on Windows the event loop {shell.inputhooks.current} stands still at the plain prompt.",
                once="input hook",
            )
        return None
    if threading.current_thread() is not threading.main_thread():
        return None
    try:
        return IdleTurning(shell)
    except (ImportError, AttributeError, OSError, ValueError) as error:
        notice(
            f"asyncio tasks stand still while the prompt waits: Python's input hook cannot be set ({error}).",
            once="input hook",
        )
        return None
