"""Modules and their names, in import statements and before they are imported."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from ipcore.types.completion import Completion

from . import modules_on_path
from .bindings import bound_before, bound_within
from .context import context_of
from .modules_on_path import root_modules as root_modules
from .source_names import SourceNames, names_in_source

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest

    from .context import Context

_COMMENT: Final = re.compile(r"#[^\n]*")
_IMPORT: Final = re.compile(r"import(?:\s+(?P<modules>.*))?\Z", re.DOTALL)
_FROM: Final = re.compile(r"from(?:\s+|(?=\.))(?P<module>\.*[\w.]*)\Z")
_FROM_THEN: Final = re.compile(r"from(?:\s+|(?=\.))[\w.]+\s+(?P<word>\w*)\Z")
_FROM_IMPORT: Final = re.compile(
    r"from(?:\s+|(?=\.))(?P<module>[.\s]*[\w.]*?)\s*\bimport\b(?P<names>[\s(].*)\Z", re.DOTALL
)
_MODULE: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_NAMES: Final = re.compile(r"[^\W\d]\w*")

#: How names rank that a module has but does not mean to give away: those that ``__all__`` leaves out, and
#: modules that it imports itself.
_FOREIGN: Final = -1

#: Gives those of some names that are wanted.
Chosen = Callable[[Iterable[str]], list[str]]

_module_dict: Any = type.__dict__["__dict__"].__get__(ModuleType)["__dict__"].__get__


@dataclass(frozen=True, slots=True)
class _Home:
    """Of what something is imported: a module by its name, or the files of some folders."""

    name: str = ""
    folders: tuple[str, ...] = ()


class ImportProvider:
    """Modules and their names, in import statements."""

    name = "imports"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose modules, submodules and what modules define, without importing any."""
        context = context_of(request)
        if context.place != "import":
            return
        statement = _COMMENT.sub("", context.statement).replace("\\\n", " ")
        if match := _IMPORT.match(statement):
            yield from self._modules(request, match["modules"])
        elif match := _FROM_IMPORT.match(statement):
            yield from self._names(request, match["module"], match["names"])
        elif match := _FROM.match(statement):
            yield from self._dotted(request, "".join(match["module"].split()))
        elif (match := _FROM_THEN.match(statement)) and "import".startswith(match["word"]):
            yield _proposal(request, match["word"], "import ", "keyword")

    def _modules(self, request: CompletionRequest, modules: str | None) -> Iterator[Completion]:
        """Propose what may stand behind ``import``."""
        if modules is None:
            return
        piece = modules.rpartition(",")[2].lstrip()
        if not re.search(r"\s", piece):
            yield from self._dotted(request, piece)
        elif match := re.fullmatch(r"[\w.]+\s+(as?)", piece):
            yield _proposal(request, match[1], "as ", "keyword")

    def _dotted(self, request: CompletionRequest, typed: str) -> Iterator[Completion]:
        """Propose modules for a dotted name, the last part of which is being typed."""
        above, dot, word = typed.rpartition(".")
        if not dot:
            if word or request.trigger != "typing":
                yield from self._roots(request, word)
            return
        home = _home(request, above + dot if not above.strip(".") else above)
        for name in {**dict.fromkeys(_submodules(request, home)), **_loaded_below(home.name)}:
            if _fits(request, name, word):
                yield _proposal(request, word, name, "module")

    def _stored(self) -> MutableMapping[str, Any]:
        return self._shell.db

    def _roots(self, request: CompletionRequest, word: str) -> Iterator[Completion]:
        start, end = request.cursor - len(word), request.cursor
        hidden = not word.startswith("_")
        for names in modules_on_path.roots(request.cancelled, self._stored):
            for name in request.matching_names(names, word):
                if not (hidden and name[0] == "_"):
                    yield Completion(start, end, name, "module")

    def _names(self, request: CompletionRequest, module: str, names: str) -> Iterator[Completion]:
        """Propose what may stand behind ``from ... import``."""
        module = "".join(module.split())
        opened = names.lstrip().startswith("(")
        names = names.lstrip().removeprefix("(")
        if ")" in names or not module:
            return
        *listed, piece = names.split(",")
        word = piece.strip()
        if not (word == "" or word.isidentifier()) or (piece[-1:].isspace() and word):
            if match := re.fullmatch(r"\w+\s+(as?)", piece.strip()):
                yield _proposal(request, match[1], "as ", "keyword")
            return
        behind = request.text[request.cursor :].partition(")" if opened else "\n")[0]
        taken = {match[0] for each in listed if (match := _NAMES.search(each))}
        if behind.lstrip().startswith(","):
            taken |= {match[0] for each in behind.split(",")[1:] if (match := _NAMES.search(each))}

        hidden = word[:1] != "_"

        def chosen(names: Iterable[str]) -> list[str]:
            matching = request.matching_names(names, word)
            return [name for name in matching if name not in taken and not (hidden and name[:1] == "_")]

        for name, kind, rank in _members(request, _home(request, module), chosen):
            yield _proposal(request, word, name, kind, rank)


def of_module(request: CompletionRequest, context: Context) -> Iterator[Completion]:
    """Propose what a module defines that is not imported yet, where its name stands for nothing else."""
    module = context.dotted or ""
    first = module.partition(".")[0]
    if not _MODULE.fullmatch(module) or first in bound_before(context.before):
        return
    if first in bound_within(context.statement) or request.objects.find(first, context.before)[0]:
        return
    word = request.text[context.start : request.cursor]
    hidden = word[:1] != "_"

    def chosen(names: Iterable[str]) -> list[str]:
        return [name for name in request.matching_names(names, word) if not (hidden and name[:1] == "_")]

    for name, kind, rank in _members(request, _Home(module), chosen):
        yield _proposal(request, word, name, kind, rank)


def _proposal(request: CompletionRequest, word: str, text: str, kind: str, rank: int = 0) -> Completion:
    return Completion(request.cursor - len(word), request.cursor, text, kind, rank=rank)


def _fits(request: CompletionRequest, name: str, word: str) -> bool:
    """Tell whether a name is proposed: those with underscores once one is typed."""
    return (word[:1] == "_" or name[:1] != "_") and request.matches(name, word)


# -- where it comes from -----------------------------------------------------------


def _home(request: CompletionRequest, dotted: str) -> _Home:
    """Tell what a name behind ``from`` means, dots in front counted from the user's package.

    Where the user is in no package, they are counted from the working folder.
    """
    name = dotted.lstrip(".")
    level = len(dotted) - len(name)
    if not level:
        return _Home(dotted)
    found, package = request.objects.find("__package__")
    if found and type(package) is str and package:
        parts = package.split(".")
        if level > len(parts):
            return _Home()
        parts = [*parts[: len(parts) - level + 1], *([name] if name else [])]
        return _Home(".".join(parts))
    try:
        folder = os.getcwd()
    except OSError:
        return _Home()
    for _ in range(level - 1):
        folder = os.path.dirname(folder)
    folders = [folder]
    for each in name.split(".") if name else ():
        module = modules_on_path.MODULES.find(each, folders, request.cancelled)
        if module is None:
            return _Home()
        if not module.is_package:
            return _Home(folders=module.paths)
        folders = list(module.paths)
    return _Home(folders=tuple(folders))


def _submodules(request: CompletionRequest, home: _Home) -> list[str]:
    if not home.name:
        folders = [folder for folder in home.folders if os.path.isdir(folder)]
        return modules_on_path.names_in_folders(folders, request.cancelled)
    return modules_on_path.submodules(home.name, request.cancelled)


def _loaded_below(module: str) -> dict[str, None]:
    """Give the submodules of a module that are loaded, such as ``path`` of ``os``, which no folder holds."""
    if not module or module not in sys.modules:
        return {}
    begins = f"{module}."
    names = [name for name in list(sys.modules) if type(name) is str and name.startswith(begins)]
    return {below: None for name in names if "." not in (below := name[len(begins) :])}


def _members(request: CompletionRequest, home: _Home, chosen: Chosen) -> Iterator[tuple[str, str, int]]:
    """Give what can be imported of a module: name, type and rank, each once.

    :param chosen: picks the names that are wanted.
    """
    below = _submodules(request, home)
    seen: set[str] = set()
    for name, kind, rank in _defined(request, home, frozenset(below), chosen):
        if name not in seen:
            seen.add(name)
            yield name, kind, rank
    for name in chosen(below):
        if name not in seen:
            yield name, "module", 0


def _defined(
    request: CompletionRequest, home: _Home, below: frozenset[str], chosen: Chosen
) -> Iterator[tuple[str, str, int]]:
    module = sys.modules.get(home.name) if home.name else None
    if module is not None:
        yield from _of_loaded(request, module, below, chosen)
        return
    if home.name:
        found = modules_on_path.find_module(home.name, request.cancelled)
        paths = found.paths if found is not None else ()
    else:
        paths = home.folders
    for path in paths:
        names = _of_file(path, request)
        listed = frozenset(names.exported or ())
        for name in chosen(names.names):
            kind = names.names[name]
            foreign = name not in listed if listed else kind == "module" and name not in below
            yield name, kind, _FOREIGN if foreign else 0
        for name in chosen(names.exported or ()):
            yield name, "", 0


def _of_loaded(
    request: CompletionRequest, module: Any, below: frozenset[str], chosen: Chosen
) -> Iterator[tuple[str, str, int]]:
    """Read a module that has been imported, as the policy lets it be read."""
    objects = request.objects
    values = _module_dict(module) if issubclass(type(module), ModuleType) else {}
    exported = values.get("__all__")
    listed: list[str] = []
    if type(exported) is list or type(exported) is tuple:
        listed = [name for name in list(exported) if type(name) is str]
    wanted = frozenset(listed)
    for name in chosen(objects.attributes(module)):  # before the types are looked for
        value = values.get(name, values)  # no module holds its own dictionary under another name
        kind = "" if value is values else objects.type_of(value)
        foreign = name not in wanted if wanted else kind == "module" and name not in below
        yield name, kind, _FOREIGN if foreign else 0
    for name in chosen(listed):
        yield name, "", 0


def _of_file(path: str, request: CompletionRequest) -> SourceNames:
    """Read the names of a module's source, or of the stub that lies beside a compiled one."""
    base = path
    if os.path.isdir(path):
        base = os.path.join(path, "__init__")
    elif not path.endswith(".py"):
        folder, file = os.path.split(path)
        base = os.path.join(folder, file.partition(".")[0])
    else:
        base = path.removesuffix(".py")
    folder = os.path.dirname(base)

    def find(level: int, name: str) -> str | None:
        if level:
            home = folder
            for _ in range(level - 1):
                home = os.path.dirname(home)
            found = modules_on_path.MODULES.find(name, [home], request.cancelled) if "." not in name else None
        else:
            found = modules_on_path.find_module(name, request.cancelled)
        if found is None or not found.paths:
            return None
        if found.kind == "package":
            return os.path.join(found.paths[0], "__init__.py")
        return found.paths[0] if found.kind == "source" else None

    for suffix in (".py", ".pyi"):
        if os.path.isfile(base + suffix):
            return names_in_source(base + suffix, find)
    return SourceNames()
