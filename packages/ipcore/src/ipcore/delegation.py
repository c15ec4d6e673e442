"""Names of the shell that users know, and the part that does the work: one table.

The shell wires parts together; what a part can do itself stays there.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from operator import attrgetter, methodcaller
from typing import TYPE_CHECKING, Any, Concatenate, Final, Generic, ParamSpec, TypeVar, overload

if TYPE_CHECKING:
    from .aliases import AliasManager
    from .application.file_runner import FileRunner
    from .cells.checkers import PrefilterManager
    from .cells.transformers import LinesTransformer, Transformers
    from .completion.completer import ShellCompleter
    from .display import Display, DisplayPublisher
    from .error_display import ErrorDisplay
    from .hooks import Hooks
    from .hosts.inputhooks import InputHooks
    from .magics.registry import MagicsManager
    from .object_information import ObjectInformation
    from .prompting import Prompting
    from .shell import InteractiveShell
    from .stored_values import StoredValues
    from .traps import Traps
    from .user_code import UserCode
    from .variables import Variables

P = ParamSpec("P")
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


def _method(path: str, like: Callable[[], Callable[Concatenate[Any, P], T]]) -> Delegate[Callable[P, T]]:
    """Give a delegate to a method.

    :param like: gives the method's function; never called, it tells type checkers arguments and result.
    """
    return Delegate(path)


class Delegated:
    """What the shell hands on to its parts."""

    prefilter_manager: PartDelegate[PrefilterManager] = PartDelegate("prefilter_manager")
    prefilter = _method("prefilter_manager.prefilter_lines", lambda: PrefilterManager.prefilter_lines)
    input_transformer_manager: Delegate[Transformers] = Delegate("transformers")
    input_transformers_cleanup: Delegate[list[LinesTransformer]] = Delegate("transformers.cleanup_transforms")
    safe_execfile = _method("runner.files.safe_execfile", lambda: FileRunner.safe_execfile)
    safe_execfile_ipy = _method("runner.files.safe_execfile_ipy", lambda: FileRunner.safe_execfile_ipy)
    safe_run_module = _method("runner.files.safe_run_module", lambda: FileRunner.safe_run_module)
    error_display: PartDelegate[ErrorDisplay] = PartDelegate("error_display")
    hooks: PartDelegate[Hooks] = PartDelegate("hooks")
    object_information: PartDelegate[ObjectInformation] = PartDelegate("object_information")
    prompting: PartDelegate[Prompting] = PartDelegate("prompting")
    stored_values: PartDelegate[StoredValues] = PartDelegate("stored_values")
    user_code: PartDelegate[UserCode] = PartDelegate("user_code")
    variables: PartDelegate[Variables] = PartDelegate("variables")

    magics_manager: Delegate[MagicsManager] = Delegate("magics")
    register_magics = _method("magics.register_magics", lambda: MagicsManager.register_magics)
    register_magic_function = _method("magics.register_function", lambda: MagicsManager.register_function)
    find_magic = _method("magics.find_magic", lambda: MagicsManager.find_magic)
    find_line_magic = _method("magics.find_line_magic", lambda: MagicsManager.find_line_magic)
    find_cell_magic = _method("magics.find_cell_magic", lambda: MagicsManager.find_cell_magic)
    magic = _method("magics.run", lambda: MagicsManager.run)
    register_alias = _method("magics.register_alias", lambda: MagicsManager.register_alias)

    alias_manager: Delegate[AliasManager] = Delegate("aliases")
    builtin_trap: Delegate[Traps] = Delegate("traps")
    display_trap: Delegate[Traps] = Delegate("traps")
    history_manager: Delegate[Any] = Delegate("history")
    Completer: Delegate[Any] = Delegate("completer")

    push = _method("variables.push", lambda: Variables.push)
    drop_by_id = _method("variables.drop_by_id", lambda: Variables.drop_by_id)
    del_var = _method("variables.del_var", lambda: Variables.del_var)
    reset = _method("variables.reset", lambda: Variables.reset)
    reset_selective = _method("variables.reset_selective", lambda: Variables.reset_selective)
    ex = _method("variables.ex", lambda: Variables.ex)
    ev = _method("variables.ev", lambda: Variables.ev)
    user_expressions = _method("variables.user_expressions", lambda: Variables.user_expressions)
    all_ns_refs: Delegate[list[MutableMapping[str, Any]]] = Delegate("variables.all_ns_refs")
    new_main_mod = _method("variables.new_main_mod", lambda: Variables.new_main_mod)
    clear_main_mod_cache = _method("variables.clear_main_mod_cache", lambda: Variables.clear_main_mod_cache)
    define_macro = _method("variables.define_macro", lambda: Variables.define_macro)

    showtraceback: Replaceable[Callable[..., None]] = Replaceable("error_display.showtraceback")
    _showtraceback: Replaceable[Callable[..., None]] = Replaceable("error_display.print_lines")
    showsyntaxerror: Replaceable[Callable[..., None]] = Replaceable("error_display.showsyntaxerror")
    showindentationerror: Replaceable[Callable[..., None]] = Replaceable("error_display.showsyntaxerror")
    InteractiveTB: Replaceable[Any] = Replaceable("error_display.formatter")
    SyntaxTB: Replaceable[Any] = Replaceable("error_display.formatter")
    show_usage_error = _method("error_display.show_usage_error", lambda: ErrorDisplay.show_usage_error)
    get_exception_only = _method("error_display.get_exception_only", lambda: ErrorDisplay.get_exception_only)
    excepthook = _method("error_display.excepthook", lambda: ErrorDisplay.excepthook)
    set_custom_exc = _method("error_display.set_custom_exc", lambda: ErrorDisplay.set_custom_exc)
    custom_exceptions: Delegate[tuple[type[BaseException], ...]] = Delegate("error_display.custom_exceptions")
    CustomTB: Delegate[Callable[..., list[str]]] = Delegate("error_display.call_custom")
    _get_exc_info: Delegate[Callable[..., Any]] = Delegate("error_display.exc_info")

    set_hook = _method("hooks.set_hook", lambda: Hooks.set_hook)
    strdispatchers: Delegate[dict[str, Any]] = Delegate("hooks.strdispatchers")

    db: Delegate[MutableMapping[str, Any]] = Delegate("stored_values.mapping")

    find_user_code = _method("user_code.find_user_code", lambda: UserCode.find_user_code)
    extract_input_lines = _method("user_code.extract_input_lines", lambda: UserCode.extract_input_lines)
    mktempfile = _method("user_code.mktempfile", lambda: UserCode.mktempfile)
    var_expand = _method("user_code.var_expand", lambda: UserCode.var_expand)
    system_raw = _method("system", lambda: InteractiveShell.system)
    transform_cell = _method("transform", lambda: InteractiveShell.transform)
    check_complete = _method("user_code.check_complete", lambda: UserCode.check_complete)

    set_next_input: Replaceable[Callable[..., None]] = Replaceable("prompting.set_next_input")
    ask_yes_no: Replaceable[Callable[..., bool]] = Replaceable("prompting.ask_yes_no")

    complete: Delegate[Callable[..., tuple[str, list[str]]]] = Delegate("completer.complete")
    set_custom_completer = _method(
        "completer.set_custom_completer", lambda: ShellCompleter.set_custom_completer
    )
    set_completer_frame = _method("completer.set_completer_frame", lambda: ShellCompleter.set_completer_frame)
    object_inspect = _method("object_information.object_inspect", lambda: ObjectInformation.object_inspect)
    object_inspect_text = _method(
        "object_information.object_inspect_text", lambda: ObjectInformation.object_inspect_text
    )
    object_inspect_mime = _method(
        "object_information.object_inspect_mime", lambda: ObjectInformation.object_inspect_mime
    )
    display_formatter: Delegate[Display] = Delegate("display")
    display_pub: Delegate[DisplayPublisher] = Delegate("display.publisher")

    enable_gui = _method("inputhooks.use", lambda: InputHooks.use)
