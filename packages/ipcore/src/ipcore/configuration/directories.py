"""Where configuration, state and caches live, on each platform.

Linux and others
    configuration ``~/.config/ipshell``, state ``~/.local/state/ipshell``, cache ``~/.cache/ipshell``
macOS
    configuration ``~/Library/Application Support/ipshell``, state in ``state`` below it,
    cache ``~/Library/Caches/ipshell``
Windows
    configuration ``%APPDATA%\\ipshell``, state ``%LOCALAPPDATA%\\ipshell\\state``,
    cache ``%LOCALAPPDATA%\\ipshell\\cache``

On Linux ``XDG_CONFIG_HOME``, ``XDG_STATE_HOME`` and ``XDG_CACHE_HOME`` move them. ``IPSHELL_HOME`` puts all
under one root, on every platform: ``HOME/profile_NAME`` (configuration), ``HOME/state/profile_NAME`` and
``HOME/cache``.

Nothing is ever looked for in the working directory: a relative path in one of these variables is refused
with a notice. Nothing here touches the file system.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from ..errors import UserError
from ..notices import notice

#: A place that never exists and can never be made, for a user without a home directory. A
#: temporary directory would not do: its name could be guessed, and what is in it is executed.
_NOWHERE = {True: "\\\\.\\NUL", False: "/dev/null"}


class Directories(NamedTuple):
    """The user's directories; none needs to exist."""

    config: Path
    """Configuration, start-up files, extensions; below it ``profile_NAME``."""
    state: Path
    """History, stored values, logs; below it ``profile_NAME``."""
    cache: Path
    """What can be made again at any time."""


def find_directories(
    environ: Mapping[str, str] | None = None, platform: str | None = None, home: str | None = None
) -> Directories:
    """Find the user's directories. Creates nothing and reads nothing.

    :param environ: the environment; by default that of the process.
    :param platform: a value of :data:`sys.platform`; by default this one.
    :param home: the home directory; by default the user's own. Empty where there is none.
    """
    environ = os.environ if environ is None else environ
    platform = sys.platform if platform is None else platform
    windows = platform == "win32"
    flavour: type[PurePath] = PureWindowsPath if windows else PurePosixPath
    home = os.path.expanduser("~") if home is None else home
    root = _from_environment("IPSHELL_HOME", environ, flavour, home)
    if root is not None:
        return _directories(root, root / "state", root / "cache")
    base = flavour(home)
    if not home or not base.is_absolute():
        base = flavour(_NOWHERE[windows])
        notice(
            "no home directory was found, so nothing is read from it or kept; "
            "set IPSHELL_HOME to the directory to use",
            once="directories:home",
        )

    def place(variable: str, *default: str) -> PurePath:
        return _from_environment(variable, environ, flavour, home) or base.joinpath(*default)

    if windows:
        local = place("LOCALAPPDATA", "AppData", "Local") / "ipshell"
        return _directories(
            place("APPDATA", "AppData", "Roaming") / "ipshell", local / "state", local / "cache"
        )
    if platform == "darwin":
        support = base / "Library" / "Application Support" / "ipshell"
        return _directories(support, support / "state", base / "Library" / "Caches" / "ipshell")
    return _directories(
        place("XDG_CONFIG_HOME", ".config") / "ipshell",
        place("XDG_STATE_HOME", ".local", "state") / "ipshell",
        place("XDG_CACHE_HOME", ".cache") / "ipshell",
    )


def system_config_dirs(
    environ: Mapping[str, str] | None = None, platform: str | None = None, prefix: str | None = None
) -> list[Path]:
    """Give the directories of configuration that is not the user's own, lowest precedence first.

    ``/etc/ipshell`` and ``/usr/local/etc/ipshell``; on Windows ``%PROGRAMDATA%\\ipshell``, and that only
    with ``IPSHELL_USE_PROGRAMDATA=1``, because any user may write there. Last ``etc/ipshell`` below the
    prefix of this Python, for virtual environments. None needs to exist.

    :param environ: the environment; by default that of the process.
    :param platform: a value of :data:`sys.platform`; by default this one.
    :param prefix: stands for :data:`sys.prefix`.
    """
    environ = os.environ if environ is None else environ
    platform = sys.platform if platform is None else platform
    prefix = sys.prefix if prefix is None else prefix
    flavour: type[PurePath] = PureWindowsPath if platform == "win32" else PurePosixPath
    found: list[PurePath] = []
    if platform != "win32":
        found = [flavour("/etc/ipshell"), flavour("/usr/local/etc/ipshell")]
    elif environ.get("IPSHELL_USE_PROGRAMDATA") == "1":
        data = _from_environment("PROGRAMDATA", environ, flavour, "")
        found = [data / "ipshell"] if data else []
    own = flavour(prefix) / "etc" / "ipshell"
    if own.is_absolute() and own not in found:
        found.append(own)
    return [Path(str(path)) for path in found]


def private_directory(path: Path) -> Path:
    """Create a directory and what is above it, for its owner alone; what exists is left as it is.

    :returns: the path given.
    :raises UserError: if it cannot be created.
    """
    try:
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        if not path.is_dir():
            raise NotADirectoryError(0, "there is a file of that name")
    except OSError as error:
        raise UserError(
            f"{path} cannot be created: {error.strerror or error}. "
            "Make it writable, or set IPSHELL_HOME to a directory you can write to."
        ) from None
    return path


def _from_environment(
    variable: str, environ: Mapping[str, str], flavour: type[PurePath], home: str
) -> PurePath | None:
    text = environ.get(variable, "").strip()
    if not text:
        return None
    if text == "~" or text.startswith(("~/", "~\\")):
        text = home + text[1:]
    path = flavour(text)
    if path.is_absolute():
        return path
    notice(
        f"{variable}={text} is a relative path and was ignored: nothing is read from the working "
        "directory. Give an absolute path.",
        once=f"directories:{variable}",
    )
    return None


def _directories(config: PurePath, state: PurePath, cache: PurePath) -> Directories:
    return Directories(Path(str(config)), Path(str(state)), Path(str(cache)))
