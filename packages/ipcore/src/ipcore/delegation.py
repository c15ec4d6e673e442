"""Names of the shell that users know, and the part that does the work: one table.

The shell wires parts together; what a part can do itself stays there.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter, methodcaller
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from .cells.checkers import PrefilterManager
    from .cells.transformers import LinesTransformer, Transformers
    from .display import Display, DisplayPublisher
    from .magics.registry import Function, MagicsManager

T = TypeVar("T")


class Delegate(Generic[T]):
    """An attribute of the shell that is one of a part's.

    :param path: from the shell to it, with dots.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._get: Callable[[object], Any] = attrgetter(path)

    @overload
    def __get__(self, shell: None, owner: type) -> Delegate[T]: ...
    @overload
    def __get__(self, shell: object, owner: type) -> T: ...
    def __get__(self, shell: object | None, owner: type) -> Any:
        return self if shell is None else self._get(shell)

    def __set__(self, shell: object, value: T) -> None:
        raise AttributeError(f"the shell takes this from its part: set {self.path} instead")


class PartDelegate(Delegate[T]):
    """An attribute of the shell that is one of its parts, made when it is first asked for.

    :param name: a key of :data:`ipcore.parts.PARTS`.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._get = methodcaller("part", name)

    def __set__(self, shell: object, value: T) -> None:
        raise AttributeError(f"use shell.replace_part({self.path!r}, ...) to put another one in its place")


class Delegated:
    """What the shell hands on to its parts."""

    prefilter_manager: PartDelegate[PrefilterManager] = PartDelegate("prefilter_manager")
    prefilter: Delegate[Callable[[str], str]] = Delegate("prefilter_manager.prefilter_lines")
    input_transformer_manager: Delegate[Transformers] = Delegate("transformers")
    input_transformers_cleanup: Delegate[list[LinesTransformer]] = Delegate("transformers.cleanup_transforms")
    transform_cell: Delegate[Callable[[str], str]] = Delegate("transformers.transform_cell")
    safe_execfile: Delegate[Callable[..., None]] = Delegate("runner.files.safe_execfile")
    safe_execfile_ipy: Delegate[Callable[..., None]] = Delegate("runner.files.safe_execfile_ipy")
    safe_run_module: Delegate[Callable[..., None]] = Delegate("runner.files.safe_run_module")

    magics_manager: Delegate[MagicsManager] = Delegate("magics")
    register_magics: Delegate[Callable[..., None]] = Delegate("magics.register_magics")
    register_magic_function: Delegate[Callable[..., None]] = Delegate("magics.register_function")
    find_magic: Delegate[Callable[..., Function | None]] = Delegate("magics.find_magic")
    find_line_magic: Delegate[Callable[[str], Function | None]] = Delegate("magics.find_line_magic")
    find_cell_magic: Delegate[Callable[[str], Function | None]] = Delegate("magics.find_cell_magic")
    magic: Delegate[Callable[[str], Any]] = Delegate("magics.run")
    display_formatter: Delegate[Display] = Delegate("display")
    display_pub: Delegate[DisplayPublisher] = Delegate("display.publisher")
