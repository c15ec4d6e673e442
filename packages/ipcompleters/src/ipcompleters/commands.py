"""Commands of the system, and their options, behind ``!``."""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ipcore.types.completion import Completion

from . import manual_pages
from .command_lines import command_of
from .folders import FOLDERS, LINK
from .modules_on_path import roots, submodules
from .shell_words import CommandLine, read_command

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest

#: What the system's shell itself knows.
_BUILTINS: Final = (
    "alias cd command eval exec exit export read set shift test times trap type ulimit umask unset wait"
)
_BUILTINS_ON_WINDOWS: Final = (
    "assoc call cd chdir cls copy date del dir echo erase exit ftype md mkdir mklink move path popd pushd rd "
    "ren rename rmdir set start time title type ver verify vol"
)

#: Sub-commands that are known without a manual page; of programs with pages those that are used most.
_SUBCOMMANDS: Final = {
    "git": "add bisect blame branch checkout cherry-pick clone commit config diff fetch grep init log merge "
    "mv pull push rebase reflog remote reset restore revert rm show stash status submodule switch tag "
    "worktree",
    **dict.fromkeys(
        ("pip", "pip3"),
        "cache check completion config debug download freeze hash help index inspect install list lock show "
        "uninstall wheel",
    ),
}

#: Programs that take another program for a sub-command, such as ``git-lfs`` for ``git lfs``.
_EXTENSIBLE: Final = frozenset({"cargo", "git", "kubectl"})

#: Characters that no name of a program has which one would type.
_AWKWARD: Final = re.compile(r"[\s'\"\\$`&|;<>(){}]")

_PYTHON: Final = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?\Z")
_VARIABLE: Final = re.compile(r"(?<!\$)\$(\w*)\Z")
_SHELL_VARIABLE: Final = re.compile(r"\$(?:\$|\{)(\w*)\Z")
_EXPRESSION: Final = re.compile(r"(?<!\$)(?<!\{)(?:\{\{)*\{([^{}]*)\Z")
_NAME: Final = re.compile(r"(?:(?P<dotted>[^\W\d]\w*(?:\.[^\W\d]\w*)*)\.)?(?P<name>(?:[^\W\d]\w*)?)\Z")


class CommandProvider:
    """Commands of the system, and their options, behind ``!``."""

    name = "commands"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose programs, their sub-commands and options, and variables."""
        command = command_of(request, self._shell)
        if command is None:
            return
        if _variable_is_typed(command.text):
            yield from _variables(request, command.text)
            return
        line = read_command(command.text)
        word = line.word
        if line.redirected or word.quote:
            return
        if request.trigger == "typing" and not word.value:
            return
        begins = request.cursor - len(command.text) + word.start
        typed = request.text[begins : request.cursor]
        for text, kind, rank in self._words(request, line, command.prefix):
            if request.matches(text, typed):
                yield Completion(begins, request.cursor, text, kind, rank=rank)

    def _words(
        self, request: CompletionRequest, line: CommandLine, prefix: tuple[str, ...]
    ) -> Iterator[tuple[str, str, int]]:
        """Give what the word at the end of a command line may be, with type and rank."""
        typed = line.word.value
        arguments = (*prefix, *line.arguments) if line.first else line.arguments
        if not arguments:
            if not {"/", os.sep} & set(typed):
                for name in _programs(request, typed):
                    yield name, "command", 0
            return
        program = os.path.basename(arguments[0])
        program = program.lower().removesuffix(".exe") if os.name == "nt" else program
        if _PYTHON.match(program) and arguments[-1] == "-m":
            for name in _modules(request, typed):
                yield name, "module", 1
            return
        rest = arguments[1:]
        if _PYTHON.match(program) and rest[:1] == ("-m",):
            program, rest = rest[1], rest[2:]
        words = [each for each in rest if not each.startswith("-")]
        known = _subcommands(program, request)
        subcommand = words[0] if words and words[0] in known else ""
        if typed.startswith("-"):
            if "=" not in typed and "--" not in rest:
                for option in manual_pages.options_of(program, subcommand):
                    yield option, "param", 0
        elif not words:
            for name, rank in known.items():
                yield name, "command", rank


def _subcommands(program: str, request: CompletionRequest) -> dict[str, int]:
    """Give the sub-commands of a program, with their rank."""
    found = dict.fromkeys(_SUBCOMMANDS.get(program, "").split(), 2)
    for name in manual_pages.subcommands_of(program, request.cancelled):
        found.setdefault(name, 1)
    if program in _EXTENSIBLE:
        begins = f"{program}-"
        for name in _programs(request, "", begins):
            found.setdefault(name[len(begins) :], 1)
    return found


def _modules(request: CompletionRequest, typed: str) -> Iterable[str]:
    above, dot, _ = typed.rpartition(".")
    if dot:
        return [f"{above}.{name}" for name in submodules(above, request.cancelled)]
    return (
        name
        for names in roots(request.cancelled)
        for name in names
        if typed.startswith("_") or not name.startswith("_")
    )


# -- variables ---------------------------------------------------------------------


def _variable_is_typed(command: str) -> bool:
    return any(each.search(command) for each in (_VARIABLE, _SHELL_VARIABLE, _EXPRESSION))


def _variables(request: CompletionRequest, command: str) -> Iterator[Completion]:
    """Propose variables of the user behind ``$`` and in braces, and of the environment behind ``$``."""
    if match := _SHELL_VARIABLE.search(command):
        for name in _of_environment():
            if request.matches(name, match[1]):
                yield _variable(request, match[1], name, 0)
        return
    if match := _VARIABLE.search(command):
        for name in _of_user(request):
            if (match[1][:1] == "_" or name[0] != "_") and request.matches(name, match[1]):
                yield _variable(request, match[1], name, 1)
        for name in _of_environment():
            if request.matches(name, match[1]):
                yield _variable(request, match[1], name, 0)
        return
    match = _EXPRESSION.search(command)
    piece = _NAME.search(match[1]) if match else None
    if match is None or piece is None:
        return
    dotted, word = piece["dotted"], piece["name"]
    if dotted:
        found, value = request.objects.find(dotted)
        names = request.objects.attributes(value) if found else []
    elif match[1][: piece.start()].rstrip().endswith((".", ")", "]", "'", '"')):
        return
    else:
        names = _of_user(request)
    for name in names:
        if (word[:1] == "_" or name[:1] != "_") and request.matches(name, word):
            yield _variable(request, word, name, 0)


def _variable(request: CompletionRequest, word: str, name: str, rank: int) -> Completion:
    return Completion(request.cursor - len(word), request.cursor, name, "variable", rank=rank)


def _of_user(request: CompletionRequest) -> list[str]:
    """Give the user's own names; the builtin ones are hardly meant."""
    return [name for name in request.objects.names() if name not in vars(builtins)]


def _of_environment() -> list[str]:
    return sorted(name for name in list(os.environ) if name.isidentifier())


# -- programs ----------------------------------------------------------------------


def _programs(request: CompletionRequest, typed: str, prefix: str = "") -> Iterator[str]:
    """Give what can be called by its name and goes with what is typed, each once.

    :param prefix: what the names begin with, however names are matched.
    """
    prefix = prefix or (typed if request.matching == "prefix" else "")
    seen: set[str] = set()
    own = (_BUILTINS_ON_WINDOWS if os.name == "nt" else _BUILTINS).split()
    shown = [name for name in own if name.startswith(prefix)]
    found = (_programs_in(folder, request, typed, prefix) for folder in _path())
    for names in (request.matching_names(shown, typed), *found):
        for name in names:
            if name not in seen:
                seen.add(name)
                yield name
        if request.cancelled():
            return


def _path() -> list[str]:
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [entry for entry in dict.fromkeys(entries) if os.path.isabs(entry)]


def _programs_in(folder: str, request: CompletionRequest, typed: str, prefix: str) -> Iterator[str]:
    for names in FOLDERS.names(folder, request.cancelled, prefix):
        for name in request.matching_names((name.removesuffix(LINK) for name in names), typed):
            if program := _program(folder, name):
                yield program
            if request.cancelled():
                return


def _program(folder: str, name: str) -> str:
    """Give the name by which a file is called; empty if it is no program."""
    if name.endswith("/") or not name.isprintable() or _AWKWARD.search(name):
        return ""
    if os.name == "nt":
        stem, ending = os.path.splitext(name)
        endings = os.environ.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").upper().split(";")
        return stem if ending.upper() in endings else ""
    return name if os.access(os.path.join(folder, name), os.X_OK) else ""
