"""The magics of a shell: registered, found by name, called.

The functions come from :meth:`MagicsManager.register_magics` and its like, from plugins of the
families ``line_magics`` and ``cell_magics``, from modules named in
``MagicsManager.lazy_magics``, and, for line magics, from aliases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from traitlets import Dict, Unicode

from ..cells.displayhook import ends_with_semicolon
from ..component import Component
from ..errors import UsageError
from ..known_parts import distribution_of_magic
from ..notices import notice

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from .authoring import Magics

    M = TypeVar("M", bound=Magics)

Kind = Literal["line", "cell"]
Function = Callable[..., Any]

KINDS: Final[tuple[Kind, ...]] = ("line", "cell")

_WHERE: Final[dict[str, tuple[Kind, ...]]] = {"line": ("line",), "cell": ("cell",), "line_cell": KINDS}
_MARKS: Final[dict[Kind, str]] = {"line": "%", "cell": "%%"}


class MagicTable(MutableMapping[str, Function]):
    """The magics of one kind, by name: what ``shell.magics_manager.magics["line"]`` gives.

    Going through the names and asking whether one is there import nothing; getting a value may
    load the plugin behind it.

    :param manager: holds the magics.
    :param kind: ``line`` or ``cell``.
    """

    def __init__(self, manager: MagicsManager, kind: Kind) -> None:
        self._manager = manager
        self._kind = kind

    def __getitem__(self, name: str) -> Function:
        function = self._manager.look_up(self._kind, name)
        if function is None:
            raise KeyError(name)
        return function

    def __setitem__(self, name: str, function: Function) -> None:
        self._manager.register(self._kind, name, function)

    def __delitem__(self, name: str) -> None:
        self._manager.unregister(self._kind, name)

    def __contains__(self, name: object) -> bool:
        return name in self._manager.names(self._kind)

    def __iter__(self) -> Iterator[str]:
        return iter(self._manager.names(self._kind))

    def __len__(self) -> int:
        return len(self._manager.names(self._kind))

    def __repr__(self) -> str:
        return f"<{self._kind} magics: {', '.join(self)}>"


class MagicsManager(Component):
    """The magics of one shell. Used on the thread that runs cells."""

    lazy_magics: Dict[str, str] = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Magics that are loaded when first used: from name to module or module:Class.",
    ).tag(config=True)

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._functions: dict[Kind, dict[str, Function]] = {"line": {}, "cell": {}}
        self._removed: set[tuple[Kind, str]] = set()
        self._loaded: dict[str, str] = {}
        # By full name, so that the class of a module that was reloaded takes the place of the former.
        self._objects: dict[str, Magics] = {}
        self._made: set[str] = set()

    def on_close(self) -> None:
        """End the objects of magics, newest first."""
        for each in reversed(self._objects.values()):
            _end(each)
        self._objects.clear()

    # -- registering -----------------------------------------------------------

    def register(self, kind: Kind, name: str, function: Function) -> None:
        """Add or replace one magic.

        :param name: as the user types it after ``%`` or ``%%``.
        :param function: takes the line, and for a cell magic the body too.
        :raises ValueError: if that can be no magic's name.
        :raises TypeError: if the function cannot be called.
        """
        if not isinstance(name, str) or not name or name.startswith("%") or name.split() != [name]:
            raise ValueError(f"{name!r} cannot be the name of a magic: use a word without blanks")
        if not callable(function):
            raise TypeError(f"the magic {_MARKS[kind]}{name} is {type(function).__name__}, not a function")
        self._functions[kind][name] = function
        self._removed.discard((kind, name))

    def register_function(
        self, func: Function, magic_kind: str = "line", magic_name: str | None = None
    ) -> None:
        """Make a magic of a function.

        :param func: takes the line as a string, and for a cell magic the body too; one of kind
            ``line_cell`` is called with the line alone in a line.
        :param magic_kind: ``line``, ``cell`` or ``line_cell``.
        :param magic_name: by default the function's.
        :raises ValueError: if the kind or the name is none.
        """
        for kind in _kinds(magic_kind):
            self.register(kind, magic_name or str(getattr(func, "__name__", "")), func)

    def register_magics(self, *magics: type[Magics] | Magics) -> None:
        """Add all magics of classes or of objects.

        A class is instantiated with ``shell=``. If it was registered before, as happens when a module is
        reloaded, what the former instance gave is removed, and its ``on_close`` called.

        :param magics: subclasses of :class:`~ipcore.magics.authoring.Magics`, or instances.
        :raises TypeError: for anything else.
        """
        from .authoring import Magics

        for each in magics:
            if isinstance(each, type) and issubclass(each, Magics):
                self._add(each(shell=self._shell), made=True)
            elif isinstance(each, Magics):
                self._add(each, made=False)
            else:
                raise TypeError(f"{each!r} is no Magics: derive the class from ipcore.magics.Magics")

    def register_alias(
        self, alias_name: str, magic_name: str, magic_kind: str = "line", magic_params: str | None = None
    ) -> None:
        """Give a magic another name.

        :param alias_name: the new name.
        :param magic_name: what it stands for. Looked up when it is called.
        :param magic_kind: ``line``, ``cell`` or ``line_cell``.
        :param magic_params: put before what the user types.
        """
        from .renaming import MagicAlias

        for kind in _kinds(magic_kind):
            alias = MagicAlias(self, alias_name, magic_name, kind, magic_params or "")
            self.register(kind, alias_name, alias)

    def register_lazy(self, name: str, target: str) -> None:
        """Add to ``lazy_magics``, for this session.

        :param target: ``module`` or ``module:Class``.
        """
        self.lazy_magics = {**self.lazy_magics, name: target}

    def unregister(self, kind: Kind, name: str) -> None:
        """Remove a magic, for this session.

        :raises KeyError: if there is none.
        """
        if name not in self.names(kind):
            raise KeyError(name)
        self._functions[kind].pop(name, None)
        self._removed.add((kind, name))

    def instance(self, kind: type[M]) -> M:
        """Give this shell's instance of a class of magics, made when it is first asked for.

        Registers nothing: it is for plugins, whose entry points name the magics.

        :param kind: the class; instantiated with ``shell=``.
        """
        key = _full_name(kind)
        found = self._objects.get(key)
        if type(found) is kind:
            return found
        made = kind(shell=self._shell)
        self._keep(key, made, made=True)
        return made

    def _add(self, given: Magics, *, made: bool) -> None:
        self._keep(_full_name(type(given)), given, made=made)
        for kind, functions in given.magics.items():
            for name, function in functions.items():
                self.register(kind, name, function)

    def _keep(self, key: str, given: Magics, *, made: bool) -> None:
        """Keep an object of magics in the place of the former one of that class."""
        former = self._objects.get(key)
        self._objects[key] = given
        if former is None or former is given:
            if made:
                self._made.add(key)
            return
        for functions in self._functions.values():
            for name in [n for n, f in functions.items() if getattr(f, "__self__", None) is former]:
                del functions[name]
        if key in self._made:
            _end(former)
        (self._made.add if made else self._made.discard)(key)

    # -- finding ---------------------------------------------------------------

    @property
    def magics(self) -> dict[str, MagicTable]:
        """All magics, by kind and name."""
        return {kind: MagicTable(self, kind) for kind in KINDS}

    @property
    def registry(self) -> dict[str, Magics]:
        """The objects of magics that were made so far, by the name of their class."""
        return {type(each).__name__: each for each in self._objects.values()}

    @property
    def objects(self) -> list[Magics]:
        """The objects of magics that were made so far, oldest first."""
        return list(self._objects.values())

    @property
    def auto_magic(self) -> bool:
        """Whether line magics can be called without ``%``: the shell's ``automagic``."""
        return bool(self._shell.automagic)

    @auto_magic.setter
    def auto_magic(self, on: bool) -> None:
        self._shell.automagic = on

    def lsmagic(self) -> dict[str, MagicTable]:
        """Give all magics, by kind and name; imports nothing until a value is asked for."""
        return self.magics

    def names(self, kind: Kind) -> list[str]:
        """Give the names of all magics of a kind, sorted; imports nothing.

        A lazy one that was not loaded yet may turn out to be of the other kind.
        """
        found = {*self._functions[kind], *self._shell.registry.keys(f"{kind}_magics"), *self._not_loaded()}
        return sorted(name for name in found if (kind, name) not in self._removed)

    def registered(self, kind: Kind, name: str) -> Function | None:
        """Give the function behind a magic if it is there already; loads nothing."""
        return self._functions[kind].get(name)

    def look_up(self, kind: Kind, name: str) -> Function | None:
        """Give the function behind a magic, loading its plugin or module if need be.

        :raises ipcore.errors.UserError: if the module that ``lazy_magics`` names cannot be loaded.
        """
        function = self.registered(kind, name)
        if function is not None or (kind, name) in self._removed:
            return function
        given = self._shell.registry.call_named(
            f"{kind}_magics", name, f"ipshell_{kind}_magic", _check_callable, shell=self._shell
        )
        if given is not None:
            function = self._functions[kind][name] = given.value
        elif name in self._not_loaded():
            function = self._load(kind, name)
        return function

    def find_magic(self, magic_name: str, magic_kind: str = "line") -> Function | None:
        """Give the function behind a magic or an alias; ``None`` if there is no such.

        Loads what is behind it.

        :param magic_kind: ``line`` or ``cell``.
        :raises ValueError: if the kind is none.
        """
        if magic_kind not in KINDS:
            raise ValueError(f"there is no kind of magic {magic_kind!r}: use line or cell")
        kind: Kind = "line" if magic_kind == "line" else "cell"
        function = self.look_up(kind, magic_name)
        if function is None and kind == "line" and self._shell.aliases.get(magic_name) is not None:
            from .renaming import CommandAlias

            return CommandAlias(self._shell, magic_name)
        return function

    def find_line_magic(self, magic_name: str) -> Function | None:
        """Give the function behind ``%name``, or an alias; ``None`` if there is no such."""
        return self.find_magic(magic_name, "line")

    def find_cell_magic(self, magic_name: str) -> Function | None:
        """Give the function behind ``%%name``; ``None`` if there is no such."""
        return self.find_magic(magic_name, "cell")

    def option_names(self, name: str, kind: Kind = "line") -> list[str]:
        """Give the options of a magic as they are typed, for completion.

        Runs nothing and loads nothing: of a magic that was not used yet none are known.
        """
        function = self.registered(kind, name)
        if function is None:
            return []
        from .completion import option_names

        return option_names(function)

    def _not_loaded(self) -> list[str]:
        return [name for name, target in self.lazy_magics.items() if self._loaded.get(name) != target]

    def _load(self, kind: Kind, name: str) -> Function | None:
        from .lazy import load

        target = self.lazy_magics[name]
        load(self._shell, name, target)
        self._loaded[name] = target
        return self.registered(kind, name)

    # -- running ---------------------------------------------------------------

    def run(self, text: str) -> Any:
        """Run a line magic that is written as one text, ``name line`` with or without ``%``.

        :raises UsageError: if there is no such magic.
        """
        name, _, line = text.strip().partition(" ")
        return self.run_line(name.lstrip("%"), line.lstrip())

    def run_line(self, name: str, line: str) -> Any:
        """Run ``%name line``; an alias of that name serves too.

        :raises UsageError: if there is no such magic.
        :raises ipcore.errors.PolicyError: if a policy refuses it.
        """
        function = self.look_up("line", name)
        if function is None:
            alias = self.find_magic(name, "line")
            if alias is None:
                raise UsageError(self._missing("line", name))
            return alias(line)  # the shell expands its command, and asks the policies
        value = self._call(name, function, line)
        return None if _silenced(function, line) else value

    def run_cell(self, name: str, line: str, body: str) -> Any:
        """Run ``%%name line`` over the body of a cell.

        :raises UsageError: if there is no such magic, or no body.
        :raises ipcore.errors.PolicyError: if a policy refuses it.
        """
        function = self.look_up("cell", name)
        if function is None:
            raise UsageError(self._missing("cell", name))
        if not body:
            text = f"%%{name} is a cell magic, but the cell body is empty."
            if name in self.names("line"):
                text += f" Did you mean the line magic %{name} (single %)?"
            raise UsageError(text)
        value = self._call(name, function, line, body)
        return None if _silenced(function, body) else value

    def _call(self, name: str, function: Function, line: str, *body: str) -> Any:
        if not getattr(function, "no_var_expand", False):
            line = self._shell.expand(line)
        text = f"{_MARKS['cell' if body else 'line']}{name} {line.strip()}".rstrip()
        self._shell.policies.check("magic", "\n".join([text, *body]))
        if getattr(function, "needs_local_scope", False):
            return function(line, *body, local_ns=self._shell.local_scope())
        return function(line, *body)

    def _missing(self, kind: Kind, name: str) -> str:
        other: Kind = "cell" if kind == "line" else "line"
        mark = _MARKS[kind]
        if name in self.names(kind):
            text = f"{kind.capitalize()} magic function `{mark}{name}` cannot be used, "
            silent = [
                plugin
                for plugin in self._shell.registry.contenders(f"{kind}_magics", name)
                if self._shell.registry.state(plugin) == "active"
            ]
            if len(silent) == 1:  # its hook was called; a forgotten return
                return f"{text}its plugin {silent[0].id} gave no function for it."
            return f"{text}its plugin is off."
        text = f"{kind.capitalize()} magic function `{mark}{name}` not found."
        if name in self.names(other):
            return f"{text} But {_MARKS[other]}{name} exists: did you mean that?"
        return f"{text} {self.suggestion(kind, name)}".rstrip()

    def suggestion(self, kind: Kind, name: str) -> str:
        """Give a sentence on where a magic that is not there comes from, or what was meant; else nothing."""
        dist = distribution_of_magic(name)
        if dist and not self._installed(dist):
            return f"It comes with {dist}, which is not installed."
        from ..configuration.sections import nearest

        near = nearest(name, self.names(kind))
        return f"Did you mean {_MARKS[kind]}{near}?" if near else ""

    def _installed(self, dist: str) -> bool:
        return any(plugin.dist == dist for plugin in self._shell.registry.declared())


def _kinds(kind: str) -> tuple[Kind, ...]:
    if kind not in _WHERE:
        raise ValueError(f"there is no kind of magic {kind!r}: use line, cell or line_cell")
    return _WHERE[kind]


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _end(given: Magics) -> None:
    try:
        given.on_close()
    except BaseException as error:  # SystemExit and KeyboardInterrupt included: the rest must be ended
        from ..plugins.failures import reason_of

        notice(f"The magics {type(given).__name__} did not end cleanly: {reason_of(error)}.")


def _silenced(function: Function, source: str) -> bool:
    return bool(getattr(function, "output_can_be_silenced", False)) and ends_with_semicolon(source)


def _check_callable(value: object) -> str:
    return "" if callable(value) else f"it gave {type(value).__name__}, not a function"
