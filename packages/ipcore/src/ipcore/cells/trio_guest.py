"""Cells driven by trio, as a guest of the shell's asyncio loop, whose tasks go on beside.

Trio ends with the cell, as nothing of it can outlive its nursery. Imports asyncio and
trio: to be imported when a cell is to be awaited in trio.
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any, NoReturn

import trio

from ..errors import UserError
from .asynchrony import carry_back

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from .user_loop import UserLoop


def run(loop: UserLoop, coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine of trio's to its end. Blocks; Ctrl-C stops the coroutine alone.

    :raises UserError: if trio is running in this thread already.
    :raises BaseException: what the coroutine raises.
    """
    if _is_running():
        raise UserError(
            "trio is running already, around this shell or in a cell that has not ended, and does not nest; "
            'use loop_runner "asyncio", or see %tasks.'
        )
    loop.run(_Guest(coroutine).run(), busy=_in_user_code)


def _is_running() -> bool:
    try:
        trio.lowlevel.current_root_task()
    except RuntimeError:
        return False
    return True


def _in_user_code() -> bool:
    """Tell a signal handler whether it interrupts the user's code in trio, and not trio or asyncio."""
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    protected: bool = trio.lowlevel.currently_ki_protected()
    return not protected


class _Guest:
    """One coroutine, run in trio by steps that asyncio calls."""

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        self._scope: Any = trio.CancelScope()
        self._token: Any = None
        self._error: BaseException | None = None
        self._cancelled: BaseException | None = None
        self._context: contextvars.Context | None = None

    async def run(self) -> None:
        """Await the end of the run in asyncio; being cancelled cancels the coroutine in trio."""
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        trio.lowlevel.start_guest_run(
            self._main,
            run_sync_soon_threadsafe=loop.call_soon_threadsafe,
            run_sync_soon_not_threadsafe=loop.call_soon,
            done_callback=ended.set_result,
            host_uses_signal_set_wakeup_fd=True,
        )
        while not ended.done():
            try:
                await asyncio.wait([ended])
            except asyncio.CancelledError:
                self._cancel()
        if self._context is not None:
            carry_back(self._context)
        ended.result().unwrap()
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # else its traceback holds this frame, which holds it
        if self._scope.cancelled_caught:
            self._raise_cancelled()

    async def _main(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        try:
            with self._scope:
                try:
                    await self._coroutine
                except trio.Cancelled as cancelled:
                    self._cancelled = cancelled
                    raise
        except BaseException as error:  # the user's: raised again without the frames of trio
            self._error = error
        self._context = contextvars.copy_context()

    def _cancel(self) -> None:
        # Once the run has begun, only what trio itself calls may touch a scope.
        if self._token is None:
            self._scope.cancel()
        else:
            self._token.run_sync_soon(self._scope.cancel)

    def _raise_cancelled(self) -> NoReturn:
        place = self._cancelled.__traceback__ if self._cancelled is not None else None
        self._cancelled = None
        raise asyncio.CancelledError().with_traceback(place)
