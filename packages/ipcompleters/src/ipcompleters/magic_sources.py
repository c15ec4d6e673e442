"""What a magic says of itself: its options, and the first line of its help.

Of a magic that was used already this is read from its function. Of one that was not, its plugin has not
been imported, and is not imported here either: that belongs to the thread that runs cells, at the magic's
first use. It is read from the plugin's source instead, and nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ipcore.magics import MagicOption, magic_options, options_in_source

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.magics.registry import Kind

#: Files of a plugin that are read, and bytes that one may have.
_MOST_FILES: Final = 40
_LARGEST: Final = 400_000

_DECORATORS: Final = {
    "line": ("line_magic", "line_cell_magic"),
    "cell": ("cell_magic", "line_cell_magic"),
}

#: A line of a docstring about an option: ``-n<N>: how often``, ``-n N  how often``, ``--times=N how often``.
_DOCUMENTED: Final = re.compile(
    r"^[ \t]*[*`]*(--?[A-Za-z][\w-]*)((?:[ =]?<[^<>\n]+>|[ =][A-Z_]+)?)[*`]*"
    r"(?:[ \t]*:[ \t]+|[ \t]{2,}|:?[ \t]*\n[ \t]+)(\S.*)",
    re.MULTILINE,
)
_HEADING: Final = re.compile(r"^[ \t]*[Oo]ptions?\b", re.MULTILINE)


class Told(NamedTuple):
    """What a magic says of itself."""

    summary: str = ""
    """The first line of its help; empty if there is none."""
    options: tuple[MagicOption, ...] = ()
    """Its options, and its arguments without dashes, in order."""


_NOTHING: Final = Told()


def told_by(shell: InteractiveShell, kind: Kind, name: str) -> Told:
    """Tell what is known of a magic. Runs and loads nothing; may read files the first time.

    :param kind: ``line`` or ``cell``.
    :param name: without ``%``.
    """
    kind, name = target(shell, kind, name)
    found = shell.magics.registered(kind, name)
    if found is not None:
        return _of_function(found)
    for plugin in shell.registry.contenders(f"{kind}_magics", name):
        if shell.registry.state(plugin) == "declared":
            return _of_source(plugin.module, kind, name)
    return _NOTHING


def target(shell: InteractiveShell, kind: Kind, name: str) -> tuple[Kind, str]:
    """Give the magic that a name stands for: another name may have been given to it."""
    from ipcore.magics.renaming import MagicAlias

    for _ in range(10):
        found = shell.magics.registered(kind, name)
        if type(found) is not MagicAlias:
            break
        kind, name = found.kind, found.target
    return kind, name


def summary_of(magic: object) -> str:
    """Give the first line of a magic's help, if it can be had without running anything."""
    function = _function_of(magic)
    if function is None:
        return ""
    parser = _parser_of(function)
    return _first_line(function.__doc__ if parser is None else parser.description)


def _of_function(magic: object) -> Told:
    function = _function_of(magic)
    if function is None:
        return _NOTHING
    options = magic_options(function)
    if _parser_of(function) is None:
        options = _with_help(options, function.__doc__)
    return Told(summary_of(function), tuple(options))


def _function_of(magic: object) -> FunctionType | None:
    """Give the plain function that a magic is or binds. Others are objects, which could answer with code."""
    function = magic.__func__ if type(magic) is MethodType else magic
    inner: Any = function
    for _ in range(20):
        if type(inner) is not FunctionType:
            return None
        if "parser" in vars(inner) and _parser_of(inner) is None:
            return None
        if "__wrapped__" not in vars(inner):
            break
        inner = vars(inner)["__wrapped__"]
    return function  # type: ignore[return-value]  # seen in the loop


def _parser_of(function: FunctionType) -> Any:
    from argparse import ArgumentParser

    parser = vars(function).get("parser")
    return parser if issubclass(type(parser), ArgumentParser) else None


def _first_line(text: object) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "") if type(text) is str else ""


def _with_help(options: list[MagicOption], docstring: object) -> list[MagicOption]:
    """Add what a docstring says of options to those that have no help; if there are none, make them of it."""
    if type(docstring) is not str or not all(each.names and not each.help for each in options):
        return options
    documented = {match[1]: match for match in reversed(list(_DOCUMENTED.finditer(docstring)))}
    if not options:
        return [
            MagicOption((name,), bool(match[2]), match[3].strip())
            for name, match in reversed(documented.items())
            if _HEADING.search(docstring, 0, match.start())
        ]
    said = {name: match[3].strip() for name, match in documented.items()}
    return [
        each
        if each.help
        else each._replace(help=next((said[name] for name in each.names if name in said), ""))
        for each in options
    ]


# -- from the source ----------------------------------------------------------------


@lru_cache(maxsize=256)
def _of_source(module: str, kind: Kind, name: str) -> Told:
    for text in _sources(module):
        if name not in text or "magic" not in text:
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and _is_magic(node, kind, name):
                return _of_definition(node)
    return _NOTHING


def _sources(module: str) -> Iterator[str]:
    """Give the sources of a module and of those beside it, the module first."""
    from importlib.util import find_spec

    top, *rest = module.split(".")
    try:
        spec = find_spec(top)  # imports nothing: it has no parent
    except (ImportError, ValueError, AttributeError):
        return
    if spec is None:
        return
    files: list[Path] = []
    if spec.submodule_search_locations is None:
        files = [Path(spec.origin)] if spec.origin else []
    for location in spec.submodule_search_locations or ():
        folder = Path(location, *rest[:-1])
        own = folder / f"{rest[-1]}.py" if rest else folder / "__init__.py"
        if rest and (folder / rest[-1]).is_dir():
            folder = folder / rest[-1]
            own = folder / "__init__.py"
        files += [own, *sorted(each for each in folder.glob("*.py") if each != own)]
    for file in files[:_MOST_FILES]:
        try:
            if file.stat().st_size <= _LARGEST:
                yield file.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue


def _is_magic(node: ast.FunctionDef, kind: Kind, name: str) -> bool:
    for decorator in node.decorator_list:
        called = isinstance(decorator, ast.Call)
        title = _title(decorator.func if called else decorator)  # type: ignore[attr-defined]
        if title in _DECORATORS[kind]:
            given = _constant(decorator.args[0]) if called and decorator.args else None  # type: ignore[attr-defined]
            if (given or node.name) == name:
                return True
    # A plain function that the hook gives.
    return node.name == name and [each.arg for each in node.args.args][-1:] == [
        "line" if kind == "line" else "cell"
    ]


def _of_definition(node: ast.FunctionDef) -> Told:
    docstring = ast.get_docstring(node)
    options = [
        option
        for each in node.decorator_list
        if isinstance(each, ast.Call) and _title(each.func) == "argument"
        for option in [_declared(each)]
    ]
    if not options:
        options = _with_help(options_in_source(node), docstring)
    return Told(_first_line(docstring), tuple(options))


def _declared(call: ast.Call) -> MagicOption:
    """Read ``@argument("-n", "--times", type=int, help="how often")``."""
    names = tuple(text for text in map(_constant, call.args) if isinstance(text, str) and text[:1] == "-")
    given = {each.arg: _constant(each.value) for each in call.keywords if each.arg}
    choices = given.get("choices")
    action = given.get("action")
    return MagicOption(
        names,
        action in (None, "store", "append", "extend") and given.get("nargs") != 0,
        str(given.get("help") or ""),
        tuple(map(str, choices)) if isinstance(choices, (list, tuple)) else (),
    )


def _title(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _constant(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
