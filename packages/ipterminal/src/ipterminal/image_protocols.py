"""Which protocol for images is spoken with the terminal. Where there is none, nothing of images is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Protocol = Literal["kitty", "iterm2", ""]


def protocol_of(environ: Mapping[str, str]) -> Protocol:
    """Tell which protocol the terminal speaks that the environment tells of; empty for none.

    Multiplexers say nothing of the terminal they run in, and swallow images or worse.
    """
    kind = environ.get("TERM", "")
    if environ.get("TMUX") or environ.get("STY") or kind.startswith(("screen", "tmux")) or kind == "dumb":
        return ""
    program = environ.get("TERM_PROGRAM", "")
    if kind in ("xterm-kitty", "xterm-ghostty") or environ.get("KITTY_WINDOW_ID") or program == "ghostty":
        return "kitty"
    if program in ("iTerm.app", "WezTerm", "mintty") or environ.get("LC_TERMINAL") == "iTerm2":
        return "iterm2"
    version = environ.get("KONSOLE_VERSION", "")
    return "kitty" if version.isdecimal() and int(version) >= 220400 else ""


def chosen_protocol(choice: str, environ: Mapping[str, str]) -> Protocol:
    """Give the protocol that images are shown by; empty for none.

    :param choice: ``auto``, ``kitty``, ``iterm2`` or ``off``.
    """
    if choice == "auto":
        return protocol_of(environ)
    return "kitty" if choice == "kitty" else "iterm2" if choice == "iterm2" else ""
