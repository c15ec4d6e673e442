"""What terminals have told of themselves, kept between sessions in the user's cache folder.

Asking a terminal takes a moment, and the first prompt does not wait. So what was learned the last time, in
a terminal of the same kind, is used until it answers again.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ipcore.types.themes import Background

#: What tells one terminal from another, as far as the environment does.
_MARKS: Final = (
    "TERM",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "COLORTERM",
    "COLORFGBG",
    "ITERM_PROFILE",
    "KONSOLE_PROFILE_NAME",
    "WT_PROFILE_ID",
    "VTE_VERSION",
    "LC_TERMINAL",
)
#: Of these it matters only whether they are there.
_FLAGS: Final = ("SSH_CONNECTION", "TMUX", "STY")
#: Terminals that are remembered; of the others those that were used longest ago go.
MOST: Final = 32
#: Characters of the file that are read at most.
_LONGEST: Final = 64_000
#: Seconds after which a terminal that did not answer is asked again.
AGAIN: Final = 30 * 24 * 3600.0


def path() -> Path:
    """Give where it is kept."""
    from ipcore.configuration.directories import find_directories

    return find_directories().cache / "terminals.json"


def key_of(environ: Mapping[str, str]) -> str:
    """Give the name under which a terminal is remembered."""
    marks = [environ.get(name, "") for name in _MARKS] + [str(name in environ) for name in _FLAGS]
    return "\t".join(marks)[:500]


def recall(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Give what is remembered of this terminal: ``background`` and ``time``; empty for nothing."""
    found = _read().get(key_of(environ))
    return found if isinstance(found, dict) else {}


def remember(background: Background, environ: Mapping[str, str] = os.environ) -> None:
    """Keep what this terminal has told. What cannot be written is not kept.

    :param background: empty for a terminal that does not tell.
    """
    from ipcore.configuration.directories import private_directory
    from ipcore.errors import UserError

    known = {name: each for name, each in _read().items() if name != key_of(environ)}
    latest = sorted(known.items(), key=lambda item: -_time_of(item[1]))[: MOST - 1]
    entries = {**dict(latest), key_of(environ): {"background": background, "time": time.time()}}
    target = path()
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        private_directory(target.parent)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(entries, file)
        os.replace(beside, target)
    except (OSError, UserError):
        beside.unlink(missing_ok=True)


def hinted(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Background:
    """Tell what is known of the background without asking: remembered, or hinted at by the environment."""
    found = recall(environ).get("background")
    if found in ("light", "dark"):
        return found  # type: ignore[no-any-return]
    number = environ.get("COLORFGBG", "").rpartition(";")[2]
    if number.isdecimal():
        return "light" if int(number) in (7, *range(9, 16)) else "dark"
    if environ.get("TERM") == "linux" and platform != "win32":  # the console of the kernel
        return "dark"
    return ""


def _read() -> dict[str, Any]:
    try:
        with path().open(encoding="utf-8") as file:
            found = json.loads(file.read(_LONGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _time_of(entry: Any) -> float:
    found = entry.get("time") if isinstance(entry, dict) else None
    return float(found) if isinstance(found, (int, float)) else 0.0
