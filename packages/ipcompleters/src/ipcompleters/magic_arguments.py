"""What belongs behind a magic, by its name.

A magic of which nothing stands here is completed by its own argument parser, as far as that names choices.
Plugins and extensions complete theirs by a provider, or by ``set_hook("complete_command", ...)``.
Those that take Python code are not here: behind them there is code, to all providers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from pathlib import PosixPath, WindowsPath
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from traitlets import Bool, Enum, TraitType

from ipcore.magics import MagicOption
from ipcore.types.completion import Completion

from .magic_sources import target, told_by

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest

    from .magic_words import Words

#: Names of the user's whose types are looked at.
_MOST_NAMES: Final = 10_000

#: How extensions that are known to be such rank among modules.
_LIKELY: Final = 10

#: Files that ``%run`` runs.
_PROGRAMS: Final = (".py", ".ipy", ".ipynb", ".pyw")

_type_name: Any = type.__dict__["__name__"].__get__
_class_dict: Any = type.__dict__["__dict__"].__get__
_mro: Any = type.__dict__["__mro__"].__get__


class Asked(NamedTuple):
    """What is asked: the arguments of a magic, to be completed."""

    shell: InteractiveShell
    request: CompletionRequest
    line: Words

    @property
    def typed(self) -> str:
        """The word at the cursor, without the quote it begins with."""
        return self.line.word[self.line.quoted :]

    def given(
        self, names: Iterable[str], kind: str, *, typed: str | None = None, rank: int = 0
    ) -> Iterator[Completion]:
        """Propose those of some names that go with what is typed.

        :param typed: what is typed of the name, up to the cursor; the whole word by default.
        """
        typed = self.typed if typed is None else typed
        start, end = self.request.cursor - len(typed), self.request.cursor
        for name in self.request.matching_names(names, typed):
            yield Completion(start, end, name, kind, rank=rank)


def arguments(shell: InteractiveShell, request: CompletionRequest, line: Words) -> Iterator[Completion]:
    """Propose what may stand behind a magic; nothing behind one that there is not."""
    kind, name = target(shell, "cell" if line.cell else "line", line.name)
    if name not in shell.magics.names(kind):
        return
    asked = Asked(shell, request, line)
    told = told_by(shell, kind, name)
    if line.words:
        for option in told.options:
            if option.takes_value and option.choices and line.words[-1] in option.names:
                yield from asked.given(option.choices, "param")
                return
    behind = KNOWN_MAGICS.get(name)
    if behind is not None:
        yield from behind(asked)
    elif not line.word.startswith("-"):
        yield from asked.given(_choices(told.options, line.words), "param")


def _choices(options: tuple[MagicOption, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    """Give the values there are for the argument without dashes at which the cursor is."""
    valued = {name for each in options if each.takes_value for name in each.names}
    count = 0
    for at, word in enumerate(words):
        if not word.startswith("-") and not (at and words[at - 1] in valued):
            count += 1
    if words and words[-1] in valued:
        return ()
    places = [each for each in options if not each.names]
    return places[min(count, len(places) - 1)].choices if places else ()


# -- single ones -----------------------------------------------------------------------


def _words(*words: str, at: int = 0) -> Callable[[Asked], Iterator[Completion]]:
    """Make what proposes words for one argument.

    :param at: which argument, options not counted.
    """

    def propose(asked: Asked) -> Iterator[Completion]:
        if len(asked.line.arguments) == at and not asked.line.word.startswith("-"):
            yield from asked.given(words, "param")

    return propose


def _each_of(*words: str) -> Callable[[Asked], Iterator[Completion]]:
    """Make what proposes words for any argument, but those that are there."""

    def propose(asked: Asked) -> Iterator[Completion]:
        if not asked.line.word.startswith("-"):
            yield from asked.given([word for word in words if word not in asked.line.words], "param")

    return propose


def _config(asked: Asked) -> Iterator[Completion]:
    # Of a class the bases too: an option is set where it is declared, for all classes below.
    kinds = {
        _type_name(kind): kind
        for each in asked.shell.configurables
        for kind in _mro(type(each))
        if _own_options(kind)
    }
    before = " ".join(asked.line.words)
    whole = f"{before} {asked.line.word}" if before else asked.line.word
    option, equals, value = whole.partition("=")
    section, dot, name = option.strip().partition(".")
    traits = _options_of(kinds[section]) if section in kinds else {}
    if equals:
        if name in traits:
            yield from asked.given(_values_of(traits[name]), "param", typed=value.lstrip())
    elif before:
        return
    elif dot:
        start = asked.request.cursor - len(name)
        for each in asked.request.matching_names(sorted(traits), name):
            yield Completion(start, asked.request.cursor, each, "attribute", _help_of(traits[each]))
    else:
        yield from asked.given(sorted(kinds), "class")


def _options_of(kind: type) -> dict[str, Any]:
    """Give the options of a class: name → trait. They are read from dictionaries, and nothing is called."""
    found: dict[str, Any] = {}
    for base in reversed(_mro(kind)):
        found.update(_own_options(base))
    return found


@lru_cache(maxsize=512)
def _own_options(kind: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in list(_class_dict(kind).items())
        if issubclass(type(value), TraitType) and value.metadata.get("config")
    }


def _values_of(trait: Any) -> list[str]:
    if issubclass(type(trait), Bool):
        return ["True", "False"]
    if issubclass(type(trait), Enum):
        return [
            repr(each) for each in trait.values or () if type(each) in (str, int, float, bool, type(None))
        ]
    return []


def _help_of(trait: Any) -> str:
    return " ".join(str(trait.help or "").split()).partition(". ")[0]


def _folders(asked: Asked) -> Iterator[Completion]:
    from .paths import paths_for

    if not asked.line.arguments and not asked.line.word.startswith("-"):
        yield from paths_for(asked.request, asked.line.start, place="shell", folders_only=True)


def _cd(asked: Asked) -> Iterator[Completion]:
    line, request = asked.line, asked.request
    if "-b" in line.words:
        yield from asked.given(_bookmarks(asked), "param")
    elif line.word.startswith("--"):
        names = dict.fromkeys(os.path.basename(folder) for folder in _visited(asked))
        yield from asked.given([f"--{name}" for name in names if name], "path")
    elif line.word.startswith("-"):
        for at, folder in enumerate(_visited(asked)):
            if f"-{at}".startswith(line.word):
                yield Completion(line.start, request.cursor, f"-{at}", "path", folder)
    else:
        some = False
        for each in _folders(asked):
            some = True
            yield each
        if not some and not line.arguments:
            yield from asked.given(_bookmarks(asked), "param")


def _visited(asked: Asked) -> list[str]:
    """Give the folders that the user has been in, oldest first."""
    found, folders = asked.request.objects.find("_dh")
    if not found or type(folders) is not list:
        return []
    return [str(each) for each in list(folders) if type(each) in (str, PosixPath, WindowsPath)]


def _bookmarks(asked: Asked) -> list[str]:
    found = _stored(asked, "bookmarks")
    return sorted(name for name in found if type(name) is str) if type(found) is dict else []


def _stored(asked: Asked, key: str) -> Any:
    try:
        return asked.shell.db.get(key)
    except Exception:  # a value that cannot be read: %bookmark itself tells of it
        return None


def _bookmark(asked: Asked) -> Iterator[Completion]:
    if "-d" in asked.line.words or not asked.line.arguments:
        yield from asked.given(_bookmarks(asked), "param")
    elif len(asked.line.arguments) == 1:
        from .paths import paths_for

        yield from paths_for(asked.request, asked.line.start, place="shell", folders_only=True)


def _run(asked: Asked) -> Iterator[Completion]:
    from .paths import paths_for

    line = asked.line
    if line.words[-1:] == ("-m",):
        yield from _modules(asked)
    elif not line.word.startswith("-"):
        # Behind the program stand its own arguments: any file may be meant.
        suffixes = (
            () if any(word.endswith(_PROGRAMS) for word in line.words) or "-m" in line.words else _PROGRAMS
        )
        yield from paths_for(asked.request, line.start, place="shell", suffixes=suffixes)


def _modules(asked: Asked) -> Iterator[Completion]:
    yield from _modules_named(asked, asked.typed)


def _modules_named(asked: Asked, typed: str) -> Iterator[Completion]:
    from .modules_on_path import root_modules, submodules

    package, dot, piece = typed.rpartition(".")
    cancelled = asked.request.cancelled
    names = submodules(package, cancelled) if dot else root_modules(cancelled)
    yield from asked.given(names, "module", typed=piece)


def _aimport(asked: Asked) -> Iterator[Completion]:
    yield from _modules_named(asked, asked.typed.rpartition(",")[2].removeprefix("-"))


def _load_ext(asked: Asked) -> Iterator[Completion]:
    """Propose modules, first those that are known to be extensions.

    Nothing in a module's metadata says whether it is one, so any module may be.
    """
    if asked.line.words:
        return
    loaded = asked.shell.extension_manager.loaded
    known = {*_in_folder(asked.shell.extensions_folder), *_imported_extensions()} - set(loaded)
    yield from asked.given(sorted(known), "module", rank=_LIKELY)
    yield from _modules(asked)


def _reload_ext(asked: Asked) -> Iterator[Completion]:
    if not asked.line.words:
        yield from asked.given(sorted(asked.shell.extension_manager.loaded), "module", rank=_LIKELY)
        yield from _modules(asked)


def _unload_ext(asked: Asked) -> Iterator[Completion]:
    if not asked.line.words:
        yield from asked.given(sorted(asked.shell.extension_manager.loaded), "module")


def _in_folder(folder: str) -> list[str]:
    try:
        entries = sorted(os.listdir(folder)) if folder else []
    except OSError:
        return []
    names = [entry.removesuffix(".py") for entry in entries]
    return [name for name in names if name.isidentifier() and name != "__pycache__"]


def _imported_extensions() -> list[str]:
    """Give the imported modules that can be loaded as extensions."""
    # Only plain modules: others may compute what they have.
    return [
        name
        for name, module in sys.modules.copy().items()
        if type(module) is ModuleType and "load_ipython_extension" in vars(module)
    ]


def _types(asked: Asked) -> Iterator[Completion]:
    """Propose the types that the user's values have."""
    import builtins

    objects, own = asked.request.objects, vars(builtins)
    kinds: set[str] = set()
    for at, name in enumerate(objects.names()):
        if at >= _MOST_NAMES or (at % 500 == 0 and asked.request.cancelled()):
            break
        if name not in own and not name.startswith("_"):
            found, value = objects.find(name)
            if found:
                kinds.add(_type_name(type(value)))
    yield from asked.given(sorted(kinds - set(asked.line.words)), "class")


def _names(asked: Asked) -> Iterator[Completion]:
    """Propose the user's names."""
    import builtins

    if asked.line.word.startswith("-"):
        return
    own, hidden = vars(builtins), not asked.typed.startswith("_")
    names = [name for name in asked.request.objects.names() if name not in own]
    names = [name for name in names if not (hidden and name.startswith("_")) and name not in asked.line.words]
    yield from asked.given(sorted(names), "variable")


def _store(asked: Asked) -> Iterator[Completion]:
    if asked.line.words[:1] in (("-d",), ("-r",)):
        keys = [key for key in list(asked.shell.db) if key.startswith("autorestore/")]
        yield from asked.given(sorted(key.removeprefix("autorestore/") for key in keys), "variable")
    elif not asked.line.words:
        yield from _names(asked)


def _aliases(asked: Asked) -> Iterator[Completion]:
    if not asked.line.words:
        yield from asked.given(asked.shell.aliases.names, "magic")


def _environment(asked: Asked) -> Iterator[Completion]:
    if not asked.line.words:
        yield from asked.given(sorted(os.environ), "variable")


def _magic_names(asked: Asked) -> Iterator[Completion]:
    """Propose magics behind ``%alias_magic``, where the second argument is one."""
    if len(asked.line.arguments) == 1 and not asked.line.word.startswith("-"):
        yield from asked.given(
            asked.shell.magics.names("cell" if "-c" in asked.line.words else "line"), "magic"
        )


def _loops(asked: Asked, more: tuple[str, ...] = ()) -> Iterator[Completion]:
    """Propose the event loops that are installed."""
    if not asked.line.arguments and not asked.line.word.startswith("-"):
        yield from asked.given([*more, *asked.shell.registry.keys("inputhooks")], "param")


def _themes(asked: Asked) -> Iterator[Completion]:
    if not asked.line.words:
        yield from asked.given(["auto", *asked.shell.registry.keys("themes")], "param")


_PIP: Final = (
    "cache", "check", "config", "debug", "download", "freeze", "hash", "help", "index", "inspect", "install",
    "list", "search", "show", "uninstall", "wheel",
)  # fmt: skip
_CONDA: Final = (
    "clean", "compare", "config", "create", "env", "info", "install", "list", "remove", "run", "search",
    "uninstall", "update", "upgrade",
)  # fmt: skip
_UV: Final = (
    "add",
    "cache",
    "help",
    "lock",
    "pip",
    "python",
    "remove",
    "run",
    "sync",
    "tool",
    "tree",
    "venv",
)

#: Magic → what proposes its arguments. The magics themselves come with other distributions.
KNOWN_MAGICS: Final[dict[str, Callable[[Asked], Iterator[Completion]]]] = {
    "aimport": _aimport,
    "alias": _aliases,
    "alias_magic": _magic_names,
    "autoawait": _words("False", "True", "asyncio", "off", "trio"),
    "autocall": _words("0", "1", "2"),
    "automagic": _words("0", "1", "off", "on"),
    "autoreload": _words("0", "1", "2", "3", "all", "complete", "explicit", "now", "off"),
    "bookmark": _bookmark,
    "cd": _cd,
    "colors": _themes,
    "conda": _words(*_CONDA),
    "config": _config,
    "env": _environment,
    "gui": _loops,
    "load_ext": _load_ext,
    "logstart": _words("append", "backup", "global", "over", "rotate", at=1),
    "mamba": _words(*_CONDA),
    "matplotlib": partial(_loops, more=("agg", "auto", "inline", "widget")),
    "micromamba": _words(*_CONDA),
    "pdb": _words("0", "1", "off", "on"),
    "pip": _words(*_PIP),
    "pushd": _folders,
    "pylab": partial(_loops, more=("agg", "auto", "inline", "widget")),
    "reload_ext": _reload_ext,
    "reset": _each_of("array", "dhist", "in", "out"),
    "reset_selective": _names,
    "run": _run,
    "set_env": _environment,
    "store": _store,
    "unalias": _aliases,
    "unload_ext": _unload_ext,
    "uv": _words(*_UV),
    "who": _types,
    "who_ls": _types,
    "whos": _types,
    "xdel": _names,
    "xmode": _words("Context", "Docs", "Minimal", "Plain", "Verbose"),
}
