"""What plugins of the families by name give to a shell: asked for once, then kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .plugins.registry import Given
    from .shell import InteractiveShell


def provider(
    shell: InteractiveShell, family: str, key: str, hook: str, check: Callable[[Any], str]
) -> Given | None:
    """Give what the owner of a key gives to a shell; the hook is called once per shell.

    :param check: says what is wrong with it, empty if nothing is.
    :returns: ``None`` if nobody owns the key, several do, or the owner has failed.
    """
    given = shell.providers.get((family, key))
    if given is None:
        given = shell.registry.call_named(family, key, hook, check, shell=shell)
        if given is not None:
            shell.providers[family, key] = given
    elif shell.registry.state(given.plugin) == "failed":
        return None
    return given
