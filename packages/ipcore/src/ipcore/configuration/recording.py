"""The ``c`` of a configuration file: a Config that notes at which line each value is set.

Whatever a file assigns becomes a :class:`~ipcore.configuration.origins.Setting`. An assignment that
can be no option (``c.InteractiveShell = 5``, ``c.interactiveshell.colors = "linux"``) is noted too, and
kept out of the configuration; :mod:`ipcore.configuration.checks` then tells the user about it.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from traitlets.config.loader import Config, LazyConfigValue

from .origins import Origin, Setting
from .sections import ALIASES, is_section_name


class Recording:
    """What one layer sets, in order.

    The place of a setting is the innermost line being executed of the files in :attr:`files`.
    """

    def __init__(self) -> None:
        self.files: list[str] = []
        self.settings: list[Setting] = []
        self.config = RecordingConfig(self)
        self._origin: Callable[[str, str], Origin] | None = None

    def here(self) -> Origin:
        """Give the line of the innermost configuration file that is being executed."""
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename in self.files:
                return Origin(frame.f_code.co_filename, frame.f_lineno)
            frame = frame.f_back  # type: ignore[assignment]
        return Origin(self.files[-1] if self.files else "")

    def note(
        self, path: tuple[str, ...], trait: str, value: Any, action: str = "=", placed: bool = True
    ) -> None:
        """Note one setting."""
        section = ".".join(path)
        origin = self._origin(section, trait) if self._origin else self.here()
        self.settings.append(Setting(section, trait, origin, value, action, placed))

    def merge(self, values: Mapping[str, Any], origin: Callable[[str, str], Origin]) -> None:
        """Set values that come from elsewhere.

        :param origin: gives the place of a section's option.
        """
        self._origin = origin
        try:
            self.config.merge(values)
        finally:
            self._origin = None

    def result(self) -> tuple[Config, list[Setting]]:
        """Give the configuration as a plain one, and the settings that are in force or misplaced."""
        config = plain(self.config)
        known = {(setting.section, setting.trait) for setting in self.settings}
        for section, trait, value in walk(config):
            if (section, trait) not in known:  # set by a way round our methods, so without a line
                self.note(tuple(section.split(".")) if section else (), trait, value)
        kept = {(section, trait) for section, trait, _ in walk(config)}
        return config, [s for s in self.settings if not s.placed or (s.section, s.trait) in kept]


class RecordingConfig(Config):
    """A section, or the whole, of a configuration under way.

    :param recording: takes the settings.
    :param path: names of the sections from the top to this one.
    """

    def __init__(self, recording: Recording, path: tuple[str, ...] = ()) -> None:
        dict.__setattr__(self, "_recording", recording)
        dict.__setattr__(self, "_path", path)
        super().__init__()

    def _mine(self) -> tuple[Recording, tuple[str, ...]]:
        return self.__dict__["_recording"], self.__dict__["_path"]

    def _key(self, key: str) -> str:
        return key if self.__dict__["_path"] else ALIASES.get(key, key)

    def __getitem__(self, key: str) -> Any:
        key = self._key(key)
        if key not in self:
            if key.startswith("_"):
                raise KeyError(key)
            if "." in key:
                raise KeyError(f"there is no section {key!r}; write c.{key}")
            recording, path = self._mine()
            kind = RecordingConfig if is_section_name(key) else Addition
            dict.__setitem__(self, key, kind(recording, (*path, key)))
        return dict.__getitem__(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        key = self._key(key)
        recording, path = self._mine()
        if is_section_name(key):
            if isinstance(value, Config):
                section = RecordingConfig(recording, (*path, key))
                dict.__setitem__(self, key, section)
                section.update(value)
            else:
                recording.note(path, key, value, placed=False)
        elif isinstance(value, LazyConfigValue):
            if value is not self.get(key):
                self[key].take(value)
        elif not path:
            recording.note(path, key, value, placed=False)
        else:
            recording.note(path, key, value)
            dict.__setitem__(self, key, value)

    def update(self, other: Any = (), /, **values: Any) -> None:
        """Set each value as if it stood in the file by itself."""
        for key, value in (*dict(other).items(), *values.items()):
            self[key] = value

    def merge(self, other: Any) -> None:
        """Set each value, section by section."""
        for key, value in other.items():
            if is_section_name(key) and isinstance(value, Mapping):
                self[key].merge(value)
            else:
                self[key] = value

    def __deepcopy__(self, memo: Any) -> Config:
        return plain(self)

    def copy(self) -> Config:
        """Give a copy that records nothing."""
        return plain(self)


class AddedValue(LazyConfigValue):
    """Additions to a value that is set elsewhere. Merging and applying leave it as it was.

    traitlets' own changes both sides when it merges, and remembers the first value it was applied to,
    so a second component of a class would get doubled or foreign values.
    """

    def merge_into(self, other: Any) -> Any:
        """Put these additions on top of lower ones, or of a lower value."""
        if not isinstance(other, LazyConfigValue):
            return self.get_value(other)
        merged = AddedValue()
        merged._extend = [*other._extend, *self._extend]
        merged._prepend = [*self._prepend, *other._prepend]
        merged._inserts = [*other._inserts, *self._inserts]
        merged._update = copy.copy(other._update)
        if self._update:
            merged.update(self._update)
        return merged

    def get_value(self, initial: Any) -> Any:
        """Give a copy of the value with the additions.

        :raises TypeError: if the value is none that these can be added to.
        """
        value = copy.copy(initial)
        if self.empty:
            return value
        wanted = list if self._extend or self._prepend or self._inserts else type(self._update)
        if not isinstance(value, wanted) or (wanted is list and self._update):
            raise TypeError(f"{self.spoken()} needs a {wanted.__name__}")
        if isinstance(value, list):
            for index, item in self._inserts:
                value.insert(index, item)
            return [*self._prepend, *value, *self._extend]
        value.update(self._update)
        return value

    @property
    def empty(self) -> bool:
        """Whether nothing was added."""
        return not (self._extend or self._prepend or self._inserts or self._update)

    def spoken(self) -> str:
        """Name the additions, as ``extend`` or ``update``."""
        names = {
            "append or extend": self._extend,
            "prepend": self._prepend,
            "insert": self._inserts,
            "update": self._update,
        }
        return " and ".join(name for name, items in names.items() if items)

    def take(self, other: LazyConfigValue) -> None:
        """Add all that another one adds."""
        if other._prepend:
            self.prepend(other._prepend)
        if other._extend:
            self.extend(other._extend)
        for index, item in other._inserts:
            self.insert(index, item)
        if other._update:
            self.update(other._update)


class Addition(AddedValue):
    """Additions under way: what ``c.Section.option`` is before anything is assigned to it.

    :param recording: takes the settings.
    :param path: names of the sections, and of the option.
    """

    def __init__(self, recording: Recording, path: tuple[str, ...]) -> None:
        super().__init__()
        self._recording = recording
        self._path = path

    @property
    def placed(self) -> bool:
        """Whether there can be an option at this place: it stands in a section."""
        return len(self._path) > 1 and all(map(is_section_name, self._path[:-1]))

    def _note(self, value: Any, action: str) -> None:
        self._recording.note(self._path[:-1], self._path[-1], value, action, placed=self.placed)

    def append(self, obj: Any) -> None:
        """Add one item at the end of a list."""
        self._note(obj, "append")
        super().append(obj)

    def extend(self, other: Iterable[Any]) -> None:
        """Add items at the end of a list."""
        other = list(other)
        self._note(other, "extend")
        super().extend(other)

    def prepend(self, other: Iterable[Any]) -> None:
        """Add items at the front of a list."""
        other = list(other)
        self._note(other, "prepend")
        super().prepend(other)

    def insert(self, index: int, other: Any) -> None:
        """Add one item at a place in a list."""
        super().insert(index, other)
        self._note((index, other), "insert")

    def update(self, other: Any) -> None:
        """Add to a dict or a set."""
        super().update(other)
        self._note(other, "update")

    # ``c.Section.some_dict["key"] = value`` and ``c.Section.some_list += [value]`` mean what they look like.
    def __setitem__(self, key: Any, value: Any) -> None:
        self.update({key: value})

    def __iadd__(self, other: Iterable[Any]) -> Addition:
        if not isinstance(other, Iterable):
            name = ".".join(self._path)
            raise TypeError(f"{name} has no value yet that could be added to; write c.{name} = VALUE")
        self.extend(other)
        return self

    def __call__(self, *arguments: Any, **named: Any) -> None:
        """Refuse a method that there is not, naming the one that was meant."""
        from .sections import nearest

        methods = ("append", "extend", "insert", "prepend", "update")
        near = nearest(self._path[-1], methods)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(methods)}"
        raise AttributeError(f"{'.'.join(self._path[:-1])} has no method {self._path[-1]!r}; {hint}")

    # ``c.Section.option.name``, and ``c.section.option`` with a small letter: there is no such place,
    # but what is set there must be noted, not lost.
    def __getattr__(self, name: str) -> Addition:
        if name.startswith("_"):
            raise AttributeError(name)
        return Addition(self._recording, (*self._path, name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self._recording.note(self._path, name, value, placed=False)


def plain(config: Config) -> Config:
    """Give a copy without recording, without empty sections and empty additions."""
    copied = Config()
    for key, value in config.items():
        if isinstance(value, Config):
            value = plain(value)
            if not value:
                continue
        elif isinstance(value, LazyConfigValue):
            added = AddedValue()
            added.take(value)
            if added.empty or (isinstance(value, Addition) and not value.placed):
                continue
            value = added
        dict.__setitem__(copied, key, value)
    return copied


def walk(config: Config, path: tuple[str, ...] = ()) -> Iterable[tuple[str, str, Any]]:
    """Give section, option and value of all that is set."""
    for key, value in config.items():
        if isinstance(value, Config):
            yield from walk(value, (*path, key))
        else:
            yield ".".join(path), key, value
