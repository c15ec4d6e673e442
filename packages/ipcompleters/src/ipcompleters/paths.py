"""Files and folders, where paths belong."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from ipcore.types.completion import Completion

from .command_lines import command_of
from .context import bare_path, context_of
from .folders import FOLDERS, LINK
from .matching import completions
from .shell_words import ShellWord, escaped, needs_quotes_on_windows, read_command

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest

    from .command_lines import TypedCommand
    from .context import Call, Context, StringPiece

#: Functions whose first argument is a path, by the last part of their name, with the endings of the
#: files that are likely meant; those of ``read_...`` beside them.
_FUNCTIONS: Final[dict[str, tuple[str, ...]]] = {
    "Path": (),
    "PosixPath": (),
    "PurePath": (),
    "PurePosixPath": (),
    "WindowsPath": (),
    "abspath": (),
    "exists": (),
    "expanduser": (),
    "fromfile": (),
    "genfromtxt": (),
    "getsize": (),
    "glob": (),
    "imread": (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif"),
    "is_dir": (),
    "is_file": (),
    "isfile": (),
    "joinpath": (),
    "load": (),
    "loadtxt": (),
    "loadmat": (".mat",),
    "lstat": (),
    "memmap": (),
    "move": (),
    "open": (),
    "openpyxl": (),
    "read_csv": (".csv", ".tsv", ".txt", ".gz", ".zip"),
    "read_excel": (".xlsx", ".xls", ".ods"),
    "read_feather": (".feather",),
    "read_json": (".json", ".jsonl"),
    "read_parquet": (".parquet",),
    "read_pickle": (".pickle", ".pkl"),
    "read_table": (".csv", ".tsv", ".txt"),
    "realpath": (),
    "remove": (),
    "rename": (),
    "replace_file": (),
    "run_path": (".py",),
    "samefile": (),
    "save": (),
    "savefig": (),
    "savetxt": (),
    "scan_csv": (".csv", ".tsv", ".txt"),
    "scan_parquet": (".parquet",),
    "stat": (),
    "unlink": (),
    "copy": (),
    "copy2": (),
    "copyfile": (),
}

#: Functions whose first argument is a folder.
_FOLDER_FUNCTIONS: Final = frozenset(
    {"chdir", "copytree", "fwalk", "isdir", "listdir", "rmdir", "rmtree", "scandir", "walk"}
)

#: Functions of which the second argument is a path too.
_TWO_PATHS: Final = frozenset({"copy", "copy2", "copyfile", "copytree", "move", "rename", "samefile"})

#: Names of arguments that are paths, whatever is called.
_ARGUMENTS: Final = frozenset(
    {
        "cwd",
        "file",
        "file_name",
        "file_path",
        "filename",
        "filepath",
        "filepath_or_buffer",
        "fname",
        "folder",
        "path",
        "path_or_buf",
        "root_dir",
    }
)
_FOLDER_ARGUMENTS: Final = frozenset({"cwd", "folder", "root_dir"})

#: Magics for whose paths the provider of magics speaks.
_OTHERS: Final = frozenset({"bookmark", "cd", "pushd", "run"})

#: Magics that take files.
_FILE_MAGICS: Final = frozenset(
    {"ed", "edit", "file", "load", "loadpy", "logstart", "notebook", "pycat", "save", "writefile"}
)

#: Commands whose arguments are folders.
_FOLDER_COMMANDS: Final = frozenset({"cd", "chdir", "pushd", "rmdir"})

#: What makes a text look like a path from its first characters on.
_BEGINNING: Final = re.compile(r"/|~|\.{1,2}/")
_BEGINNING_ON_WINDOWS: Final = re.compile(r"[/\\~]|\.{1,2}[/\\]|[A-Za-z]:(?:[/\\]|\Z)")

#: Seconds that completions are held back to be given together, and how many are taken between two looks.
_AT_ONCE: Final = 0.02
_CHUNK: Final = 50

#: How those rank that stand in any string.
_UNLIKELY: Final = -20

_PLAIN: Final = re.compile(r"[\w;.-]*", re.ASCII).fullmatch

#: What marks the names of folders and links.
_MARKS: Final = f"/{LINK}"

#: Endings of files that Python makes by itself.
_BY_PRODUCTS: Final = (".pyc", ".pyo")


@dataclass(frozen=True, slots=True)
class _Typed:
    """A path as typed, and how one writes on."""

    folder: str
    """What stands before its last part, separator included."""
    name: str
    """Its last part."""
    start: int
    """Where the last part begins in the request's text."""
    quote: str = ""
    """The quote that is open there, in a command; of a string its prefix and quote."""
    place: str = "plain"
    """``plain``, ``shell`` or ``string``: how names are written."""
    whole: int = -1
    """Where the whole word begins in the request's text, quotes included; -1 if one may not change it."""
    separator: str = "/"
    """What folders end with."""


class PathProvider:
    """Files and folders, where paths belong."""

    name = "paths"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterable[Completion]:
        """Propose files in strings that are paths, in commands, behind magics that take files, by ``~/``."""
        return _at_once(self._files(request))

    def _files(self, request: CompletionRequest) -> Iterator[Completion]:
        context = context_of(request)
        if context.place == "string" and context.string is not None:
            yield from _in_string(request, context, context.string)
        elif (command := command_of(request, self._shell)) is not None:
            yield from _in_command(request, command)
        elif context.magic is not None and context.place == "magic" and context.magic.name not in _OTHERS:
            magic = context.magic
            line = request.text[magic.start : request.cursor]
            word = read_command(line).word
            likely = magic.name in _FILE_MAGICS and not word.value.startswith("-")
            if likely or looks_like_path(word.value):
                yield from paths_for(request, magic.start + word.start, place="shell")
        elif context.place == "code":
            start = bare_path(request)
            if start < 0 and request.line_before.lstrip().startswith("/"):
                start = request.line_start + request.line_before.index("/")
            if start >= 0:
                yield from paths_for(request, start)


def _at_once(found: Iterator[Completion]) -> Iterable[Completion]:
    """Give as a list what is there at once, as most folders are; the shell takes that up faster."""
    until = time.monotonic() + _AT_ONCE
    taken: list[Completion] = []
    while chunk := [*islice(found, _CHUNK)]:
        taken += chunk
        if time.monotonic() > until:
            return chain(taken, found)
    return taken


def looks_like_path(text: str, windows: bool = os.name == "nt") -> bool:
    """Tell whether a text begins as only paths do: with ``/``, ``~``, ``./``, ``../`` or a drive."""
    return (_BEGINNING_ON_WINDOWS if windows else _BEGINNING).match(text) is not None


def paths_for(
    request: CompletionRequest,
    start: int,
    *,
    place: str = "plain",
    folders_only: bool = False,
    suffixes: Iterable[str] = (),
) -> Iterator[Completion]:
    """Propose what a path that is typed may become, from its last part on.

    For whoever knows that a path belongs at the cursor, such as behind ``%cd``. Hidden files are proposed
    once a dot is typed; if nothing begins as typed, upper and lower case count as the same.

    :param request: what is completed.
    :param start: where the path begins in the request's text; it ends at the cursor.
    :param place: ``plain`` if it is taken as written, ``shell`` if quotes and backslashes are read as a
        shell reads them.
    :param folders_only: propose folders alone.
    :param suffixes: endings, such as ``.py``: files with others are left out.
    """
    text = request.text[start : request.cursor]
    if place == "shell":
        typed = _of_word(read_command(text).word, start, os.name == "nt")
    else:
        typed = _of_plain(text, start, os.name == "nt")
    yield from _proposed(request, typed, folders_only=folders_only, suffixes=tuple(suffixes))


# -- where paths belong ----------------------------------------------------------


def _in_command(request: CompletionRequest, command: TypedCommand) -> Iterator[Completion]:
    line = read_command(command.text)
    word = line.word
    begins = request.cursor - len(command.text)
    arguments = (*command.prefix, *line.arguments) if line.first else line.arguments
    first = not arguments and not line.redirected
    if first and not looks_like_path(word.value) and os.sep not in word.value:
        return
    if not word.quote and word.value.startswith("-") and not line.redirected:
        option, given, _ = word.value.partition("=")
        if not given:
            return
        word = _behind(word, len(option) + 1)
    if request.trigger == "typing" and not word.value:
        return
    if _expression(word.value):
        return
    folders_only = bool(arguments) and arguments[0] in _FOLDER_COMMANDS and not line.redirected
    yield from _proposed(
        request, _of_word(word, begins, os.name == "nt"), folders_only=folders_only, expand=True
    )


def _behind(word: ShellWord, index: int) -> ShellWord:
    return ShellWord(
        word.offset(index),
        word.end,
        word.value[index:],
        word.offsets[index:],
        word.quotes[index:],
        word.quote,
    )


def _expression(value: str) -> bool:
    """Tell whether a word is, or ends in, the name of a variable or a Python expression."""
    return "{" in value or "$" in value.rpartition("/")[2]


def _in_string(request: CompletionRequest, context: Context, string: StringPiece) -> Iterator[Completion]:
    content = request.text[string.content_start : request.cursor]
    prefix = string.prefix.lower()
    if (
        "\n" in content
        or "\0" in content
        or (("{" in content or "}" in content) and set(prefix) & {"f", "t"})
    ):
        return
    typed = _of_string(content, string.content_start, prefix, string.quote, os.name == "nt")
    if typed is None:
        return
    value = typed.folder + typed.name
    belongs, folders_only, suffixes = _argument(context.call) if context.call else (False, False, ())
    if belongs and context.subscript is None:
        yield from _proposed(request, typed, folders_only=folders_only, preferred=suffixes)
    elif looks_like_path(value):
        rank = 0 if context.subscript is None else _UNLIKELY
        yield from _proposed(request, typed, rank=rank)
    elif (
        context.subscript is None
        and not (context.call and _is_known(context.call))
        and (typed.folder or (typed.name and request.trigger != "typing"))
    ):
        rank = 0 if typed.folder else _UNLIKELY
        yield from _proposed(request, typed, rank=rank, any_case=False)


def _is_known(call: Call) -> bool:
    """Tell whether it is known which of a function's arguments are paths."""
    function = call.function.rpartition(".")[2].strip()
    return function in _FUNCTIONS or function in _FOLDER_FUNCTIONS


def _argument(call: Call) -> tuple[bool, bool, tuple[str, ...]]:
    """Tell whether an argument is a path, whether one of a folder, and the endings that are likely."""
    function = call.function.rpartition(".")[2].strip()
    if call.argument is not None:
        return call.argument in _ARGUMENTS, call.argument in _FOLDER_ARGUMENTS, _FUNCTIONS.get(function, ())
    if call.position > (1 if function in _TWO_PATHS else 0):
        return False, False, ()
    if function in _FOLDER_FUNCTIONS:
        return True, True, ()
    suffixes = _FUNCTIONS.get(function)
    return suffixes is not None, False, suffixes or ()


# -- how they are written --------------------------------------------------------


def _of_plain(text: str, start: int, windows: bool) -> _Typed:
    cut, separator = _cut(text, windows)
    return _Typed(text[:cut], text[cut:], start + cut, separator=separator)


def _of_word(word: ShellWord, begins: int, windows: bool) -> _Typed:
    """Split a word of a command.

    :param begins: where the command begins in the request's text.
    """
    cut, separator = _cut(word.value, windows)
    return _Typed(
        word.value[:cut],
        word.value[cut:],
        begins + word.offset(cut),
        word.quote_at(cut),
        "shell",
        begins + word.start if windows else -1,
        separator,
    )


def _of_string(content: str, start: int, prefix: str, quote: str, windows: bool) -> _Typed | None:
    """Split the content of a string; ``None`` if its escapes are none that paths have."""
    value, offsets = content, list(range(len(content)))
    doubled = False
    if "\\" in content and "r" not in prefix:
        characters: list[str] = []
        offsets = []
        at = 0
        while at < len(content):
            character, step = content[at], 1
            if character == "\\":
                escape = content[at + 1 : at + 2]
                if escape and escape in "\\'\"":
                    character, step = escape, 2
                    doubled = doubled or escape == "\\"
                elif not windows:
                    return None
            characters.append(character)
            offsets.append(at)
            at += step
        value = "".join(characters)
    cut, separator = _cut(value, windows)
    if separator == "\\" and doubled:
        separator = "\\\\"
    begin = offsets[cut] if cut < len(offsets) else len(content)
    return _Typed(value[:cut], value[cut:], start + begin, prefix + quote, "string", separator=separator)


def _cut(value: str, windows: bool) -> tuple[int, str]:
    """Tell where the last part of a path begins, and which separator is in use."""
    cut = value.rfind("/") + 1
    if not windows:
        return cut, "/"
    back = value.rfind("\\") + 1
    if re.fullmatch("[A-Za-z]:[^/\\\\]*", value):
        return 2, "/"
    return max(cut, back), "\\" if back > cut else "/"


def _written(typed: _Typed, name: str) -> str | None:
    """Write a name as it must stand where it is proposed; ``None`` if it cannot stand there."""
    if not name.isprintable():
        return None
    if typed.place == "shell":
        if typed.whole < 0:
            return escaped(name, typed.quote)
        path = typed.folder + name
        if typed.quote or not needs_quotes_on_windows(path):
            return name
        return f'"{path}'
    if typed.place != "string" or (name.isalnum() and name.isascii()):
        return name
    prefix = typed.quote.rstrip("'\"")
    quote = typed.quote[len(prefix) : len(prefix) + 1]
    if "b" in prefix and not name.isascii():
        return None
    if "f" in prefix or "t" in prefix:
        name = name.replace("{", "{{").replace("}", "}}")
    if "r" in prefix:
        return None if quote in name or "\\" in name else name
    return name.replace("\\", "\\\\").replace(quote, f"\\{quote}")


# -- what there is -----------------------------------------------------------------


def _proposed(
    request: CompletionRequest,
    typed: _Typed,
    *,
    folders_only: bool = False,
    suffixes: tuple[str, ...] = (),
    preferred: tuple[str, ...] = (),
    rank: int = 0,
    any_case: bool = True,
    expand: bool = False,
) -> Iterator[Completion]:
    """Propose what begins as typed.

    :param suffixes: files with other endings are left out.
    :param preferred: files with these endings come first.
    :param any_case: whether upper and lower case may count as the same.
    :param expand: whether the folder may have variables of the environment.
    """
    name = typed.name
    if not typed.folder and name[:1] == "~":
        yield from _homes(request, typed)
        return
    folder = os.path.expanduser(typed.folder) if typed.folder[:1] == "~" else typed.folder
    if expand and "$" in folder and typed.quote != "'":
        folder = os.path.expandvars(folder)
    try:
        folder = os.path.join(os.getcwd(), folder)
    except OSError:  # the working folder is gone
        return
    if name in (".", "..") and typed.place != "string":
        yield Completion(typed.start, request.cursor, f"..{typed.separator}", "path", rank=rank - 1)
    found = False
    plain = request.matching == "prefix"
    simple = plain and not (folders_only or suffixes or preferred)
    for names in FOLDERS.names(folder, request.cancelled, name if plain else ""):
        if simple and _are_plain(names):
            found = found or bool(names)  # there may be many: nothing is asked of each
            yield from completions(PathProvider.name, typed.start, request.cursor, names, "path", rank)
            continue
        for each in names:
            if each[0] == "." and name[:1] != ".":
                continue
            if plain or request.matches(each.rstrip(_MARKS), name):
                made = _made(request, typed, folder, each, folders_only, suffixes, preferred, rank)
                if made is not None:
                    found = True
                    yield made
        if request.cancelled():
            return
    if found or not name or not any_case:
        return
    folded = name.casefold()
    for names in FOLDERS.names(folder, request.cancelled):
        for each in names:
            if each[: len(name)].casefold() == folded:
                made = _made(request, typed, folder, each, folders_only, suffixes, preferred, rank)
                if made is not None:
                    yield made


def _are_plain(names: list[str]) -> bool:
    """Tell whether names are of files, none hidden or a by-product, that are written as they are anywhere."""
    joined = ";".join(("", *names))
    return (
        _PLAIN(joined) is not None
        and joined.count(";") == len(names)
        and ";." not in joined
        and not any(ending in joined for ending in _BY_PRODUCTS)
    )


def _made(
    request: CompletionRequest,
    typed: _Typed,
    folder: str,
    name: str,
    folders_only: bool,
    suffixes: tuple[str, ...],
    preferred: tuple[str, ...],
    rank: int,
) -> Completion | None:
    if name[-1] == LINK:
        name = name[:-1]
        is_folder = os.path.isdir(os.path.join(folder, name))
    elif is_folder := name[-1] == "/":
        name = name[:-1]
    if not is_folder:
        if folders_only or (suffixes and not name.endswith(suffixes)):
            return None
        if name.endswith(_BY_PRODUCTS):
            rank -= 1
        elif preferred and name.endswith(preferred):
            rank += 1
    text = _written(typed, name)
    if text is None:
        return None
    start = typed.whole if typed.whole >= 0 and text[0] == '"' and not typed.quote else typed.start
    label = "" if start == typed.start else name
    if is_folder:
        text += typed.separator
    return Completion(start, request.cursor, text, "path", "", label, rank)


def _homes(request: CompletionRequest, typed: _Typed) -> Iterator[Completion]:
    """Propose the home folders of users."""
    if typed.name == "~":
        yield Completion(typed.start, request.cursor, f"~{typed.separator}", "path")
        return
    try:
        import pwd
    except ImportError:  # Windows
        return
    for user in pwd.getpwall():
        name = f"~{user.pw_name}"
        if name.startswith(typed.name):
            yield Completion(typed.start, request.cursor, f"{name}{typed.separator}", "path")
