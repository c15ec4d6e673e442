"""Profiles: named sets of configuration, start-up files, history and logs.

Of a profile ``NAME``, what the user writes is in ``profile_NAME`` below the configuration directory, and
what the shell writes in ``profile_NAME`` below the state directory. Looking at a profile creates nothing: a
profile that has no directories yet is an empty one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import UsageError, UserError
from .directories import Directories, private_directory

if TYPE_CHECKING:
    from traitlets.config.configurable import Configurable

#: The profile of who names none.
DEFAULT = "default"

_PREFIX = "profile_"

# What a file name may not hold on one of the platforms: profiles are carried from one to another.
_FORBIDDEN = '/\\:*?"<>|'

_README = """\
Start-up files
==============

All files here that end in .py or .ipy are run, in the order of their names, each time an
interactive shell starts with this profile. Names such as 00-first.py and 50-later.py make the
order plain. A .ipy file may hold magics and !commands, a .py file is plain Python.

A directory called startup beside a configuration file of the system ("ipshell config paths" lists the
places) is for all profiles; its files run before these.

The files run after the one PYTHONSTARTUP names, and before the exec_lines and exec_files of the
configuration. The first one that fails stops those after it, with a message. --quick runs none.
"""

_HEADER = """\
# Configuration of ipshell, profile {name}.
#
# Every option is here with its default, as a comment; take the "#" away in front of a line to use it.
# "ipshell config explain Section.option" tells what an option is now and where it was set.

c = get_config()  # noqa: F821

"""


class Profile(NamedTuple):
    """Where the parts of one profile are; none needs to exist."""

    name: str
    config_dir: Path
    """What the user writes."""
    state_dir: Path
    """What the shell writes."""

    @property
    def startup_dir(self) -> Path:
        """Files run when an interactive shell starts."""
        return self.config_dir / "startup"

    @property
    def extensions_dir(self) -> Path:
        """Extensions that need not be installed."""
        return self.config_dir / "extensions"

    @property
    def python_config(self) -> Path:
        """The configuration file in Python."""
        return self.config_dir / "ipshell_config.py"

    @property
    def json_config(self) -> Path:
        """The configuration file in JSON."""
        return self.config_dir / "ipshell_config.json"

    @property
    def history_file(self) -> Path:
        """Inputs and outputs of earlier sessions."""
        return self.state_dir / "history.sqlite"

    @property
    def db_dir(self) -> Path:
        """Stored values."""
        return self.state_dir / "db"

    @property
    def log_dir(self) -> Path:
        """Session logs and crash reports."""
        return self.state_dir / "log"

    @property
    def exists(self) -> bool:
        """Whether it has a directory."""
        return self.config_dir.is_dir() or self.state_dir.is_dir()


def check_name(name: str) -> str:
    """Give the name of a profile back.

    :raises UsageError: if it cannot be one: empty, or with a path separator or another character that file
        names cannot have on every platform.
    """
    if not name.strip():
        raise UsageError("the name of a profile cannot be empty")
    wrong = sorted({char for char in name if char in _FORBIDDEN or not char.isprintable()})
    if wrong or name != name.strip() or name.strip(".") == "":
        what = "may not hold " + " ".join(map(repr, wrong)) if wrong else "is none a directory can have"
        raise UsageError(f"{name!r} cannot be the name of a profile: it {what}")
    return name


def find_profile(
    directories: Directories, name: str = DEFAULT, profile_dir: str | Path | None = None
) -> Profile:
    """Find a profile. Creates nothing.

    :param directories: the user's directories.
    :param name: the profile's name.
    :param profile_dir: a directory that holds all of the profile, its state too; it goes before the name. A
        relative one is meant from the working directory.
    :raises UsageError: if there can be no profile of that name.
    """
    if profile_dir:
        folder = Path(os.path.abspath(os.path.expanduser(profile_dir)))
        return Profile(folder.name.removeprefix(_PREFIX) or folder.name, folder, folder)
    folder_name = _PREFIX + check_name(name)
    return Profile(name, directories.config / folder_name, directories.state / folder_name)


def list_profiles(directories: Directories) -> list[Profile]:
    """Give the profiles that have a directory, by name."""
    names: set[str] = set()
    for base in (directories.config, directories.state):
        try:
            names.update(path.name for path in base.glob(_PREFIX + "*") if path.is_dir())
        except OSError:  # not there, or not ours to read: nothing to list
            continue
    found = []
    for name in sorted(names):
        try:
            found.append(find_profile(directories, name.removeprefix(_PREFIX)))
        except UsageError:
            continue
    return found


def create_profile(
    profile: Profile, *, reset: bool = False, classes: Iterable[type[Configurable]] | None = None
) -> list[Path]:
    """Create a profile's directories, a commented configuration file and a README of the start-up files.

    The directories are for the owner alone: what is in them is executed, or private.

    :param profile: from :func:`find_profile`.
    :param reset: write the files anew where they exist; otherwise existing files are left as they are.
    :param classes: whose options the file lists; by default those of the core.
    :returns: the files written.
    :raises UserError: if something cannot be created.
    """
    for folder in (profile.startup_dir, profile.extensions_dir, profile.db_dir, profile.log_dir):
        private_directory(folder)
    wanted: dict[Path, Callable[[], str]] = {
        profile.python_config: lambda: config_text(profile.name, classes),
        profile.startup_dir / "README": lambda: _README,
    }
    written = []
    for path, text in wanted.items():
        if reset or not path.exists():
            try:
                path.write_text(text(), encoding="utf-8")
            except OSError as error:
                raise UserError(f"{path} cannot be written: {error.strerror or error}") from None
            written.append(path)
    return written


def config_text(name: str, classes: Iterable[type[Configurable]] | None = None) -> str:
    """Give the text of a configuration file with every option as a comment.

    :param name: the profile's name, for the first line.
    :param classes: whose options it lists; by default those of the core.
    """
    if classes is None:
        from .sections import core_classes

        classes = core_classes()
    return _HEADER.format(name=name) + "\n".join(map(_section_text, classes))


def _section_text(kind: type[Configurable]) -> str:
    """Give the options of one class as comments. traitlets' own text would show whole docstrings of ours."""
    from .checks import expected

    summary = " ".join((kind.__doc__ or "").partition("\n\n")[0].split())
    lines = ["#" + "-" * 78, *_comment(f"{kind.__name__}: {summary}"), "#" + "-" * 78, ""]
    for option, trait in sorted(kind.class_traits(config=True).items()):
        default = trait.default_value_repr()
        lines += [*_comment(trait.help), *_comment(f"Takes {expected(trait)}."), "#"]
        lines += [f"# c.{kind.__name__}.{option} = {default}", ""]
    return "\n".join(lines)


def _comment(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(" ".join(text.split()), 88, initial_indent="# ", subsequent_indent="# ")
