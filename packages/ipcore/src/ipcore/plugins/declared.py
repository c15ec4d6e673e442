"""What is known of a plugin before it is imported."""

from __future__ import annotations

from typing import Final, NamedTuple

from ..hookspecs import GROUP_PREFIX

#: The distribution that the built-in plugins belong to.
CORE: Final = "ipshell-core"


def normalized(name: str) -> str:
    """Give a distribution's name as package indexes compare it: ``My_Dist`` is ``my-dist``."""
    import re

    return re.sub(r"[-_.]+", "-", name).lower()


class Declared(NamedTuple):
    """One entry point of one of our groups."""

    family: str
    """The family, for example ``commands``."""
    key: str
    """The entry's name: what a user types or configures by."""
    value: str
    """``module`` or ``module:attribute``."""
    dist: str
    """The distribution, as it writes its own name."""
    version: str
    """The distribution's version."""
    summary: str = ""
    """The distribution's one-line summary."""

    @property
    def group(self) -> str:
        """The entry-point group."""
        return GROUP_PREFIX + self.family

    @property
    def id(self) -> str:
        """``distribution[key]``, as shown to users."""
        return f"{self.dist}[{self.key}]"

    @property
    def core(self) -> bool:
        """Whether it is one of the core's own."""
        return self.dist == CORE

    @property
    def module(self) -> str:
        """The module to import."""
        return self.value.partition(":")[0].strip()

    def matches(self, name: str) -> bool:
        """Tell whether a user's name means this plugin.

        :param name: a key, a distribution, ``distribution[key]`` or ``family/key``.
        """
        if name in (self.key, f"{self.family}/{self.key}"):
            return True
        dist, bracket, key = name.partition("[")
        if normalized(dist) != normalized(self.dist):
            return False
        return not bracket or key == f"{self.key}]"

    def __str__(self) -> str:
        return f"{self.id} {self.version} ({self.family})"
