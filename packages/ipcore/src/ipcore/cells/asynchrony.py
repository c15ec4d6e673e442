"""Asynchronous code in cells: what drives an awaited cell, and what a synchronous one must not see."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from inspect import CO_COROUTINE
from typing import TYPE_CHECKING, Any, Final

from ..errors import UserError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine
    from contextvars import Context
    from types import CodeType

    from ..shell import InteractiveShell

    Runner = Callable[[Coroutine[Any, Any, None]], object]

#: While this module is not imported, nobody in the process can have an asyncio loop.
_EVENTS: Final = "asyncio.events"


def is_asynchronous(pieces: list[CodeType]) -> bool:
    """Tell whether code objects of a cell have to be awaited: the compiler says so in their flags."""
    flags = 0
    for code in pieces:
        flags |= code.co_flags
    return bool(flags & CO_COROUTINE)


def run_pieces(shell: InteractiveShell, pieces: list[CodeType]) -> None:
    """Run the code objects of a cell in order.

    A cell with a top-level ``await`` is driven by ``loop_runner``. Any other sees no
    running loop, even if the shell itself is used inside of one.

    :raises BaseException: what the cell raises.
    """
    if is_asynchronous(pieces):
        runner = find_runner(shell)
        coroutine = await_pieces(shell, pieces)
        try:
            with OutsideLoops(shell) if _EVENTS in sys.modules else nullcontext():
                runner(coroutine)
        finally:
            coroutine.close()  # a runner that gave up before it began leaves no warning behind
    elif _EVENTS in sys.modules:
        with OutsideLoops(shell):
            _exec(shell, pieces)
    else:
        _exec(shell, pieces)


def _exec(shell: InteractiveShell, pieces: list[CodeType]) -> None:
    for code in pieces:
        exec(code, shell.user_global_ns, shell.user_ns)


def would_await(shell: InteractiveShell, source: str, transformed: str | None) -> bool:
    """Tell whether a cell has a top-level ``await``; false if it cannot be compiled."""
    from .compiler import COMPILE_ERRORS, Compiler

    compiler = Compiler()
    try:
        text = shell.transform(source, side_effects=False) if transformed is None else transformed
        tree = compiler.parse(text, "<ipshell>")
        return is_asynchronous(compiler.compile(tree, "<ipshell>", "none", awaits=True))
    except COMPILE_ERRORS:
        return False


async def await_pieces(shell: InteractiveShell, pieces: list[CodeType]) -> None:
    """Run the code objects of a cell in order, inside the caller's loop.

    The synchronous ones among them are in the loop too, so that ``create_task`` above an ``await`` works.
    """
    for code in pieces:
        value = eval(code, shell.user_global_ns, shell.user_ns)
        if code.co_flags & CO_COROUTINE:
            await value


def is_cancellation(error: BaseException) -> bool:
    """Tell whether an exception is the one by which asyncio or trio cancel a coroutine."""
    return type(error).__name__ in ("CancelledError", "Cancelled")


def as_interrupt(error: BaseException) -> BaseException:
    """Give what Ctrl-C means to the user, if an exception is that of a cancelled coroutine."""
    return KeyboardInterrupt().with_traceback(error.__traceback__) if is_cancellation(error) else error


def find_runner(shell: InteractiveShell) -> Runner:
    """Give what drives awaited cells, by the option ``loop_runner``.

    :raises UserError: if it names nothing that can be called.
    """
    wanted = shell.loop_runner
    if callable(wanted):
        return wanted  # type: ignore[no-any-return]
    if wanted == "asyncio":
        import asyncio  # noqa: F401 (the cell is about to be run outside of its running loops)

        return shell.user_loop.run
    if wanted == "sync":
        return run_without_loop
    if wanted == "trio":
        return shell.trio_runner or _trio_runner(shell)
    if wanted == "curio":
        return _curio_runner()
    found = shell.user_ns.get(wanted) or _import(wanted)
    if not callable(found):
        raise UserError(
            f"InteractiveShell.loop_runner: {wanted!r} names nothing that can be called with a coroutine; "
            "there are asyncio, trio, sync, a name of yours or a dotted path."
        )
    return found  # type: ignore[no-any-return]


def _import(path: object) -> object:
    from importlib import import_module

    module, dot, name = str(path).rpartition(".")
    if not dot:
        return None
    try:
        return getattr(import_module(module), name, None)
    except ImportError as error:
        raise UserError(f"InteractiveShell.loop_runner: {path!r} cannot be imported: {error}.") from None


def run_without_loop(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits.

    :raises UserError: if it does wait.
    """
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise UserError('the cell waits for something, and loop_runner "sync" has no loop to wait in.')


def _trio_runner(shell: InteractiveShell) -> Runner:
    try:
        from .trio_guest import run
    except ImportError as error:
        raise UserError(
            f'loop_runner is "trio", which cannot be imported ({error}); "asyncio" always can.'
        ) from None
    return lambda coroutine: run(shell.user_loop, coroutine)


def _curio_runner() -> Runner:
    try:
        import curio
    except ImportError as error:
        raise UserError(
            f'loop_runner is "curio", which is not supported beyond its own run() and cannot be imported '
            f'({error}); use "asyncio" or "trio".'
        ) from None
    return curio.run  # type: ignore[no-any-return]


def explained(error: BaseException) -> BaseException:
    """Give a clear line in place of an exception whose own text leads nowhere; else the exception."""
    if type(error) is RuntimeError and "inside a run()" in str(error) and "trio" in sys.modules:
        nested = UserError(
            "trio runs already around this cell, and trio.run() does not nest; "
            "in a cell that trio drives, await the function instead, as in: await f()"
        )
        nested.__cause__ = error
        return nested
    return error


def carry_back(context: Context) -> None:
    """Give the present context the values that variables have in another."""
    absent = object()
    for variable, value in context.items():
        if variable.get(absent) is not value:
            variable.set(value)


def current_loop() -> AbstractEventLoop | None:
    """Give the thread's current event loop, running or not, if there is one.

    ``asyncio.get_event_loop()`` may make one or warn, depending on the Python; this only looks.
    """
    policy = getattr(sys.modules.get(_EVENTS), "_event_loop_policy", None)
    local = getattr(policy, "_local", None)
    loop: AbstractEventLoop | None = getattr(local, "_loop", None)
    return loop


class OutsideLoops:
    """While entered, the thread has no running loop, and a current one that is open.

    The mark of a running loop, and the task that runs in it (Pythons from 3.12 on keep it in
    the way of other loops), are put back on leaving; so is the current loop, which
    ``asyncio.run`` unsets. To be entered only when asyncio is imported, or about to be.

    :param shell: whose loop is made the current one where there is none.
    """

    __slots__ = ("_current", "_library", "_outside", "_running", "_shell", "_task")

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._library: Any = None
        self._current: AbstractEventLoop | None = None
        self._outside: AbstractEventLoop | None = None
        self._running: AbstractEventLoop | None = None
        self._task: Any = None

    def __enter__(self) -> None:
        events = sys.modules[_EVENTS]
        # What trio tells libraries that ask which loop runs.
        library = getattr(sys.modules.get("sniffio"), "thread_local", None)
        if library is not None:
            self._library, library.name = library.name, None
        self._running = events._get_running_loop()
        if self._running is not None:
            self._task = _swap_task(self._running, None)
            events._set_running_loop(None)
        loop = self._shell.user_loop
        self._current = self._outside = current_loop()
        # One that runs, and is hidden now, would refuse to run: the program's around an embedded shell.
        if self._current is None or self._current.is_closed() or self._current.is_running():
            self._current = loop.loop
            events.set_event_loop(self._current)
        loop.check_patches()

    def __exit__(self, *_: object) -> None:
        events = sys.modules[_EVENTS]
        current, before = current_loop(), self._outside
        if before is None or before.is_closed():
            before = self._current
        # Another one that the user has made the current one is left to be that.
        usable = current is not None and current is not self._current and not current.is_closed()
        if current is not before and not usable and before is not None and not before.is_closed():
            events.set_event_loop(before)
        if self._library is not None:
            sys.modules["sniffio"].thread_local.name = self._library
        if self._running is not None:
            events._set_running_loop(self._running)
            _swap_task(self._running, self._task)


def _swap_task(loop: AbstractEventLoop, task: Any) -> Any:
    swap = getattr(sys.modules.get("asyncio.tasks"), "_swap_current_task", None)
    return swap(loop, task) if swap is not None else None
