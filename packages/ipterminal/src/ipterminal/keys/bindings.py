"""The commands, conditions and bindings of one editor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.filters import Filter
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_bindings import Binding

from ipcore.errors import UserError

from .expressions import ConditionError, Expression, canonical, compiled, parse, replaced
from .names import checked, identity, spelled
from .table import CONDITION_NAMES

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

Function = Callable[["KeyPressEvent"], object]


class UnknownCommand(UserError, LookupError):
    """There is no command of this name."""


@dataclass(frozen=True)
class Command:
    """Something that keys can be bound to."""

    name: str
    function: Function
    help: str
    given: Binding | None = None
    """prompt_toolkit's own, which has options beside the function."""
    saves: bool = True
    """Whether undo brings back the text that it finds."""
    whose: str = "default"
    """``default``, or the name of a plugin."""


@dataclass(eq=False)
class Bound:
    """Keys that are bound to a command."""

    keys: tuple[str, ...]
    command: str
    when: str
    whose: str
    """``default``, ``shortcut``, ``user``, or the name of a plugin."""
    binding: Binding = field(repr=False)


class Table(KeyBindings):
    """Bindings whose order can be changed."""

    def put(self, bindings: Iterable[Binding]) -> None:
        """Replace all bindings."""
        self._bindings[:] = bindings
        self._clear_cache()

    def append(self, binding: Binding) -> None:
        """Add one, which wins over the others."""
        self._bindings.append(binding)
        self._clear_cache()


class Memory:
    """What conditions are while the bindings of one key are looked up: each is asked once."""

    def __init__(self) -> None:
        self.values: dict[int, bool] = {}
        self.on = False


class NamedCondition(Filter):
    """A condition; tells the same as long as the same key is looked up."""

    def __init__(self, name: str, function: Callable[[], bool], help: str) -> None:
        super().__init__()
        self.name, self.function, self.help = name, function, help

    def __call__(self) -> bool:
        """Tell whether it holds."""
        return bool(self.function())


class _Remembered(Filter):
    """An expression of conditions, asked once per key."""

    def __init__(self, function: Callable[[], bool], memory: Memory) -> None:
        super().__init__()
        self._function = function
        self._memory = memory

    def __call__(self) -> bool:
        memory = self._memory
        if not memory.on:
            return self._function()
        found = memory.values.get(id(self))
        if found is None:
            found = memory.values[id(self)] = self._function()
        return found


#: What IPython calls a condition → what it is here.
_ALIASES: Final[dict[str, Expression]] = {}


class Keys:
    """The commands, conditions and bindings of one editor. Later bindings win over earlier ones."""

    def __init__(self) -> None:
        self.commands: dict[str, Command] = {}
        self.conditions: dict[str, NamedCondition] = {}
        #: All bindings, in the order in which later ones win.
        self.bound: list[Bound] = []
        #: What prompt_toolkit is given.
        self.bindings = Table()
        #: What is true while one key is looked up.
        self.memory = Memory()
        #: Calls a function of somebody else's, by what it is; for the editor to set.
        self.watch: Callable[[str, Callable[[], object]], object] = lambda what, function: function()
        self._maker = KeyBindings()
        self._whose = "default"
        self._filters: dict[str, Filter] = {}
        self._passing = False
        if not _ALIASES:
            _ALIASES.update({name: parse(text) for name, text in CONDITION_NAMES.items()})
        self.condition("always", lambda: True, "Always.")
        self.condition("never", lambda: False, "Never.")
        self.condition(
            "pass_through", lambda: not self._passing, "The key is not handed on by another binding just now."
        )
        self.command("key.ignore", lambda event: None, "Do nothing.")

    # -- what there is -----------------------------------------------------------

    def command(self, name: str, function: Function, help: str, *, saves: bool = True) -> None:
        """Make a command known, or replace one.

        :param name: ``subject.verb``.
        :param function: is called with the event of the key, on the editor's thread.
        :param help: what it does, in one line.
        :param saves: whether undo brings back the text that it finds.
        """
        self.commands[name] = Command(name, function, help, saves=saves, whose=self._whose)

    def condition(self, name: str, function: Callable[[], bool], help: str) -> None:
        """Make a condition known, by which bindings are switched, or replace one.

        :param function: tells whether it holds; called for each key, so it has to be quick.
        """
        known = self.conditions.get(name)
        if known is None:
            self.conditions[name] = NamedCondition(name, function, help)
        else:  # bindings have it already
            known.function, known.help = function, help

    @contextmanager
    def of(self, whose: str) -> Iterator[None]:
        """Have what is bound in the body listed as somebody's."""
        former, self._whose = self._whose, whose
        try:
            yield
        finally:
            self._whose = former

    # -- binding -----------------------------------------------------------------

    def bind(self, keys: str | Sequence[str], command: str, when: str = "") -> Bound:
        """Bind a command to keys; it wins over what they are bound to by now.

        :param keys: as prompt_toolkit names them, separated by blanks: ``escape enter``.
        :param command: the name of a command.
        :param when: conditions, joined by ``&``, ``|``, ``~`` and parentheses; by default always.
        :raises KeyNameError: if there is no such key.
        :raises UnknownCommand: if there is no such command.
        :raises ConditionError: if the condition cannot be read, or does not exist.
        """
        bound = self.made(keys, command, when, self._whose)
        self.bound.append(bound)
        self.bindings.append(bound.binding)
        return bound

    def made(self, keys: str | Sequence[str], command: str, when: str, whose: str) -> Bound:
        """Make a binding that is not in force yet."""
        names = checked(keys)
        self.require(command)
        binding = self._binding(names, command, self.filter(when))
        return Bound(names, command, when.strip(), whose, binding)

    def _binding(self, names: tuple[str, ...], command: str, filter: Filter) -> Binding:
        given = self.commands[command].given
        holder = self._maker
        if given is not None:
            holder.add(*names, filter=filter)(given)
        else:

            def call(event: KeyPressEvent) -> Any:
                function = self.commands[command].function
                if _is_ours(function):
                    result = function(event)
                else:
                    result = self.watch(f"the function of {command}", lambda: function(event))
                return result if iscoroutine(result) else None

            saves = self.commands[command].saves
            holder.add(*names, filter=filter, save_before=lambda event: saves)(call)
        return holder.bindings.pop()

    def unbind(self, keys: str | Sequence[str], command: str = "") -> int:
        """Take bindings away.

        :param command: take those of this command alone.
        :returns: how many there were.
        """
        wanted = identity(spelled(keys))
        gone = [
            each for each in self.bound if identity(each.keys) == wanted and command in ("", each.command)
        ]
        self.put([each for each in self.bound if each not in gone])
        return len(gone)

    def remove(self, whose: str) -> None:
        """Take away somebody's commands, with all that is bound to them."""
        gone = [name for name, each in self.commands.items() if each.whose == whose]
        self.put([each for each in self.bound if each.command not in gone])
        for name in gone:
            del self.commands[name]

    def put(self, bound: Iterable[Bound]) -> None:
        """Replace all bindings, in this order."""
        self.bound = [*bound]
        self.bindings.put(each.binding for each in self.bound)

    def require(self, command: str) -> Command:
        """Give a command.

        :raises UnknownCommand: if there is none; names those that it could be.
        """
        found = self.commands.get(command)
        if found is None:
            raise UnknownCommand(f"there is no command {command!r}{_choices(command, self.commands)}")
        return found

    def filter(self, when: str) -> Filter:
        """Give what an expression of conditions stands for.

        :raises ConditionError: if it cannot be read, or names an unknown condition.
        """
        when = when.strip()
        if not when:
            return self.conditions["always"]
        found = self._filters.get(when)
        if found is None:
            function = compiled(self.expression(when), self._condition)
            found = self._filters[when] = _Remembered(function, self.memory)
        return found

    def expression(self, when: str) -> Expression:
        """Read an expression of conditions, IPython's names replaced by ours."""
        known = self.conditions
        return replaced(parse(when or "always"), {k: v for k, v in _ALIASES.items() if k not in known})

    def same(self, when: str, other: str) -> bool:
        """Tell whether two expressions differ in form alone."""
        return canonical(self.expression(when)) == canonical(self.expression(other))

    def _condition(self, name: str) -> Callable[[], bool]:
        found = self.conditions.get(name)
        if found is None:
            choices = _choices(name, [*self.conditions, *_ALIASES])
            raise ConditionError(f"there is no condition {name!r}{choices}")
        memory, key = self.memory, id(found)

        def asked() -> bool:
            if not memory.on:
                return found()
            value = memory.values.get(key)
            if value is None:
                value = memory.values[key] = found()
            return value

        return asked

    # -- handing on --------------------------------------------------------------

    def pass_on(self, event: KeyPressEvent) -> None:
        """Have the key do what it does without the bindings that ask for ``pass_through``."""
        processor = event.key_processor
        if self._passing:
            return
        self._passing = True
        try:
            found = processor._get_matches(event.key_sequence)
            if found:
                processor.arg = event._arg
                processor._call_handler(found[-1], event.key_sequence)
        finally:
            self._passing = False


def _is_ours(function: Function) -> bool:
    return getattr(function, "__module__", "").startswith(("ipterminal.", "prompt_toolkit."))


def _choices(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    known = [*known]
    near = get_close_matches(name, known, 3, 0.5)
    if not near:
        subject = name.partition(".")[0]
        near = [each for each in known if each.startswith(f"{subject}.")][:5]
    return f"; did you mean {' or '.join(near)}?" if near else "; %keys lists them"
