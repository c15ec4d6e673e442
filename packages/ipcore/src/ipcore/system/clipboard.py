"""Reading and writing the text of the clipboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..errors import TryNext, UserError
from ..providers import provider

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.clipboards import Clipboard

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


#: Programs that take what the clipboard is to hold, in the same way.
_WRITERS: Final = {
    "darwin": [("", ["pbcopy"])],
    "win32": [],
    "": [
        ("WAYLAND_DISPLAY", ["wl-copy"]),
        ("DISPLAY", ["xclip", "-selection", "clipboard", "-in"]),
        ("DISPLAY", ["xsel", "--clipboard", "--input"]),
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


def write_clipboard(text: str, platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> None:
    """Put a text into the clipboard. Blocks for a few seconds at most for each way there is.

    :raises TryNext: if there is no way to write it.
    """
    if platform == "win32" and _to_windows(text):
        return
    for variable, command in _WRITERS.get(platform, _WRITERS[""]):
        if (not variable or environ.get(variable)) and _taken_by(command, text):
            return
    raise TryNext("the clipboard cannot be written: wl-copy, xclip or xsel is needed for it")


class SystemClipboard:
    """The clipboard of the desktop, by its programs: the core's plain member of the family."""

    def read(self) -> str:
        """Give the text in it; empty if there is none.

        :raises TryNext: if there is no way to read it.
        """
        try:
            return read_clipboard()
        except ClipboardEmpty:
            return ""

    def write(self, text: str) -> None:
        """Put a text into it.

        :raises TryNext: if there is no way to.
        """
        write_clipboard(text)


def paste(shell: InteractiveShell) -> str:
    """Give the text in the clipboard, by the first way that works.

    :raises ClipboardEmpty: if it holds no text.
    :raises TryNext: if there is no way to read it.
    """
    found: str = _first(shell, lambda clipboard: clipboard.read())
    if not found:
        raise ClipboardEmpty("the clipboard holds no text")
    return found


def copy(shell: InteractiveShell, text: str) -> None:
    """Put a text into the clipboard, by the first way that works.

    :raises TryNext: if there is none.
    """
    _first(shell, lambda clipboard: clipboard.write(text))


def _first(shell: InteractiveShell, ask: Callable[[Clipboard], Any]) -> Any:
    """Ask one clipboard after the other until one does the work; a plugin's that fails is switched off."""
    from ..plugins.failures import reason_of

    registry, chosen = shell.registry, shell.clipboard
    known = registry.keys("clipboards")
    keys = sorted(known, key=lambda key: key != "system") if chosen == "auto" else [chosen]
    refusals = []
    for key in keys:
        given = provider(shell, "clipboards", key, "ipshell_clipboard", check_clipboard)
        if given is None:
            continue
        try:
            return ask(given.value)
        except TryNext as said:
            refusals.append(str(said))
        except Exception as error:  # a plugin's: another one may work
            registry.disable(given.plugin, "clipboard", reason_of(error))
            refusals.append(f"the clipboard {key} failed: {reason_of(error)}")
    raise TryNext(
        "; ".join(refusals)
        or f"InteractiveShell.clipboard: there is no clipboard called {chosen!r}; "
        f"there are auto, {', '.join(known)}"
    )


def check_clipboard(value: object) -> str:
    """Say what is wrong with what a plugin gave as clipboard; empty if nothing is."""
    missing = [each for each in ("read", "write") if not callable(getattr(value, each, None))]
    return f"what it gave has no {missing[0]}()" if missing else ""


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


def _taken_by(command: list[str], text: str) -> bool:
    """Tell whether a program took a text."""
    from subprocess import DEVNULL, TimeoutExpired, run

    try:
        # Programs that stay, to hand the text out, would hold our pipes open: they get none.
        done = run(
            command,
            input=text.encode("utf-8", "replace"),
            stdout=DEVNULL,
            stderr=DEVNULL,
            timeout=_DEADLINE,
            check=False,
        )
    except (OSError, TimeoutExpired):
        return False
    return done.returncode == 0


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


def _to_windows(text: str) -> bool:
    """Tell whether Windows took a text: by ``clip``, which takes UTF-16 and comes with it."""
    from subprocess import DEVNULL, TimeoutExpired, run

    try:
        done = run(
            ["clip.exe"],
            input=text.encode("utf-16-le", "surrogatepass"),
            stdout=DEVNULL,
            stderr=DEVNULL,
            timeout=_DEADLINE,
            check=False,
        )
    except (OSError, TimeoutExpired):
        return False
    return done.returncode == 0
