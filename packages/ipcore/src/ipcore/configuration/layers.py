"""The layers of the configuration, merged, with the origin of every value.

Lowest precedence first:

1. defaults in the classes,
2. ``/etc/ipshell``, ``/usr/local/etc/ipshell``, then ``etc/ipshell`` below the prefix of this Python,
3. the directory of the profile,
4. files given with ``--config``, in their order,
5. the command line.

A directory may hold ``ipshell_config.py`` and ``ipshell_config.json``. Both are read, and the JSON file,
which programs write, wins. No environment variable sets an option.

This module is on the start-up path: with no file and no option it costs a few looks at the file system.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from traitlets.config.loader import Config

from ..errors import UsageError, UserError
from ..notices import notice
from .directories import Directories, system_config_dirs

if TYPE_CHECKING:
    from .files import FileError, Loaded
    from .origins import Origin, Setting
    from .profiles import Profile

#: The file names looked for in a directory, lowest precedence first.
FILE_NAMES = ("ipshell_config.py", "ipshell_config.json")

#: What to do about an error in a file; see :func:`error_policy`.
POLICY_VARIABLE = "IPSHELL_SUPPRESS_CONFIG_ERRORS"


class Ignored(NamedTuple):
    """A file that was not read."""

    path: Path
    reason: str


class Configuration:
    """The configuration of one run. Use :meth:`load`; an instance does not change after that."""

    def __init__(self) -> None:
        self.config = Config()
        """All layers merged. Components take it as their ``config`` and can tell where a value comes from."""
        self.settings: tuple[Setting, ...] = ()
        """All that the layers set, lowest precedence first."""
        self.read: list[Path] = []
        """The files read, lowest precedence first."""
        self.ignored: list[Ignored] = []
        """The files that are there and were not read, or not used, and why."""
        self.missing: list[Path] = []
        """The files that would be read if they were there."""
        self.errors: list[FileError] = []
        """What was wrong in the files."""

    @property
    def empty(self) -> bool:
        """Whether no layer sets anything."""
        return not self.settings

    @classmethod
    def load(
        cls,
        profile: Profile,
        directories: Directories,
        extra_files: Iterable[str | Path] = (),
        command_line: Config | None = None,
        command_line_origins: Mapping[str, str] | None = None,
        *,
        use_files: bool = True,
        system_dirs: Iterable[Path] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Configuration:
        """Read and merge all layers. An error in a file is told in a notice, and the rest is read.

        :param profile: the profile whose directory is read.
        :param directories: where other profiles are, for ``load_subconfig(file, profile=...)``.
        :param extra_files: files of ``--config``; a relative path is meant from the working directory.
        :param command_line: the options of the command line, by section.
        :param command_line_origins: ``Section.option`` → the option as it was typed.
        :param use_files: ``False`` leaves out all files but ``extra_files``, as ``--quick`` asks for.
        :param system_dirs: the directories of layer 2, by default :func:`system_config_dirs`.
        :param environ: the environment; by default that of the process.
        :raises UserError: if a file of ``extra_files`` is not there, or, where
            ``IPSHELL_SUPPRESS_CONFIG_ERRORS`` is 0, for the first error in a file.
        :raises UsageError: if that variable has another value than 0 or 1.
        """
        self = cls()
        policy = error_policy(environ)
        layers: list[Loaded | None] = []
        system = system_config_dirs(environ) if system_dirs is None else list(system_dirs)
        profile_dir = _profile_dirs(directories)
        for folder in [*system, profile.config_dir]:
            for name in FILE_NAMES:
                path = folder / name
                if not os.path.lexists(path):
                    self.missing.append(path)
                elif not use_files:
                    self.ignored.append(Ignored(path, "no configuration files were asked for (--quick)"))
                else:
                    layers.append(self._load_file(path, profile_dir))
        for extra in extra_files:
            path = Path(os.path.abspath(os.path.expanduser(extra)))
            if not path.is_file():
                raise UserError(f"--config: there is no file {path}")
            layers.append(self._load_file(path, profile_dir))
        if command_line:
            layers.append(_command_line(command_line, command_line_origins or {}))
        found = [layer for layer in layers if layer is not None]
        if found:
            self._merge(found)
            self._report(policy)
        return self

    def origin(self, section: str, trait: str) -> Origin | None:
        """Give the place that set an option last; ``None`` where none did.

        :param section: ``InteractiveShell``, or ``Outer.Inner`` for a nested one.
        :param trait: the option.
        """
        placed = [setting for setting in self.history(section, trait) if setting.placed]
        return placed[-1].origin if placed else None

    def history(self, section: str, trait: str) -> list[Setting]:
        """Give every place that sets an option, lowest precedence first."""
        if not self.settings:
            return []
        from .sections import canonical

        section = canonical(section)
        return [found for found in self.settings if found.trait == trait and found.section == section]

    def _load_file(self, path: Path, profile_dir: Callable[[str], Path]) -> Loaded | None:
        if _sets_nothing(path):
            self.read.append(path)
            return None
        from .files import load_file

        loaded = load_file(path, profile_dir)
        self.read += loaded.files
        self.errors += loaded.errors
        if path not in loaded.files:
            self.ignored += [Ignored(path, error.text) for error in loaded.errors]
        return loaded

    def _merge(self, layers: list[Loaded]) -> None:
        from .origins import TracedConfig

        self.settings = tuple(setting for layer in layers for setting in layer.settings)
        self.config = TracedConfig(settings=self.settings)
        for layer in layers:
            self.config.merge(layer.config)

    def _report(self, policy: str) -> None:
        for error in self.errors:
            if policy == "raise":
                raise UserError(f"{error} ({POLICY_VARIABLE} is 0)")
            details = error.traceback if policy == "tell" else ""
            notice(str(error), once=f"configuration:{error}", details=details)


def _sets_nothing(path: Path) -> bool:
    """Tell whether a Python file is all comments, as a new profile's is.

    Such a file is found at nearly every start; this spares importing what executes it.
    """
    try:
        lines = path.read_bytes().splitlines() if path.suffix == ".py" else [b"{"]
    except OSError:  # told by what reads files
        return False
    return all(line.partition(b"#")[0].strip() in (b"", b"c = get_config()") for line in lines)


def error_policy(environ: Mapping[str, str] | None = None) -> str:
    """Tell what to do about an error in a configuration file.

    :returns: ``tell`` (variable unset: a notice, with the traceback under ``--debug``), ``short`` (1: the
        notice alone) or ``raise`` (0).
    :raises UsageError: for any other value of ``IPSHELL_SUPPRESS_CONFIG_ERRORS``.
    """
    value = (os.environ if environ is None else environ).get(POLICY_VARIABLE, "")
    policy = {"": "tell", "1": "short", "0": "raise"}.get(value)
    if policy is None:
        raise UsageError(
            f"{POLICY_VARIABLE}={value}: give 1 (one line for each error in a configuration file) "
            "or 0 (stop at the first)"
        )
    return policy


def _profile_dirs(directories: Directories) -> Callable[[str], Path]:
    def profile_dir(name: str) -> Path:
        from .profiles import find_profile

        return find_profile(directories, name).config_dir

    return profile_dir


def _command_line(config: Config, typed: Mapping[str, str]) -> Loaded:
    from .files import load_values
    from .origins import Origin
    from .sections import canonical

    options = {canonical(name): text for name, text in typed.items()}

    def origin(section: str, trait: str) -> Origin:
        name = f"{section}.{trait}" if section else trait
        return Origin("", option=options.get(name, ""))

    return load_values(config, origin)
