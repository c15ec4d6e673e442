"""Reading text from the clipboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Final

from ..errors import TryNext, UserError

#: Seconds that a program or toolkit is given for its answer: the owner of the clipboard may hang.
_DEADLINE: Final = 5.0

#: Programs that print the clipboard, with the variable that tells whether they can work, by platform.
_PROGRAMS: Final = {
    "darwin": [("", ["pbpaste"])],
    "win32": [],
    "": [
        ("WAYLAND_DISPLAY", ["wl-paste", "--no-newline"]),
        ("DISPLAY", ["xclip", "-selection", "clipboard", "-out"]),
        ("DISPLAY", ["xsel", "--clipboard", "--output"]),
    ],
}


class ClipboardEmpty(UserError, ValueError):
    """There is no text in the clipboard."""


def read_clipboard(platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> str:
    """Give the text in the clipboard. Blocks for a few seconds at most for each way there is.

    :raises ClipboardEmpty: if it holds no text.
    :raises TryNext: if there is no way to read it.
    """
    empty = False
    for read in _ways(platform, environ):
        text = read()
        if text:
            return text
        empty = empty or text is not None
    if empty:
        raise ClipboardEmpty("the clipboard holds no text")
    raise TryNext("the clipboard cannot be read: wl-paste, xclip, xsel or tkinter is needed for it")


def _ways(platform: str, environ: Mapping[str, str]) -> list[Callable[[], str | None]]:
    programs = _PROGRAMS.get(platform, _PROGRAMS[""])
    ways: list[Callable[[], str | None]] = [
        (lambda command=command: _printed_by(command))  # type: ignore[misc]
        for variable, command in programs
        if not variable or environ.get(variable)
    ]
    if platform == "win32":
        ways.append(_of_windows)
    if platform in ("win32", "darwin") or environ.get("DISPLAY"):
        ways.append(_by_tkinter)
    return ways


def _printed_by(command: list[str]) -> str | None:
    """Give what a program prints; ``None`` if it cannot be run. One that fails has found no text."""
    from subprocess import DEVNULL, PIPE, TimeoutExpired, run

    try:
        done = run(command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, timeout=_DEADLINE, check=False)
    except (OSError, TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _by_tkinter() -> str | None:
    """Ask by a process of its own: a display that hangs, or a toolkit that aborts, must not take us along."""
    program = (
        "import sys, tkinter\n"
        "try: root = tkinter.Tk()\n"
        "except tkinter.TclError: sys.exit(3)\n"
        "root.withdraw()\n"
        "try: text = root.clipboard_get()\n"
        "except tkinter.TclError: text = ''\n"
        "sys.stdout.buffer.write(text.encode('utf-8', 'replace'))\n"
    )
    from subprocess import DEVNULL, PIPE, TimeoutExpired, run

    try:
        done = run(
            [sys.executable, "-c", program],
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
            timeout=_DEADLINE,
            check=False,
        )
    except (OSError, TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _of_windows() -> str | None:
    if sys.platform != "win32":
        return None
    import ctypes
    from ctypes import wintypes

    user, kernel = ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32")
    user.OpenClipboard.argtypes = [wintypes.HWND]
    user.GetClipboardData.argtypes, user.GetClipboardData.restype = [wintypes.UINT], wintypes.HANDLE
    kernel.GlobalLock.argtypes, kernel.GlobalLock.restype = [wintypes.HGLOBAL], wintypes.LPVOID
    kernel.GlobalUnlock.argtypes = [wintypes.HGLOBAL]
    unicode_text = 13
    if not user.OpenClipboard(None):
        return None  # another program has it open
    try:
        handle = user.GetClipboardData(unicode_text)
        if not handle:
            return ""
        place = kernel.GlobalLock(handle)
        try:
            return ctypes.wstring_at(place) if place else ""
        finally:
            kernel.GlobalUnlock(handle)
    finally:
        user.CloseClipboard()
