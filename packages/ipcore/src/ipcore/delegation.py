"""Names of the shell that users know, and the part that does the work: one table.

The shell wires parts together; what a part can do itself stays there.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from operator import attrgetter, methodcaller
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

if TYPE_CHECKING:
    from types import ModuleType

    from .aliases import AliasManager
    from .display import Display, DisplayPublisher
    from .error_display import ErrorDisplay
    from .hooks import Hooks
    from .magics.registry import Function, MagicsManager
    from .object_information import ObjectInformation
    from .prompting import Prompting
    from .stored_values import StoredValues
    from .traps import Traps
    from .user_code import UserCode
    from .variables import Variables

T = TypeVar("T")

#: Names that extensions put functions of their own in the place of, to show errors their way.
SHOWING: Final = frozenset({"showtraceback", "_showtraceback", "showsyntaxerror", "InteractiveTB"})


class Replaceable(Generic[T]):
    """An attribute of the shell that is one of a part's until somebody sets it.

    :param path: from the shell to it, with dots.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._get: Callable[[object], Any] = attrgetter(path)

    @overload
    def __get__(self, shell: None, owner: type) -> Replaceable[T]: ...
    @overload
    def __get__(self, shell: object, owner: type) -> T: ...
    def __get__(self, shell: object | None, owner: type) -> Any:
        return self if shell is None else self._get(shell)


class Delegate(Replaceable[T]):
    """An attribute of the shell that is always one of a part's."""

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

    error_display: PartDelegate[ErrorDisplay] = PartDelegate("error_display")
    hooks: PartDelegate[Hooks] = PartDelegate("hooks")
    object_information: PartDelegate[ObjectInformation] = PartDelegate("object_information")
    prompting: PartDelegate[Prompting] = PartDelegate("prompting")
    stored_values: PartDelegate[StoredValues] = PartDelegate("stored_values")
    user_code: PartDelegate[UserCode] = PartDelegate("user_code")
    variables: PartDelegate[Variables] = PartDelegate("variables")

    magics_manager: Delegate[MagicsManager] = Delegate("magics")
    register_magics: Delegate[Callable[..., None]] = Delegate("magics.register_magics")
    register_magic_function: Delegate[Callable[..., None]] = Delegate("magics.register_function")
    find_magic: Delegate[Callable[..., Function | None]] = Delegate("magics.find_magic")
    find_line_magic: Delegate[Callable[[str], Function | None]] = Delegate("magics.find_line_magic")
    find_cell_magic: Delegate[Callable[[str], Function | None]] = Delegate("magics.find_cell_magic")
    magic: Delegate[Callable[[str], Any]] = Delegate("magics.run")
    register_alias: Delegate[Callable[..., None]] = Delegate("magics.register_alias")

    alias_manager: Delegate[AliasManager] = Delegate("aliases")
    builtin_trap: Delegate[Traps] = Delegate("traps")
    display_trap: Delegate[Traps] = Delegate("traps")
    history_manager: Delegate[Any] = Delegate("history")
    Completer: Delegate[Any] = Delegate("completer")

    push: Delegate[Callable[..., None]] = Delegate("variables.push")
    drop_by_id: Delegate[Callable[..., None]] = Delegate("variables.drop_by_id")
    del_var: Delegate[Callable[..., None]] = Delegate("variables.del_var")
    reset: Delegate[Callable[..., None]] = Delegate("variables.reset")
    reset_selective: Delegate[Callable[..., None]] = Delegate("variables.reset_selective")
    ex: Delegate[Callable[[str], None]] = Delegate("variables.ex")
    ev: Delegate[Callable[[str], Any]] = Delegate("variables.ev")
    user_expressions: Delegate[Callable[..., dict[str, dict[str, Any]]]] = Delegate(
        "variables.user_expressions"
    )
    all_ns_refs: Delegate[list[MutableMapping[str, Any]]] = Delegate("variables.all_ns_refs")
    new_main_mod: Delegate[Callable[[str, str], ModuleType]] = Delegate("variables.new_main_mod")
    clear_main_mod_cache: Delegate[Callable[[], None]] = Delegate("variables.clear_main_mod_cache")
    define_macro: Delegate[Callable[..., None]] = Delegate("variables.define_macro")

    showtraceback: Replaceable[Callable[..., None]] = Replaceable("error_display.showtraceback")
    _showtraceback: Replaceable[Callable[..., None]] = Replaceable("error_display.print_lines")
    showsyntaxerror: Replaceable[Callable[..., None]] = Replaceable("error_display.showsyntaxerror")
    showindentationerror: Replaceable[Callable[..., None]] = Replaceable("error_display.showsyntaxerror")
    InteractiveTB: Replaceable[Any] = Replaceable("error_display.formatter")
    SyntaxTB: Replaceable[Any] = Replaceable("error_display.formatter")
    show_usage_error: Delegate[Callable[[BaseException], None]] = Delegate("error_display.show_usage_error")
    get_exception_only: Delegate[Callable[..., str]] = Delegate("error_display.get_exception_only")
    excepthook: Delegate[Callable[..., None]] = Delegate("error_display.excepthook")
    set_custom_exc: Delegate[Callable[..., None]] = Delegate("error_display.set_custom_exc")
    custom_exceptions: Delegate[tuple[type[BaseException], ...]] = Delegate("error_display.custom_exceptions")
    CustomTB: Delegate[Callable[..., list[str]]] = Delegate("error_display.call_custom")
    _get_exc_info: Delegate[Callable[..., Any]] = Delegate("error_display.exc_info")

    set_hook: Delegate[Callable[..., None]] = Delegate("hooks.set_hook")
    strdispatchers: Delegate[dict[str, Any]] = Delegate("hooks.strdispatchers")

    db: Delegate[MutableMapping[str, Any]] = Delegate("stored_values.mapping")

    find_user_code: Delegate[Callable[..., str]] = Delegate("user_code.find_user_code")
    extract_input_lines: Delegate[Callable[..., str]] = Delegate("user_code.extract_input_lines")
    mktempfile: Delegate[Callable[..., str]] = Delegate("user_code.mktempfile")
    var_expand: Delegate[Callable[..., str]] = Delegate("user_code.var_expand")
    system_raw: Delegate[Callable[[str], None]] = Delegate("system")
    transform_cell: Delegate[Callable[..., str]] = Delegate("transform")
    check_complete: Delegate[Callable[[str], tuple[str, str]]] = Delegate("user_code.check_complete")

    set_next_input: Replaceable[Callable[..., None]] = Replaceable("prompting.set_next_input")
    ask_yes_no: Replaceable[Callable[..., bool]] = Replaceable("prompting.ask_yes_no")

    complete: Delegate[Callable[..., tuple[str, list[str]]]] = Delegate("completer.complete")
    object_inspect: Delegate[Callable[..., dict[str, Any]]] = Delegate("object_information.object_inspect")
    object_inspect_text: Delegate[Callable[..., str]] = Delegate("object_information.object_inspect_text")
    object_inspect_mime: Delegate[Callable[..., dict[str, str]]] = Delegate(
        "object_information.object_inspect_mime"
    )
    display_formatter: Delegate[Display] = Delegate("display")
    display_pub: Delegate[DisplayPublisher] = Delegate("display.publisher")
    enable_gui: Delegate[Callable[..., None]] = Delegate("inputhooks.use")
