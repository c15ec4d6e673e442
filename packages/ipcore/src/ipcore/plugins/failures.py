"""What went wrong with a plugin, in words for the user."""

from __future__ import annotations

from typing import Any, NamedTuple

from .declared import Declared, normalized

#: A reason is cut to this many characters.
_LONGEST = 300
#: Of a traceback, this many frames are looked at.
_MOST_FRAMES = 1000
#: Of a message, this many characters are looked at.
_MOST_READ = 10_000

#: The name of a class, whatever its metaclass says.
_class_name: Any = type.__dict__["__name__"].__get__
_traceback: Any = BaseException.__dict__["__traceback__"].__get__
_exit_code: Any = SystemExit.__dict__["code"].__get__


class Unfit(Exception):
    """A plugin that does not keep to the contract of its family.

    :param reason: what is wrong with it, one line.
    :param remedy: what the user can do, if that is not a newer version of it.
    """

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


class Failure(NamedTuple):
    """One failure of one plugin."""

    plugin: Declared
    """The plugin that failed."""
    stage: str
    """What was being done: ``import``, ``register``, the hook's name …"""
    reason: str
    """The error, one line."""
    consequence: str
    """What was done about it."""
    remedy: str
    """What the user can do."""
    traceback: str = ""
    """The plugin's own traceback, for ``plugins info``."""

    def __str__(self) -> str:
        reason = self.reason if self.reason.endswith((".", "!", "?")) else self.reason + "."
        text = f"plugin {self.plugin}, {self.stage}: {reason} {self.consequence}"
        return f"{text} {self.remedy}" if self.remedy else text


def reason_of(error: BaseException) -> str:
    """Describe an error in one line, whatever its ``__str__`` and its class do."""
    kind = type(error)  # not isinstance(), which asks the object's __class__
    name: str = _class_name(kind)
    if issubclass(kind, KeyboardInterrupt):
        return "it was interrupted"
    try:
        said = _exit_code(error) if issubclass(kind, SystemExit) else error
        text = " ".join(str(said)[:_MOST_READ].split())
    except BaseException as broken:  # a hostile __str__, whatever it raises, must not hide whose error it is
        text = f"(its message cannot be shown: {_class_name(type(broken))})"
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 3] + "..."
    if issubclass(kind, SystemExit):
        return f"it tried to end the program (SystemExit: {text})"
    if issubclass(kind, Unfit):
        return text
    return f"{name}: {text}" if text else name


def described(plugin: Declared, error: BaseException) -> str:
    """Describe an error of a plugin in one line, with its place in the plugin's code."""
    reason = reason_of(error)
    # A syntax error's own message has it; what fails an expectation of ours is not at fault in one place.
    place = "" if isinstance(error, (SyntaxError, Unfit, KeyboardInterrupt)) else place_of(plugin, error)
    if not place:
        return reason
    # Its end may be a full stop, or the dots of what was cut.
    return f"{reason.removesuffix('.') if not reason.endswith('...') else reason} ({place})"


def place_of(plugin: Declared, error: BaseException) -> str:
    """Say where in the plugin's own code an error comes from, a file and a line; empty if it does not."""
    import os

    own = plugin.module.partition(".")[0]
    found = ""
    trace = _traceback(error)
    for _ in range(_MOST_FRAMES):
        if trace is None:
            break
        frame = trace.tb_frame
        name = frame.f_globals.get("__name__")
        if type(name) is str and name.partition(".")[0] == own:
            found = f"{os.path.basename(frame.f_code.co_filename)}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return found


def remedy_for(plugin: Declared, error: BaseException | None = None) -> str:
    """Say what the user can do about a failed plugin."""
    if plugin.core:
        return "This is a fault of ipshell itself: please report it."
    off = f'Switch it off with "-p no:{plugin.id}".'
    if isinstance(error, KeyboardInterrupt):
        return off
    if isinstance(error, Unfit) and error.remedy:
        return f"{error.remedy} {off}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        if error.name.partition(".")[0] == plugin.module.partition(".")[0]:  # a module of its own
            return f"Reinstall {plugin.dist}, or remove it. {off}"
        return f"Install {_wanted(plugin, error.name)}. {off}"
    return f"Look for a newer {plugin.dist} than {plugin.version}. {off}"


def _wanted(plugin: Declared, module: str) -> str:
    """Say what to install for a missing module.

    That is what the plugin itself declares, or else the module is named: a distribution
    is never guessed from it, for it may be a stranger's.
    """
    try:
        found = _requirement(plugin.dist, normalized(module.partition(".")[0]))
    except Exception:  # whatever is wrong with its metadata, the failure itself must be told
        found = ""
    return f'"{found}"' if found else f'what provides the module "{module}"'


def _requirement(dist: str, wanted: str) -> str:
    """Give what a distribution declares to need under a name: a requirement, or its extra that brings it."""
    import importlib_metadata
    from packaging.requirements import Requirement

    metadata = importlib_metadata.metadata(dist)
    for text in importlib_metadata.requires(dist) or []:
        requirement = Requirement(text)
        if normalized(requirement.name) != wanted:
            continue
        marker, requirement.marker = requirement.marker, None
        if marker is None or marker.evaluate({"extra": ""}):
            return str(requirement)
        for extra in metadata.get_all("Provides-Extra") or []:
            if marker.evaluate({"extra": extra}):
                return f"{dist}[{extra}]"
    return ""


def traceback_of(error: BaseException) -> str:
    """Give the traceback of an error as text."""
    import traceback

    try:
        return "".join(traceback.format_exception(error))
    except BaseException as broken:  # a hostile exception class, whatever it raises
        return f"(the traceback cannot be shown: {type(broken).__name__})\n"
