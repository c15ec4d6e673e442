"""Which modules there are to import, found without importing any."""

from __future__ import annotations

import keyword
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from itertools import islice
from types import MappingProxyType, ModuleType
from typing import Any, Final, Literal

#: Gives where values are kept between sessions; asked only where that may be of use.
Store = Callable[[], MutableMapping[str, Any]]

Kind = Literal["package", "extension", "source", "bytecode", "namespace", "builtin"]

#: Of two of one name in one folder the first counts.
_PRECEDENCE: Final[dict[str, int]] = {
    "package": 0,
    "extension": 1,
    "source": 2,
    "bytecode": 3,
    "namespace": 4,
    "builtin": 5,
}

_KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys(EXTENSION_SUFFIXES, "extension"),
    **dict.fromkeys(SOURCE_SUFFIXES, "source"),
    **dict.fromkeys(BYTECODE_SUFFIXES, "bytecode"),
}

#: Folders of the search path that are remembered, and modules in all of them.
MOST_PLACES: Final = 256
MOST_MODULES: Final = 100_000

#: Seconds after which a folder counts as slow: it is read last, and what was found there is kept for later
#: sessions, for so many days, of so many folders.
SLOW: Final = 0.1
_KEPT_DAYS: Final = 7
_MOST_KEPT: Final = 16
_KEY: Final = "completion/modules"

#: Seconds that it takes at least to ask for the time of a folder on the network.
FAR: Final = 0.001

#: Seconds for which is believed that a folder without modules still has none.
_BARREN: Final = 2.0

#: How far is looked for a module in a folder that may be a package without ``__init__.py``: so many
#: folders deep, in so many folders in all, at so many entries of each.
_DEPTH, _WIDTH, _ENTRIES = 3, 40, 200

_class_dict: Any = type.__dict__["__dict__"].__get__
_module_dict: Any = _class_dict(ModuleType)["__dict__"].__get__


@dataclass(frozen=True, slots=True)
class Module:
    """A module that can be imported, and where it is."""

    kind: Kind
    paths: tuple[str, ...] = ()
    """Its file; the folder of a package, and all folders of a namespace package."""

    @property
    def is_package(self) -> bool:
        """Whether there may be submodules."""
        return self.kind in ("package", "namespace")


class _Place:
    """What one entry of a search path holds."""

    __slots__ = ("barren", "looked", "modules", "stamp")

    def __init__(self, stamp: tuple[int, int], modules: dict[str, Module], barren: list[str]) -> None:
        self.stamp = stamp
        self.modules = modules
        #: Folders without modules: packages only once there is one.
        self.barren = barren
        self.looked = time.monotonic()


class ModulesOnPath:
    """The modules in folders and archives, remembered until these change. Safe from any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Place] = OrderedDict()
        self._count = 0
        self._slow: set[str] = set()
        self._kept: dict[str, Any] | None = None
        self._changing = threading.Lock()

    def named(
        self,
        path: Iterable[str],
        cancelled: Callable[[], bool],
        stored: Store | None = None,
    ) -> Iterator[dict[str, Module]]:
        """Give the modules on a search path, folder by folder; those that were slow last time at the end.

        :param path: folders and archives.
        :param cancelled: asked now and then; the rest is not read once it is true.
        :param stored: gives where to keep what is found in slow folders.
        """
        for entry in sorted(dict.fromkeys(path), key=self._slow.__contains__):
            if cancelled():
                return
            yield self._modules_in(entry, cancelled, stored)

    def find(self, name: str, path: Iterable[str], cancelled: Callable[[], bool]) -> Module | None:
        """Find the module of a name, not a dotted one, on a search path."""
        folders: list[str] = []
        for entry in dict.fromkeys(path):
            if cancelled():
                return None
            found = self._modules_in(entry, cancelled, None).get(name)
            if found is not None and found.kind != "namespace":
                return found
            if found is not None:
                folders += found.paths
        return Module("namespace", tuple(folders)) if folders else None

    # -- one entry -----------------------------------------------------------------

    def _modules_in(
        self, entry: str, cancelled: Callable[[], bool], stored: Store | None
    ) -> dict[str, Module]:
        began = time.monotonic()
        try:
            folder = os.path.join(os.getcwd(), entry)
            archive, inside = folder, ""
            try:
                state = os.stat(folder)
            except NotADirectoryError:
                archive, inside = _archive(folder)
                state = os.stat(archive)
        except (OSError, ValueError):
            return {}
        stamp = (state.st_mtime_ns, state.st_ino)
        with self._changing:
            known = self._known.get(folder)
            if known is not None and known.stamp == stamp:
                self._known.move_to_end(folder)
            else:
                known = None
        if known is not None:
            self._look_again(folder, known)
            return known.modules
        far = time.monotonic() - began > FAR
        place = self._from_earlier(folder, stamp, stored) if far else None
        if place is None:
            if os.path.isdir(folder):
                modules, barren = _in_folder(folder, cancelled)
            else:
                modules, barren = _in_archive(archive, inside), []
            if cancelled():
                return modules
            place = _Place(stamp, modules, barren)
            took = time.monotonic() - began
            if took > SLOW:
                self._keep(folder, place, stored)
        self._remember(folder, place)
        return place.modules

    def _look_again(self, folder: str, place: _Place) -> None:
        """See whether there are modules by now in folders that had none."""
        now = time.monotonic()
        if not place.barren or now - place.looked < _BARREN:
            return
        place.looked = now
        found = {name: module for name in place.barren[:_WIDTH] if (module := _package(folder, name))}
        if found:
            place.modules = {**place.modules, **found}  # another dictionary: somebody may be reading this one
            place.barren = [name for name in place.barren if name not in found]

    def _remember(self, folder: str, place: _Place) -> None:
        with self._changing:
            former = self._known.pop(folder, None)
            self._count -= len(former.modules) if former is not None else 0
            self._known[folder] = place
            self._count += len(place.modules)
            while len(self._known) > MOST_PLACES or self._count > MOST_MODULES:
                _, dropped = self._known.popitem(last=False)
                self._count -= len(dropped.modules)

    # -- slow folders ----------------------------------------------------------------

    def _from_earlier(self, folder: str, stamp: tuple[int, int], stored: Store | None) -> _Place | None:
        """Give what an earlier session found in a folder that is slow."""
        if stored is None:
            return None
        if self._kept is None:
            self._kept = _read_kept(stored())
        kept = self._kept.get(folder)
        try:
            then, when, modules = kept  # type: ignore[misc]
            if then != stamp or not 0 <= time.time() - when < _KEPT_DAYS * 86400:
                return None
            found = {name: Module(kind, tuple(paths)) for name, kind, paths in modules}
        except (TypeError, ValueError):  # none, or of another version
            return None
        self._slow.add(folder)
        return _Place(stamp, found, [])

    def _keep(self, folder: str, place: _Place, stored: Store | None) -> None:
        self._slow.add(folder)
        if stored is None:
            return
        values = stored()
        kept = _read_kept(values)
        modules = [(name, module.kind, module.paths) for name, module in place.modules.items()]
        kept[folder] = (place.stamp, time.time(), modules)
        for _ in range(len(kept) - _MOST_KEPT):
            kept.pop(next(iter(kept)))
        self._kept = kept
        try:
            values[_KEY] = kept
        except Exception:  # a full disk, a folder that cannot be written: it is only a convenience
            self._kept = {}


def _read_kept(stored: MutableMapping[str, Any]) -> dict[str, Any]:
    kept = stored.get(_KEY)
    return kept if type(kept) is dict else {}


def _in_folder(folder: str, cancelled: Callable[[], bool]) -> tuple[dict[str, Module], list[str]]:
    found: dict[str, Module] = {}
    barren: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name, dot, suffix = entry.name.partition(".")
                kind = _KINDS.get(dot + suffix)
                if not name.isidentifier() or name == "__init__" or name == "__pycache__":
                    continue
                if kind is None:
                    if dot or not entry.is_dir() or cancelled():
                        continue
                    package = _package(folder, name)
                    if package is None:
                        barren.append(name)
                        continue
                else:
                    package = Module(kind, (entry.path,))
                former = found.get(name)
                if former is None or _PRECEDENCE[package.kind] < _PRECEDENCE[former.kind]:
                    found[name] = package
    except OSError:
        pass
    return found, barren


def _package(folder: str, name: str) -> Module | None:
    path = os.path.join(folder, name)
    if os.path.exists(os.path.join(path, "__init__.py")):
        return Module("package", (path,))
    kind = _holds_modules(path)
    return None if kind is None else Module(kind, (path,))


def _holds_modules(path: str) -> Kind | None:
    """Tell what a folder without ``__init__.py`` is: a namespace package if modules are in it."""
    level, seen = [path], 0
    for depth in range(_DEPTH):
        below: list[str] = []
        for folder in level:
            seen += 1
            if seen > _WIDTH:
                return None
            try:
                with os.scandir(folder) as entries:
                    for entry in islice(entries, _ENTRIES):
                        name, dot, suffix = entry.name.partition(".")
                        if dot + suffix in _KINDS and name.isidentifier():
                            return "package" if depth == 0 and name == "__init__" else "namespace"
                        if not dot and name.isidentifier() and name != "__pycache__":
                            below.append(entry.path)
            except OSError:  # a file, or forbidden
                continue
        level = below
    return None


def _archive(path: str) -> tuple[str, str]:
    """Split the path of a folder in an archive, such as ``a.zip/lib``."""
    inside: list[str] = []
    while path and not os.path.exists(path):
        path, name = os.path.split(path)
        if not name:
            break
        inside.insert(0, name)
    return path, "".join(f"{name}/" for name in inside)


def _in_archive(archive: str, inside: str) -> dict[str, Module]:
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(archive) as opened:
            names = opened.namelist()
    except (OSError, BadZipFile, ValueError, NotImplementedError):
        return {}
    found: dict[str, Module] = {}
    for each in names:
        if not each.startswith(inside):
            continue
        first, slash, rest = each[len(inside) :].partition("/")
        name, dot, suffix = first.partition(".")
        kind = _KINDS.get(dot + suffix)
        if slash and not dot:
            made = Module(
                "package" if rest == "__init__.py" else "namespace", (os.path.join(archive, inside, name),)
            )
            if rest.rpartition(".")[1] + rest.rpartition(".")[2] not in _KINDS:
                continue
        elif kind is not None and not slash:
            made = Module(kind, (os.path.join(archive, inside, first),))
        else:
            continue
        if not name.isidentifier() or name in ("__init__", "__pycache__"):
            continue
        former = found.get(name)
        if former is None or _PRECEDENCE[made.kind] < _PRECEDENCE[former.kind]:
            found[name] = made
    return found


# -- what else can be imported -----------------------------------------------------


def _redirected() -> dict[str, Module]:
    """Give the modules of projects that are installed to be edited, as their finders list them.

    These are tables by which setuptools, hatchling, scikit-build-core and meson-python find them; of a
    finder nothing is called.
    """
    found: dict[str, Module] = {}
    for finder in list(sys.meta_path):
        own: Any = finder if issubclass(type(finder), type) else type(finder)
        place = _class_dict(own).get("__module__")
        if type(place) is not str or place in ("_frozen_importlib", "_frozen_importlib_external"):
            continue
        home = sys.modules.get(place)
        tables: list[Any] = []
        if type(home) is ModuleType:
            values = _module_dict(home)
            tables += [values.get("MAPPING"), values.get("NAMESPACES")]
        for attribute in ("_redirections", "known_source_files", "known_wheel_files", "_top_level_modules"):
            tables.append(_static(finder, attribute))
        for table in tables:
            if type(table) is dict:
                for name, target in list(table.items()):
                    if type(name) is str and "." not in name:
                        found.setdefault(name, _target(target))
            elif type(table) is set:
                for name in list(table):
                    if type(name) is str and "." not in name:
                        found.setdefault(name, Module("builtin"))
    return found


def _static(value: Any, attribute: str) -> Any:
    """Read an attribute from an object's own dictionary, without asking the object."""
    try:
        own = (
            _class_dict(value)
            if issubclass(type(value), type)
            else object.__getattribute__(value, "__dict__")
        )
    except AttributeError:
        return None
    return own.get(attribute) if type(own) in (dict, MappingProxyType) else None


def _target(target: object) -> Module:
    if type(target) is list:
        return Module("namespace", tuple(each for each in target if type(each) is str))
    if type(target) is not str:
        return Module("builtin")
    folder, file = os.path.split(target)
    if file.startswith("__init__."):
        return Module("package", (folder,))
    kind = _KINDS.get("".join(file.partition(".")[1:]))
    return Module(kind, (target,)) if kind is not None else Module("package", (target,))


# -- for all -----------------------------------------------------------------------

#: What all providers share.
MODULES: Final = ModulesOnPath()


def _never() -> bool:
    return False


def search_path() -> list[str]:
    """Give the folders and archives in which modules are looked for."""
    return [entry for entry in list(sys.path) if type(entry) is str]


def roots(cancelled: Callable[[], bool] = _never, stored: Store | None = None) -> Iterator[list[str]]:
    """Give the names that ``import`` finds, piece by piece, each once, in no order; quick ones first."""
    seen: set[str] = set()
    loaded = [name for name in list(sys.modules) if type(name) is str and "." not in name]
    quick = {*sys.builtin_module_names, *loaded, *_redirected()}
    seen.update(quick)
    yield [name for name in quick if _can_be_named(name)]
    for modules in MODULES.named(search_path(), cancelled, stored):
        new = [name for name in modules if name not in seen]
        seen.update(new)
        yield [name for name in new if _can_be_named(name)]


def root_modules(cancelled: Callable[[], bool] = _never, stored: Store | None = None) -> list[str]:
    """Give the names that ``import`` finds, sorted.

    Imports nothing. Safe from any thread; may read folders, the first time and when they change.

    :param cancelled: asked now and then: what is found until it is true is given.
    :param stored: gives where to keep what is found in slow folders, such as the shell's ``db``.
    """
    return sorted(name for names in roots(cancelled, stored) for name in names)


def _can_be_named(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def find_module(name: str, cancelled: Callable[[], bool] = _never) -> Module | None:
    """Tell where the module of a dotted name is, ``None`` if it is not found. Imports nothing."""
    first, *rest = name.split(".")
    module = _redirected().get(first) or MODULES.find(first, search_path(), cancelled)
    if module is None and first in sys.builtin_module_names:
        module = Module("builtin")
    for each in rest:
        if module is None or not module.is_package:
            return None
        module = MODULES.find(each, module.paths, cancelled)
    return module


def folders_of(name: str, cancelled: Callable[[], bool] = _never) -> list[str]:
    """Give the folders in which the submodules of a package are; empty if it is none."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        if not issubclass(type(loaded), ModuleType):
            return []
        path = _module_dict(loaded).get("__path__")
        if type(path) is not list:  # that of a namespace package keeps a list
            known = _class_dict(type(path)).get("__module__") == "_frozen_importlib_external"
            path = _static(path, "_path") if known else None
        return [each for each in path if type(each) is str] if type(path) is list else []
    module = find_module(name, cancelled)
    return list(module.paths) if module is not None and module.is_package else []


def submodules(name: str, cancelled: Callable[[], bool] = _never) -> list[str]:
    """Give the names of a package's submodules, without importing any."""
    return names_in_folders(folders_of(name, cancelled), cancelled)


def names_in_folders(folders: Iterable[str], cancelled: Callable[[], bool] = _never) -> list[str]:
    """Give the names of the modules in some folders."""
    found: dict[str, None] = {}
    for modules in MODULES.named(folders, cancelled):
        found.update(dict.fromkeys(name for name in modules if _can_be_named(name)))
    return list(found)
