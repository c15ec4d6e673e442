"""Characters that are hard to type, by their LaTeX command or their Unicode name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ipcore.types.completion import Completion

from .context import StringPiece, context_of
from .unicode_data import character_names, character_of, commands

if TYPE_CHECKING:
    from ipcore.types.completion import CompletionRequest

#: Characters of a line that are looked at, back from the cursor. The longest name has 83.
_LONGEST: Final = 120

#: Names that are proposed at most: nobody reads more, and a few letters are in thousands.
MOST_NAMES: Final = 300

#: How these rank: behind a backslash hardly anything else is meant.
_SURE: Final = 10

#: Completions between two questions whether anybody still wants them.
_OFTEN: Final = 1000

_TYPED: Final = re.compile(r"\\([^\\]+)\Z")
_COMMAND: Final = re.compile(r"[\^_]?[A-Za-z0-9!]+|[\^_][-+=()]")
_NAME: Final = re.compile(r"[A-Za-z][-A-Za-z0-9 ]*")
_NAMED_ESCAPE: Final = re.compile(r"\\N\{([-A-Za-z0-9 ]*)\Z")

#: What an escape in a string begins with, behind the backslash.
_ESCAPES: Final = frozenset("abfnrtvxuUN01234567")

#: Letters that have to be typed of a command before it is guessed at: in a string that begins with what may
#: be an escape as well, such as ``\n`` or, in a regular expression, ``\d``; and elsewhere.
_FEWEST_IN_STRINGS: Final = 3
_FEWEST: Final = 1

#: Letters of a name before it is looked for, and before it is looked for anywhere in a name.
_FEWEST_OF_NAME: Final = 2
_FEWEST_WITHIN: Final = 4

#: Up to a backslash: a path on Windows, or one written in its manner.
_PATH: Final = re.compile(r"(?:\A|\s)(?:[A-Za-z]:|\.{1,2}\\|~|\\\\|%\w+%)\S*\Z")


def proposals(request: CompletionRequest) -> Iterator[Completion]:
    """Propose characters, and names that are not typed to their end."""
    line = request.text[max(request.line_start, request.cursor - _LONGEST) : request.cursor]
    place = context_of(request)
    if place.place == "string" and place.string is not None:
        yield from _in_string(request, line, place.string)
    elif (named := _NAMED_ESCAPE.search(line)) is not None and not _is_escaped(line, named.start()):
        # Braces that are open in an f-string are code to the others.
        if named[1].isupper():
            yield from _named_escape(request, named[1])
    elif place.place in ("code", "import") or (place.place == "nothing" and place.statement):
        found = _TYPED.search(line)
        if found is not None and request.trigger != "typing":
            slash = request.cursor - len(found[0])
            comment = place.place == "nothing" and "#" in request.text[request.line_start : slash]
            yield from _Typed(request, found[1], slash, code=not comment).proposals()


def _in_string(request: CompletionRequest, line: str, string: StringPiece) -> Iterator[Completion]:
    prefix = string.prefix.lower()
    if "b" in prefix:
        return
    raw = "r" in prefix
    line = line[max(0, len(line) - (request.cursor - string.content_start)) :]
    named = None if raw else _NAMED_ESCAPE.search(line)
    if named is not None and not _is_escaped(line, named.start()):
        yield from _named_escape(request, named[1])
        return
    found = _TYPED.search(line)
    if found is None or request.trigger == "typing" or _is_escaped(line, found.start()):
        return
    if _PATH.search(line[: found.start() + 1]):
        return
    slash = request.cursor - len(found[0])
    yield from _Typed(request, found[1], slash, code=False, string=string, raw=raw).proposals()


def _is_escaped(line: str, slash: int) -> bool:
    """Tell whether a backslash is the second one of a pair."""
    before = line[:slash]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _named_escape(request: CompletionRequest, typed: str) -> Iterator[Completion]:
    """Complete the name in ``\\N{...}``."""
    end = request.cursor
    closing = "" if request.text[end : end + 1] == "}" else "}"
    for name, character in _search(request, typed):
        # Short names first: with their brace they would stand behind the longer ones.
        yield Completion(end - len(typed), end, name + closing, "unicode", character, rank=-len(name))


class _Typed:
    """What is typed behind a backslash.

    :param slash: where the backslash is.
    :param code: whether only what may stand in an identifier is wanted.
    """

    def __init__(
        self,
        request: CompletionRequest,
        text: str,
        slash: int,
        *,
        code: bool,
        string: StringPiece | None = None,
        raw: bool = False,
    ) -> None:
        self._request = request
        self._text = text
        self._slash = slash
        self._code = code
        self._string = string
        self._raw = raw
        first = request.line_start if string is None else string.content_start
        self._before = request.text[slash - 1] if slash > first else ""
        self._continues = bool(self._before) and f"x{self._before}".isidentifier()

    def proposals(self) -> Iterator[Completion]:
        """Give what may stand there."""
        text = self._text
        if len(text) == 1 and not text.isascii():
            yield from self._back(text)
            return
        exact = commands().characters.get(text, "")
        if exact and self._is_meant(text, exact=True):
            if self._fits(exact):
                yield self._character(exact, "latex", f"\\{text}")
            return
        some = False
        if _COMMAND.fullmatch(text) and self._is_meant(text):
            for each in self._partial(text):
                some = True
                yield each
        if not some and not self._raw and _NAME.fullmatch(text) and self._is_meant(text):
            yield from self._by_name(text)

    def _partial(self, text: str) -> Iterator[Completion]:
        if self._request.cancelled():
            return
        characters = commands().characters
        for command in self._request.matching_names(characters, text):
            if self._fits(characters[command]):
                yield self._own(f"\\{command}", "latex", _shown(characters[command]))

    def _by_name(self, text: str) -> Iterator[Completion]:
        if self._string is not None and not text.isupper():
            return  # ordinary words
        exact = character_of(text)
        if exact and self._fits(exact):
            yield self._character(exact, "unicode", unicodedata.name(exact, ""))
            return
        for name, character in _search(self._request, text):
            if self._fits(character):
                yield self._own(f"\\{name}", "unicode", _shown(character))

    def _back(self, character: str) -> Iterator[Completion]:
        command = commands().names.get(character)
        if command is not None:
            yield self._own(f"\\{command}", "latex", character, rank=_SURE + 1)
        name = unicodedata.name(character, "")
        if name and not self._raw:
            # In a string there is a notation of Python's own.
            yield self._own(f"\\{name}" if self._string is None else f"\\N{{{name}}}", "unicode", character)

    def _is_meant(self, text: str, exact: bool = False) -> bool:
        """Tell whether this is no escape of a string, no regular expression, and no LaTeX that is to stay."""
        if self._string is None:
            return len(text) >= _FEWEST
        if self._raw:
            return not exact and len(text) >= _FEWEST_IN_STRINGS
        if text[0] in _ESCAPES:
            return len(text) >= _FEWEST_IN_STRINGS - exact
        return True

    def _fits(self, character: str) -> bool:
        if _is_mark(character):
            return self._continues or (not self._code and self._before not in ("", " "))
        if not self._code:
            return True
        return f"x{character}".isidentifier() if self._continues else character.isidentifier()

    def _character(self, character: str, kind: str, origin: str) -> Completion:
        if _is_mark(character):
            text = unicodedata.normalize("NFC", self._before + character)
            return Completion(self._slash - 1, self._request.cursor, text, kind, origin, rank=_SURE)
        return self._own(character, kind, origin)

    def _own(self, text: str, kind: str, signature: str, rank: int = _SURE) -> Completion:
        return Completion(self._slash, self._request.cursor, text, kind, signature, rank=rank)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _shown(character: str) -> str:
    """Give a character so that it can be seen: a mark stands on a dotted circle."""
    return f"\N{DOTTED CIRCLE}{character}" if _is_mark(character) else character


def _search(request: CompletionRequest, typed: str) -> Iterator[tuple[str, str]]:
    """Give the names that begin with what is typed; if there are none, those that have all its words."""
    if len(typed) < _FEWEST_OF_NAME:
        return
    typed = typed.upper()
    names = character_names()
    found = 0
    for within in (False, True):
        if found or (within and len(typed) < _FEWEST_WITHIN):
            return
        words = typed.split()
        for at, (name, character) in enumerate(names.items()):
            if at % _OFTEN == 0 and request.cancelled():
                return
            if all(word in name for word in words) if within else name.startswith(typed):
                found += 1
                yield name, character
                if found >= MOST_NAMES:
                    return
