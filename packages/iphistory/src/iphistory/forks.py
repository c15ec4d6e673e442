"""Forks: what has a thread or a file lets go of them before, and is told in the child."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forking(Protocol):
    """What is told of forks."""

    def pause(self) -> None:
        """Let go of threads and files."""

    def forget(self) -> None:
        """Take notice of being in the child."""


_followed: WeakSet[Forking] = WeakSet()
_installed: list[bool] = []


def follow_forks(each: Forking) -> None:
    """Tell an object of forks from now on; again does nothing."""
    _followed.add(each)
    if not _installed and hasattr(os, "register_at_fork"):
        _installed.append(True)
        os.register_at_fork(before=_before, after_in_child=_in_child)


def forget_forks(each: Forking) -> None:
    """Tell it no more."""
    _followed.discard(each)


def _before() -> None:
    for each in tuple(_followed):
        each.pause()


def _in_child() -> None:
    for each in tuple(_followed):
        each.forget()
