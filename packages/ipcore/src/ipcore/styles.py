"""Semantic style names: what a piece of shown text *is*, not how it looks.

Whoever shows something gives it one of these names; a theme says how each looks. A name that a theme
leaves out looks as the name before its last dot: ``code.keyword`` as ``code``, that as plain text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .types.themes import Style

#: Every style name, with what it is for. Plugins may use further ones, below one of these.
STYLES: Final[dict[str, str]] = {
    # -- source code, typed or shown
    "code": "source code that is nothing below",
    "code.keyword": "a word of the language's grammar: if, def, import",
    "code.constant": "a word that stands for a value: None, True, Ellipsis",
    "code.builtin": "a name that every module has: len, print, ValueError",
    "code.name": "any other name",
    "code.function": "the name of a function, where it is defined or called",
    "code.class": "the name of a class, where it is defined",
    "code.decorator": "a decorator, with its @",
    "code.string": "a string or bytes literal",
    "code.escape": "an escape sequence in a string: \\n",
    "code.interpolation": "the braces of an f-string and what formats the value",
    "code.number": "a number",
    "code.operator": "an operator: +, :=, not",
    "code.punctuation": "brackets, commas, colons",
    "code.comment": "a comment",
    "code.error": "what cannot be part of the language",
    "code.magic": "a magic with its %, help with its ?",
    "code.shell": "a command of the system shell, with its !",
    # -- the prompt and what stands around the typed text
    "prompt": "the text before an input, around its number",
    "prompt.number": "the number in it",
    "prompt.continuation": "the text before further lines",
    "prompt.output": "the text before a value, around its number",
    "prompt.output.number": "the number in it",
    "prompt.rewrite": "the arrow before a line that was rewritten",
    "prompt.mode": "how keys are taken: the mode of vi",
    "prompt.time": "the time of the day",
    "prompt.duration": "how long the last cell took",
    "prompt.git": "a branch of a repository",
    "prompt.git.dirty": "the mark of changes that are not committed",
    "prompt.environment": "an activated environment",
    "prompt.folder": "the working directory",
    "suggestion": "text that is proposed behind the cursor and not typed",
    "match": "brackets that belong together, at the cursor",
    "match.bad": "a bracket without its other one",
    "selected": "text that is selected",
    "search.match": "what a search has found",
    # -- around the line
    "menu": "the list of proposals",
    "menu.current": "the chosen line of it",
    "menu.type": "what kind of thing is proposed",
    "menu.match": "the characters of a proposal that were typed",
    "menu.scroll": "the bar that tells where in the list one is",
    "signature": "the arguments of the call at the cursor",
    "signature.current": "the one that is being typed",
    "documentation": "what is told about a proposal",
    "toolbar": "the line at the bottom",
    "right-prompt": "what stands at the right of the prompt",
    "message": "one line from the shell itself",
    "message.error": "one that tells of a failure",
    "pager.status": "the last line of a pager",
    # -- values
    "value": "a value that is nothing below",
    "value.string": "a string in it",
    "value.number": "a number in it",
    "value.constant": "None, True and False in it",
    "value.type": "the name of a type in it",
    "value.key": "a key of a mapping, the name of a field",
    "value.punctuation": "brackets and commas in it",
    "value.cut": "the mark where something was left out",
    "heading": "the name of a part of what is shown, of help and tables",
    # -- errors and the debugger
    "traceback": "text of a traceback that is nothing below",
    "traceback.type": "the class of the exception",
    "traceback.message": "what it says",
    "traceback.note": "a note that was added to it",
    "traceback.file": "the file or cell of a frame",
    "traceback.number": "the number of a line",
    "traceback.function": "the function of a frame",
    "traceback.current": "the mark of the line that failed",
    "traceback.position": "the part of that line that failed",
    "traceback.name": "the name of a variable that is shown",
    "traceback.cut": "the mark of frames that were left out",
    "debugger.prompt": "the prompt of the debugger",
    "debugger.current": "the mark of the line it stands at",
    "debugger.breakpoint": "the mark of a breakpoint",
}

_ATTRIBUTES: Final = ("bold", "italic", "underline", "reverse", "strike", "dim")

#: Names of the sixteen colours that are the user's own, by number.
ANSI: Final = (
    "black red green yellow blue magenta cyan gray "
    "brightblack brightred brightgreen brightyellow brightblue brightmagenta brightcyan white"
).split()


def line_of_names(name: str) -> list[str]:
    """Give a style name and those it inherits from, the most general first."""
    parts = name.split(".")
    return [".".join(parts[: at + 1]) for at in range(len(parts))]


def read_style(text: str) -> Style:
    """Read a style as people write it: ``"bold italic #5fafff bg:#303030"``.

    Words are attributes, which ``no`` before them takes away (``nobold``), a colour, and a background
    after ``bg:``. A colour is ``#rrggbb``, ``#rgb`` or one of the user's own sixteen, ``ansi`` and its
    name: ``ansired``, ``ansibrightblue``; ``default`` is that of the terminal.

    :raises ValueError: for a word that is none of these.
    """
    from .types.themes import Style

    found: dict[str, str | bool] = {}
    for word in text.lower().split():
        if word in _ATTRIBUTES:
            found[word] = True
        elif word.removeprefix("no") in _ATTRIBUTES:
            found[word.removeprefix("no")] = False
        else:
            place = "background" if word.startswith("bg:") else "foreground"
            found[place] = _color(word.removeprefix("bg:"))
    return Style(**found)  # type: ignore[arg-type]


def _color(word: str) -> str:
    if re.fullmatch(r"#[0-9a-f]{6}", word):
        return word
    if re.fullmatch(r"#[0-9a-f]{3}", word):
        return "#" + "".join(each * 2 for each in word[1:])
    if word == "default" or word.removeprefix("ansi") in ANSI:
        return word.removeprefix("ansi")
    raise ValueError(
        f"{word!r} is no part of a style: give #rrggbb, ansired and its like, bg: before a background, or "
        + ", ".join(_ATTRIBUTES)
    )
