"""The user's names, as extensions handle them: put in, taken out, evaluated."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from .cells.outputs import Outputs
from .component import Component
from .notices import notice
from .saferepr import type_name

if TYPE_CHECKING:
    from .macros import Macro
    from .shell import InteractiveShell

#: What a module keeps when its names are removed: Python and not the user made them.
_OF_MODULES: Final = frozenset(
    {"__builtins__", "__builtin__", "__name__", "__doc__", "__package__", "__spec__", "__loader__"}
)

#: Never removed by name, as the interpreter needs it.
_REFUSED: Final = frozenset({"__builtin__", "__builtins__"})

#: Modules of files that were run are kept, as functions of theirs may live on; this many.
MOST_MODULES: Final = 256


class Variables(Component):
    """Handles the names in the shell's namespace. Used on the thread that runs cells.

    In an embedded shell the names are those of the frame or module around it; what is said below
    of removing concerns the names that can be removed there.
    """

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._modules: dict[str, types.ModuleType] = {}

    # -- putting in and taking out ---------------------------------------------

    def push(self, variables: Mapping[str, Any] | str | Iterable[str], interactive: bool = True) -> None:
        """Put names into the user's namespace.

        :param variables: names with values; or names of the caller's own variables, as a list or as
            one text with blanks between. A name that the caller does not have is told and left out.
        :param interactive: whether they are the user's own. Else they are hidden as the shell's are.
        :raises ValueError: if it is none of these.
        """
        if isinstance(variables, Mapping):
            given = dict(variables)
        elif isinstance(variables, (str, list, tuple)):
            names = variables.split() if isinstance(variables, str) else variables
            given = _variables_of(sys._getframe(1), names)
        else:
            raise ValueError(f"push takes a dict, a text or a list of names, not {type(variables).__name__}")
        self._shell.user_ns.update(given)
        if interactive:
            self._shell.user_ns_hidden.difference_update(given)
        else:
            self._shell.user_ns_hidden.update(given)

    def drop_by_id(self, variables: Mapping[str, Any]) -> None:
        """Remove names again that :meth:`push` put in, those apart that were given other values since.

        :param variables: names with their values.
        """
        names = self._removable()
        for name, value in variables.items():
            if name in names and names[name] is value:
                del names[name]
                self._shell.user_ns_hidden.discard(name)

    def del_var(self, varname: str, by_name: bool = False) -> None:
        """Remove a variable, and what the shell itself keeps of its value.

        :param by_name: remove this name wherever it is found, and nothing else. By default all names
            of the same object are removed, and the object from ``Out``, ``_3``, ``_`` and their like.
        :raises ValueError: for ``__builtins__``.
        :raises NameError: if there is no such variable; not with ``by_name``.
        """
        if varname in _REFUSED:
            raise ValueError(f"{varname} cannot be removed: Python needs it")
        if by_name:
            for names in self.all_ns_refs:
                _remove(names, [varname])
            return
        try:
            value = self._shell.user_ns[varname]
        except KeyError:
            raise NameError(f"name {varname!r} is not defined", name=varname) from None
        self._shell.outputs.forget(value)  # first: it knows its own names
        for names in [*self.all_ns_refs, self._shell.own_names]:
            same = [name for name, other in list(names.items()) if other is value]
            _remove(names, [name for name in same if name not in _REFUSED])

    def reset(self, new_session: bool = True, aggressive: bool = False) -> None:
        """Remove the user's names, ``In`` and ``Out``, and bring back the shell's own.

        In somebody's function, the names that cells have added go, its own variables stay. In
        somebody's module all names stay, as nobody knows which are whose; this is told.

        :param new_session: whether numbers begin at 1 again.
        :param aggressive: whether to unload modules, too, that were imported since the shell
            started: those in Python, outside of the standard library, the shell and its plugins.
        """
        shell = self._shell
        shell.outputs.reset()
        names = self._made_by_cells()
        _remove(names, [name for name in list(names) if name not in _OF_MODULES])
        self._modules.clear()
        if new_session:
            shell.execution_count = 1
            shell.outputs = Outputs(shell)
            _remove(shell.own_names, Outputs.names)
        shell.user_ns_hidden.clear()
        shell.user_ns_hidden.update(shell.own_names)
        shell.seed(anew=True)
        if aggressive:
            from .unloading import unload

            unload(shell)

    def reset_selective(self, regex: str | re.Pattern[str] | None = None) -> None:
        """Remove the user's names that a regular expression is found in; the shell's own stay.

        :param regex: ``None`` removes nothing.
        :raises TypeError: if it is neither a text nor a compiled expression.
        :raises re.error: if it is no regular expression.
        """
        if regex is None:
            return
        if not isinstance(regex, (str, re.Pattern)):
            raise TypeError("regex must be a string or compiled pattern")
        pattern = re.compile(regex)
        kept = _OF_MODULES | self._shell.user_ns_hidden
        for names in self.all_ns_refs:
            _remove(names, [name for name in list(names) if name not in kept and pattern.search(name)])

    def define_macro(self, name: str, themacro: Macro | str) -> None:
        """Put a macro into the user's namespace.

        :param themacro: the macro, or its code.
        :raises ValueError: if it is neither.
        """
        from .macros import Macro

        if isinstance(themacro, str):
            themacro = Macro(themacro)
        if not isinstance(themacro, Macro):
            raise ValueError(f"a macro is a text or a Macro, not {type(themacro).__name__}")
        self._shell.user_ns[name] = themacro

    # -- evaluating ------------------------------------------------------------

    def ex(self, cmd: str) -> None:
        """Run plain Python among the user's names; shows nothing.

        :raises PolicyError: if a policy refuses it.
        :raises BaseException: whatever it raises.
        """
        import ast

        self._shell.policies.check("cell", cmd)
        namespace = self._shell.namespace
        tree = ast.parse(cmd, "<ex>")
        if namespace is not None:
            tree = namespace.adapt(tree)
        self._run(compile(tree, "<ex>", "exec", dont_inherit=True), exec)

    def ev(self, expr: str) -> Any:
        """Give the value of a Python expression among the user's names.

        :raises PolicyError: if a policy refuses it.
        :raises BaseException: whatever it raises.
        """
        self._shell.policies.check("cell", expr)
        return self._run(compile(expr.strip(), "<ev>", "eval", dont_inherit=True), eval)

    def _run(self, code: types.CodeType, how: Any) -> Any:
        shell = self._shell
        try:
            with shell.traps:
                return how(code, shell.user_global_ns, shell.user_ns)
        finally:
            if shell.namespace is not None:
                shell.namespace.settle()

    def user_expressions(self, expressions: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Evaluate several expressions; one that fails does not disturb the others.

        :param expressions: by any key.
        :returns: by the same keys. With ``"status": "ok"`` there are ``data``, the value by MIME
            type, and ``metadata``; with ``"status": "error"``, ``ename``, ``evalue``, ``traceback``.
        """
        return {key: self._answer(expression) for key, expression in expressions.items()}

    def _answer(self, expression: str) -> dict[str, Any]:
        try:
            data, metadata = self._shell.display.format(self.ev(expression))
        except BaseException as error:  # the expression's or its value's, whatever it is
            formatter = self._shell.error_display.formatter
            return {
                "status": "error",
                "ename": type_name(type(error)),
                "evalue": formatter.message(error),
                "traceback": formatter.get_exception_only(type(error), error),
            }
        return {"status": "ok", "data": data, "metadata": metadata}

    # -- namespaces ------------------------------------------------------------

    @property
    def all_ns_refs(self) -> list[MutableMapping[str, Any]]:
        """All namespaces that may hold the user's objects, that of cells first."""
        return [self._removable(), *(vars(module) for module in self._modules.values())]

    def new_main_mod(self, filename: str, modname: str) -> types.ModuleType:
        """Give an empty module for a file to run in; the same one for the same file.

        It is kept, so that what the file defined works on after its end.

        :param modname: its ``__name__``, for example ``__main__``.
        """
        module = self._modules.pop(filename, None)
        if module is None:
            module = types.ModuleType(modname, "Made by ipshell to run a file in.")
        else:
            vars(module).clear()
            module.__dict__.update(__name__=modname, __doc__=None, __package__=None, __spec__=None)
        module.__file__ = filename
        while len(self._modules) >= MOST_MODULES:
            del self._modules[next(iter(self._modules))]
        self._modules[filename] = module
        return module

    def clear_main_mod_cache(self) -> None:
        """Forget the modules of :meth:`new_main_mod`."""
        self._modules.clear()

    def _removable(self) -> MutableMapping[str, Any]:
        """Give the names that deleting reaches: not those of the module around an embedding function."""
        namespace = self._shell.namespace
        return self._shell.user_ns if namespace is None else namespace.locals

    def _made_by_cells(self) -> MutableMapping[str, Any]:
        from .frame_locals import FrameLocals

        namespace = self._shell.namespace
        if namespace is None:
            return self._shell.user_ns
        names: Any = namespace.locals
        while hasattr(names, "maps"):  # an overlay over somebody's names
            names = names.maps[0]
        if isinstance(names, FrameLocals):
            return names.added
        if names is namespace.globals:
            notice(f"the names of the module {names.get('__name__')} stay: they are the program's.")
            return {}
        given: MutableMapping[str, Any] = names
        return given


def _variables_of(frame: types.FrameType, names: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        for table in (frame.f_locals, frame.f_globals):
            if name in table:
                found[name] = table[name]
                break
        else:
            notice(f"push: there is no variable {name!r} in {frame.f_code.co_name}; it is left out.")
    return found


def _remove(names: MutableMapping[str, Any], which: Iterable[str]) -> None:
    for name in which:
        names.pop(name, None)
