"""Names of the shell that users know, and the part that does the work: one table.

The shell wires parts together; what a part can do itself stays there.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from .display import Display, DisplayPublisher
    from .magics.registry import Function, MagicsManager

T = TypeVar("T")


class Delegate(Generic[T]):
    """An attribute of the shell that is one of a part's.

    :param path: from the shell to it, with dots.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._get = attrgetter(path)

    @overload
    def __get__(self, shell: None, owner: type) -> Delegate[T]: ...
    @overload
    def __get__(self, shell: object, owner: type) -> T: ...
    def __get__(self, shell: object | None, owner: type) -> Any:
        return self if shell is None else self._get(shell)

    def __set__(self, shell: object, value: T) -> None:
        raise AttributeError(f"the shell takes this from its part: set {self.path} instead")


class Delegated:
    """What the shell hands on to its parts."""

    magics_manager: Delegate[MagicsManager] = Delegate("magics")
    register_magics: Delegate[Callable[..., None]] = Delegate("magics.register_magics")
    register_magic_function: Delegate[Callable[..., None]] = Delegate("magics.register_function")
    find_magic: Delegate[Callable[..., Function | None]] = Delegate("magics.find_magic")
    find_line_magic: Delegate[Callable[[str], Function | None]] = Delegate("magics.find_line_magic")
    find_cell_magic: Delegate[Callable[[str], Function | None]] = Delegate("magics.find_cell_magic")
    magic: Delegate[Callable[[str], Any]] = Delegate("magics.run")
    display_formatter: Delegate[Display] = Delegate("display")
    display_pub: Delegate[DisplayPublisher] = Delegate("display.publisher")
