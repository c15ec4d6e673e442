"""Where each value of the configuration was set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from traitlets.config.loader import Config


class Origin(NamedTuple):
    """One place that sets a value."""

    file: str
    """The configuration file; empty for the command line."""
    line: int = 0
    """Line in the file, from 1; 0 where it is not known."""
    option: str = ""
    """The option as it was typed, for the command line."""

    def __str__(self) -> str:
        if not self.file:
            return f"command line: {self.option}" if self.option else "command line"
        return f"{self.file}:{self.line}" if self.line else self.file


class Setting(NamedTuple):
    """One value set at one place."""

    section: str
    """The section, with dots where it is nested: ``InteractiveShell`` or ``IPShellApp.AliasManager``."""
    trait: str
    """The option's name."""
    origin: Origin
    """Where it was set."""
    value: Any
    """The value; for an additive action what was added."""
    action: str = "="
    """``=``, or how it adds: ``append``, ``extend``, ``prepend``, ``insert``, ``update``."""
    placed: bool = True
    """Whether it became part of the configuration; not so where there can be no such option."""

    @property
    def name(self) -> str:
        """Section and option, as ``InteractiveShell.colors``."""
        return f"{self.section}.{self.trait}" if self.section else self.trait

    def __str__(self) -> str:
        if self.action == "=":
            return f"= {self.value!r}"
        arguments = self.value if self.action == "insert" else (self.value,)
        return f".{self.action}({', '.join(map(repr, arguments))})"


class TracedConfig(Config):
    """The merged configuration, which knows where its values come from.

    :param settings: all settings it was merged from, lowest precedence first.
    """

    def __init__(self, *args: Any, settings: Iterable[Setting] = (), **values: Any) -> None:
        # Config takes each attribute for an option; this one must not become one.
        dict.__setattr__(self, "_settings", tuple(settings))
        super().__init__(*args, **values)

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings, lowest precedence first."""
        found: tuple[Setting, ...] = self.__dict__["_settings"]
        return found

    # Config makes its copies by calling the class without arguments.
    def __deepcopy__(self, memo: Any) -> TracedConfig:
        return self._traced(super().__deepcopy__(memo))

    def copy(self) -> TracedConfig:
        """Give a shallow copy, with the same origins."""
        return self._traced(super().copy())

    def _traced(self, copied: Any) -> TracedConfig:
        dict.__setattr__(copied, "_settings", self.settings)
        assert isinstance(copied, TracedConfig)
        return copied


def origin_of(config: Config, section: str, trait: str) -> Origin | None:
    """Give the place that set an option last; ``None`` where it is not set or not known."""
    if not isinstance(config, TracedConfig):
        return None
    settings: tuple[Setting, ...] = config.settings
    found = [s.origin for s in settings if s.trait == trait and s.section == section and s.placed]
    return found[-1] if found else None
