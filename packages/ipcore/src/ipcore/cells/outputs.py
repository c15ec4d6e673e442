"""In and Out: what was typed and what came of it, in the user's namespace."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, Final

from ..notices import notice

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from .retention import Held, Retention
    from .session import Session

#: Texts of cells kept, in cells and in characters; of older ones ``In`` keeps the place.
MOST_INPUTS: Final = 10_000
MOST_CHARACTERS: Final = 20_000_000

#: Characters of the texts of values that are kept; the oldest go.
MOST_SHOWN: Final = 5_000_000

_RECENT: Final = ("_", "__", "___")
_absent: Any = object()


class Outputs:
    """Keeps ``In``, ``Out``, ``_``, ``_i``, ``_3``, ``_i3`` and their like up to date.

    To be used from the thread that runs cells.

    :param shell: whose namespace to keep them in.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.inputs: list[str] = [""]
        self.raw_inputs: list[str] = [""]
        self.values: dict[int, Any] = {}
        #: Texts of values as they were shown, for as long as the values are kept.
        self.texts: dict[int, str] = {}
        self._shown_characters = 0
        self._retention: Retention | None = None
        self._sizes: dict[int, int] = {}
        self._total = 0  # of the sizes; too much if the user has taken values out
        self._recent: list[Any] = ["", "", ""]
        self._passing = False
        self._characters = 0
        self._emptied = 0
        self._session: Session | None = None

    #: Names that are the shell's own in the user's namespace.
    names = ("In", "_ih", "Out", "_oh", "_", "__", "___", "_i", "_ii", "_iii")

    def seed(self) -> None:
        """Give the user's namespace ``In`` and ``Out``; what the user has under these names stays."""
        for name in self.names[:2]:
            self.shell.own_names.setdefault(name, self.inputs)
        for name in self.names[2:4]:
            self.shell.own_names.setdefault(name, self.values)
        if self._hides_anothers:
            for name in self.names[4:]:
                self.shell.own_names.setdefault(name, "")

    @property
    def _hides_anothers(self) -> bool:
        """Whether the module is another shell's, whose values are not to be found under our names."""
        namespace = self.shell.namespace
        return namespace is not None and namespace.own_first

    @property
    def retention(self) -> Retention:
        """What decides how long a value is kept."""
        if self._retention is None:
            from .retention import Retention

            self._retention = Retention(self.shell)
        return self._retention

    # -- inputs ----------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The cells as they can be run again."""
        if self._session is None:
            from .session import Session

            self._session = Session(self.shell)
        return self._session

    def store_input(self, number: int, raw: str, transformed: str) -> None:
        """Take up the text of cell ``number``."""
        self.inputs.append(transformed.rstrip("\n"))
        self.raw_inputs.append(raw.rstrip("\n"))
        self._characters += len(self.raw_inputs[-1]) + len(self.inputs[-1])
        ns = self.shell.own_names
        # The newest of them is the cell before this one, which is what the running cell asks for.
        ns["_iii"], ns["_ii"], ns["_i"] = ns.get("_ii", ""), ns.get("_i", ""), self.raw_inputs[-2]
        ns[f"_i{number}"] = self.raw_inputs[-1]
        last = len(self.raw_inputs) - 1
        while self._emptied < last and (
            last - self._emptied > MOST_INPUTS or self._characters > MOST_CHARACTERS
        ):
            self._empty_input()

    def _empty_input(self) -> None:
        """Let go of the oldest text; its place remains, so that numbers go on meaning the same."""
        self._emptied += 1
        number = self._emptied
        self._characters -= len(self.raw_inputs[number])
        self.session.let_go(self.raw_inputs[number])
        if self.shell.own_names.get(f"_i{number}") is self.raw_inputs[number]:
            del self.shell.own_names[f"_i{number}"]
        self.raw_inputs[number] = ""
        if number < len(self.inputs):  # the list is in the user's hands
            self._characters -= len(self.inputs[number])
            self.inputs[number] = ""

    def leave_room(self, places: int) -> None:
        """Have the next text get a certain place in ``In``, if there are not as many yet."""
        lacking = [""] * (places - len(self.raw_inputs))
        self.inputs += lacking
        self.raw_inputs += lacking
        self._emptied = len(self.raw_inputs) - 1

    # -- values ----------------------------------------------------------------

    def store_value(self, number: int, value: Any) -> None:
        """Take up the value that cell ``number`` showed; 0 for a cell without a number.

        ``_`` and its like are left alone while the user has assigned one of them, or
        has installed ``_`` as a builtin (gettext does).
        """
        from .sizes import estimated_size

        size = estimated_size(value)
        passing = 0 < self.retention.most_bytes < size
        self._store_recent(value, passing)
        if not number or not self.retention.most_values:
            return
        if not self.retention.takes(size):
            from .retention import in_words

            notice(
                f"Out[{number}] takes {in_words(size)}, more than InteractiveShell.cache_bytes allows: "
                "it is in _ until the next value, and nowhere else.",
                once="value too large",
            )
            return
        if self.retention.is_full(len(self.values), self._total + size):
            for old in self.retention.surplus(self._numbered(), size):
                self._drop(old)
        self._total += size - self._sizes.get(number, 0)
        self._sizes[number] = size
        self.values[number] = self.shell.own_names[f"_{number}"] = value

    def store_text(self, number: int, text: str) -> None:
        """Take up the text of the value of cell ``number`` as it is shown."""
        self._shown_characters += len(text) - len(self.texts.pop(number, ""))
        self.texts[number] = text
        while self._shown_characters > MOST_SHOWN:
            self._drop_text(next(iter(self.texts)))

    def _drop_text(self, number: int) -> None:
        self._shown_characters -= len(self.texts.pop(number, ""))

    def _store_recent(self, value: Any, passing: bool) -> None:
        self.sync()
        ns = self.shell.own_names
        # Not there until there is a value: an empty "_" would hide the builtin that gettext installs.
        if hasattr(builtins, "_") or any(last is _users for last in self._recent):
            return
        former = self._recent[1:] if self._passing else self._recent[:2]
        self._recent = [value, *former]
        self._passing = passing
        ns.update(zip(_RECENT, self._recent, strict=True))

    def sync(self) -> None:
        """Let go of what the user has deleted or replaced under our names; called after each cell."""
        ns = self.shell.own_names
        for at, name in enumerate(_RECENT):
            found = ns.get(name, _absent)
            if found is not self._recent[at]:
                self._recent[at] = "" if found is _absent else _users

    def _numbered(self) -> dict[int, int]:
        """Sizes of the values in ``Out``, whatever the user has done to it."""
        self._sizes = {number: self._sizes.get(number, 0) for number in self.values if type(number) is int}
        self._total = sum(self._sizes.values())
        return self._sizes

    def _drop(self, number: int) -> None:
        self._total -= self._sizes.pop(number, 0)
        self._drop_text(number)
        value = self.values.pop(number, _absent)
        if self.shell.own_names.get(f"_{number}", self) is value:
            del self.shell.own_names[f"_{number}"]

    def forget(self, value: object) -> int:
        """Let go of one value wherever it is kept: in ``Out``, ``_3`` and ``_`` and its like.

        :returns: in how many places it was; the user's own names are not looked at.
        """
        numbers = [number for number in self._numbered() if self.values[number] is value]
        for number in numbers:
            self._drop(number)
        count = len(numbers)
        for name in _RECENT:
            if self.shell.own_names.get(name, _absent) is value:
                self.shell.own_names[name] = ""
                count += 1
        self._recent = ["" if each is value else each for each in self._recent]
        return count

    def reset(self, *, values: bool = True, inputs: bool = True) -> None:
        """Forget what is kept; the lists and dictionaries themselves stay the same objects.

        :param values: ``Out``, ``_3``, ``_`` and their like, and the last error.
        :param inputs: ``In``, ``_i3``, ``_i`` and their like; numbers go on where they were.
        """
        ns = self.shell.own_names
        if values:
            for number in self._numbered().copy():
                self._drop(number)
            self.values.clear()
            self.texts.clear()
            self._shown_characters = 0
            self._recent, self._passing = ["", "", ""], False
            ns.update(Out=self.values, _oh=self.values)
            for name in _RECENT:
                ns.pop(name, None)
                if self._hides_anothers:
                    ns[name] = ""
            self.shell.last_error.let_go()
        if inputs:
            while self._emptied < len(self.raw_inputs) - 1:
                self._empty_input()
            self.session.forget()
            self._characters = 0
            ns.update(dict.fromkeys(("_i", "_ii", "_iii"), ""), In=self.inputs, _ih=self.inputs)

    # -- what is held ----------------------------------------------------------

    def held(self) -> list[Held]:
        """Say what the shell keeps alive and why, largest first. Sizes are measured anew.

        Values that the user has a name for are there too: they would live on without us.
        """
        from ..saferepr import type_name
        from .retention import Held, in_words
        from .sizes import estimated_size

        def row(name: str, value: object, why: str) -> Held:
            return Held(name, type_name(type(value)), estimated_size(value), why)

        keeps = self.retention
        until = f"until it is the oldest of {keeps.most_values} values"
        if keeps.most_bytes:
            until += f", or of {in_words(keeps.most_bytes)}"
        self.sync()
        rows = [row(f"Out[{number}]", self.values[number], until) for number in self._numbered()]
        for name, value in zip(_RECENT, self._recent, strict=True):
            if value is not _users and not (type(value) is str and not value):
                rows.append(row(name, value, "one of the last three values"))
        if self._session is not None:
            for name, value in self._session.replaced():
                rows.append(row(name, value, "what the session began with, for %rewind"))
        error = self.shell.last_error.error
        if error is not None:
            cells = keeps.error_cells
            why = "for ever" if cells < 0 else f"until {cells} cells succeed"
            why = "until 1 cell succeeds" if cells == 1 else why
            rows.append(Held("sys.last_value", type_name(type(error)), _frames_size(error), why))
        if self._characters:
            kept = f"the last {MOST_INPUTS} cells, or {in_words(MOST_CHARACTERS)}"
            rows.append(Held("In", "list", self._characters, kept))
        return sorted(rows, key=lambda each: each.size, reverse=True)


class _UsersOwn:
    """Stands in our record where the user has assigned one of our names."""


_users: Final = _UsersOwn()


def _frames_size(error: BaseException) -> int:
    """Estimate the values that the frames of an error hold; functions' frames alone, not namespaces."""
    from .last_error import traceback_of
    from .sizes import estimated_size

    total = 0
    entry = traceback_of(error)
    for _ in range(100):
        if entry is None:
            break
        frame = entry.tb_frame
        if frame.f_locals is not frame.f_globals:
            total += estimated_size(list(frame.f_locals.values()))
        entry = entry.tb_next
    return total
