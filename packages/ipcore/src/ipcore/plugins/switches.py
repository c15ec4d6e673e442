"""Which plugins may load, decided before anything of theirs is imported.

Precedence: ``--no-plugins`` > ``-p NAME`` and ``-p no:NAME`` (the last one counts)
> ``IPSHELL_PLUGINS`` > configuration > on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .declared import Declared


class Switches(NamedTuple):
    """Everything the user said about plugins."""

    none: bool = False
    """``--no-plugins``: only the core's own load."""
    options: tuple[str, ...] = ()
    """Values of ``-p``, in order: ``NAME`` or ``no:NAME``."""
    environment: str | None = None
    """``IPSHELL_PLUGINS``: empty for none, else exactly these; ``None`` if it is not set."""
    enable: tuple[str, ...] = ()
    """Names that configuration switches on again."""
    disable: tuple[str, ...] = ()
    """Names that configuration switches off."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Switches:
        """Give the switches of a process without command line and configuration."""
        environ = os.environ if environ is None else environ
        return cls(environment=environ.get("IPSHELL_PLUGINS"))

    def blocked_by(self, plugin: Declared) -> str:
        """Say what keeps a plugin from loading; empty if nothing does.

        The core's own plugins are under ``-p no:`` and ``Plugins.disable`` alone:
        without them there is no shell to speak of.
        """
        if self.none and not plugin.core:
            return "--no-plugins"
        for option in reversed(self.options):
            name = option.removeprefix("no:")
            if plugin.matches(name):
                return f"-p {option}" if option != name else ""
        if self.environment is not None and not plugin.core:
            names = self.environment_names()
            if not any(plugin.matches(name) for name in names):
                return f"IPSHELL_PLUGINS={self.environment}"
            return ""
        if any(plugin.matches(name) for name in self.disable) and not any(
            plugin.matches(name) for name in self.enable
        ):
            return "configuration: Plugins.disable"
        return ""

    def environment_names(self) -> list[str]:
        """Names listed in ``IPSHELL_PLUGINS``."""
        return [name.strip() for name in (self.environment or "").split(",") if name.strip()]

    def unmatched(self, declared: Iterable[Declared]) -> list[tuple[str, str]]:
        """Give the names that mean no plugin, each with the switch it came from."""
        plugins = list(declared)
        given = [(option.removeprefix("no:"), f"-p {option}") for option in self.options]
        given += [(name, "IPSHELL_PLUGINS") for name in self.environment_names()]
        given += [(name, "Plugins.enable") for name in self.enable]
        given += [(name, "Plugins.disable") for name in self.disable]
        return [
            (name, source) for name, source in given if not any(plugin.matches(name) for plugin in plugins)
        ]
