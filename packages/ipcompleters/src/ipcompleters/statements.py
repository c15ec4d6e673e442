"""What the cursor stands in, in Python code: attribute, call, subscript, import, a new name."""

from __future__ import annotations

from typing import Final

from .context import Call, Context, Expected, MagicLine, Place, StringPiece, Subscript, string_piece
from .scanning import (
    GROUP,
    IN_STRING,
    NAME,
    NUMBER,
    OPERATOR,
    Frame,
    Reading,
    Token,
    ends_expression,
    expression_start,
    is_dot,
    read_behind,
)

#: Words that begin a statement with a colon behind which another one may stand.
_COMPOUND: Final = frozenset(
    "async case class def elif else except finally for if match try while with".split()
)
_COMPARISONS: Final = ("==", "!=")


class Statement:
    """The statement that ends at the cursor.

    :param text: the cell.
    :param reading: its logical line.
    :param before: the lines before that one.
    :param magic: the magic in whose arguments it stands.
    """

    def __init__(
        self, text: str, reading: Reading, cursor: int, before: str, magic: MagicLine | None = None
    ) -> None:
        self._text = text
        self._cursor = cursor
        self._reading = reading
        self._magic = magic
        frames = reading.frames
        self._string: StringPiece | None = None
        if reading.state == IN_STRING:
            self._string = string_piece(text, reading.opened, reading.content, cursor)
            inside = [
                i for i, each in enumerate(frames) if each.kind == "s" and each.opened == reading.opened
            ]
            frames = frames[: inside[0]] if inside else frames
        #: The brackets that count: those in the innermost braces of an f-string.
        self._base = max((i for i, each in enumerate(frames) if each.kind == "f"), default=0)
        self._frames = frames
        self._tokens = frames[-1].tokens
        self._first = 0
        self._start = reading.code
        #: How far what is run next is indented.
        self._indent = text[reading.start : reading.code]
        self._before = before + self._split()
        #: How many tokens of the innermost bracket stand before what is typed.
        self._count = len(self._tokens)
        self._word = cursor
        if self._string is None and self._tokens and self._tokens[-1].end == cursor:
            last = self._tokens[-1]
            if last.kind == NAME:
                self._word = last.start
                self._count -= 1

    # -- the whole -------------------------------------------------------------

    def context(self) -> Context:
        """Tell what the cursor stands in."""
        place, dotted = self._place()
        string = self._string
        call: Call | None = None
        subscript: Subscript | None = None
        assigned: str | None = None
        if place in ("code", "string"):
            frame = self._frames[-1]
            if frame.kind == "(":
                call = self._call(frame)
            elif frame.kind == "[":
                subscript = self._subscript(frame) or self._listed(frame)
            assigned = self._assigned(call)
        return Context(
            place,
            string.content_start if string else self._word,
            dotted=dotted,
            string=string,
            call=call,
            subscript=subscript,
            assigned=assigned,
            magic=self._magic,
            statement=self._text[self._start : self._cursor],
            before=self._complete_before(place),
            expected=self._expected(),
            bracket=self._frames[-1].kind if len(self._frames) - 1 > self._base else "",
        )

    def _complete_before(self, place: Place) -> str:
        before = self._before
        if place in ("code", "string"):
            before += self._comprehensions()
        return before + self._indent if before.strip() else before

    def _split(self) -> str:
        """Find where the last statement of the line begins; gives those before it, as lines."""
        text, reading = self._text, self._reading
        done = ""
        lambdas = 0
        tokens = reading.frames[0].tokens
        compound = self._is_compound(0)
        for index, token in enumerate(tokens):
            if token.kind == NAME:
                lambdas += text.startswith("lambda", token.start) and token.end - token.start == 6
                continue
            if token.kind != OPERATOR or token.end - token.start != 1:
                continue
            mark = text[token.start]
            if mark == ":" and lambdas:
                lambdas -= 1
            elif mark == ";" or (mark == ":" and compound):
                piece = text[self._start : token.start]
                done += f"{self._indent}{piece}{'' if mark == ';' else ':'}\n"
                self._indent += "" if mark == ";" else "    "
                self._first = index + 1
                self._start = token.end
                lambdas = 0
                compound = mark == ";" and self._is_compound(index + 1)
        if self._first:
            while self._start < self._cursor and text[self._start] in " \t\f":
                self._start += 1
        return done

    def _is_compound(self, index: int) -> bool:
        tokens, text = self._reading.frames[0].tokens, self._text
        if index >= len(tokens) or tokens[index].kind != NAME or self._base:
            return False
        word = text[tokens[index].start : tokens[index].end]
        if word in ("match", "case"):  # names as well, and then an operator or a bracket may follow
            return index + 1 < len(tokens) and tokens[index + 1].kind not in (OPERATOR,)
        return word in _COMPOUND

    # -- where -----------------------------------------------------------------

    def _place(self) -> tuple[Place, str | None]:
        if self._string is not None:
            return "string", None
        tokens, count = self._tokens, self._count
        before = tokens[count - 1] if count else None
        if self._is_import():
            return ("nothing" if before is not None and self._is(before, "as") else "import"), None
        if before is not None and is_dot(self._text, before):
            first = expression_start(self._text, tokens, count - 2)
            if first < 0:
                return "nothing", None
            return "code", self._text[tokens[first].start : tokens[count - 2].end]
        if before is not None and before.end == self._cursor and before.kind == NUMBER:
            return "nothing", None
        if before is not None and before.end == self._cursor and self._is(before, "?"):
            return "nothing", None
        if before is not None and self._frames[-1].kind == "f" and self._is(before, "!"):  # f"{x!r}"
            return "nothing", None
        return ("nothing" if self._is_new_name(before) else "code"), None

    def _expected(self) -> Expected:
        tokens, count = self._tokens, self._count
        at_root = len(self._frames) == 1
        if at_root and count <= self._first:
            return "start"
        if not count:
            return "value"
        before = tokens[count - 1]
        if at_root and count == self._first + 1 and self._is(before, "match", "case"):
            return "value"
        return "operator" if ends_expression(self._text, before) else "value"

    def _is(self, token: Token, *texts: str) -> bool:
        return self._text[token.start : token.end] in texts

    def _is_import(self) -> bool:
        if self._base or self._string is not None:
            return False
        root = self._reading.frames[0].tokens
        if self._first >= len(root) or root[self._first].end == self._cursor:
            return False
        return self._is(root[self._first], "import", "from")

    def _is_new_name(self, before: Token | None) -> bool:
        """Tell whether a name is made up here: of a function, a parameter, a target."""
        if before is not None and self._is(before, "def", "class", "as"):
            return True
        if self._is_parameter(before):
            return True
        return self._is_target()

    def _is_parameter(self, before: Token | None) -> bool:
        frame = self._frames[-1]
        if frame.kind in ("(", "[") and self._is_definition(frame, "def" if frame.kind == "(" else ""):
            return before is None or self._is(before, ",", "*", "**")
        tokens = self._tokens
        for index in range(self._count - 1, -1, -1):
            token = tokens[index]
            if self._is(token, ":"):
                return False
            if self._is(token, "lambda"):
                return before is token or (before is not None and self._is(before, ",", "*", "**"))
        return False

    def _is_definition(self, frame: Frame, word: str = "") -> bool:
        """Tell whether a bracket belongs to ``def f(`` or ``class C(``; or to those with type parameters."""
        tokens = self._parent(frame)
        last = len(tokens) - 1
        if last >= 2 and tokens[last].kind == GROUP and self._text[tokens[last].start] == "[":
            last -= 1
        if last < 1 or tokens[last].kind != NAME:
            return False
        return self._is(tokens[last - 1], *((word,) if word else ("def", "class")))

    def _is_target(self) -> bool:
        """Tell whether a target of ``for`` is typed."""
        tokens, count = self._tokens, self._count
        if self._frames[-1].kind == "(" and not any(self._is(each, "for") for each in tokens):
            parent = self._parent(self._frames[-1])
            if parent and self._is(parent[-1], "for"):
                return True
        if not count or not self._is(tokens[count - 1], "for", ",", "*"):
            return False
        for index in range(count - 1, -1, -1):
            token = tokens[index]
            if self._is(token, "for"):
                return True
            if self._is(token, "in") or not (token.kind in (NAME, GROUP) or self._is(token, ",", "*")):
                return False
        return False

    def _parent(self, frame: Frame) -> list[Token]:
        """Give the tokens before a bracket."""
        index = self._frames.index(frame)
        return self._frames[index - 1].tokens if index > self._base else []

    # -- brackets --------------------------------------------------------------

    def _bracketed(self, frame: Frame) -> str:
        """Give the expression that a bracket calls or subscripts; empty if there is none."""
        tokens = self._parent(frame)
        if not tokens or not ends_expression(self._text, tokens[-1]):
            return ""
        first = expression_start(self._text, tokens, len(tokens) - 1)
        return "" if first < 0 else self._text[tokens[first].start : tokens[-1].end]

    def _call(self, frame: Frame) -> Call | None:
        function = self._bracketed(frame)
        if not function or self._is_definition(frame):
            return None
        *done, current = self._parts(self._tokens[: self._count])
        names = [self._keyword(part) for part in done]
        argument = self._keyword(current)
        behind = self._behind()
        at_start = not current and self._string is None
        later = self._parts(behind)
        if not at_start:
            del later[0]
        given = [name for name in (*names, *map(self._keyword, later)) if name]
        position = sum(1 for part, name in zip(done, names, strict=True) if part and not name)
        position -= sum(1 for part in done if part and self._is(part[0], "**"))
        return Call(function, frame.start, position, tuple(given), argument or None, at_start)

    def _parts(self, tokens: list[Token]) -> list[list[Token]]:
        """Split tokens at commas."""
        parts: list[list[Token]] = [[]]
        for token in tokens:
            if token.end - token.start == 1 and self._text[token.start] == ",":
                parts.append([])
            else:
                parts[-1].append(token)
        return parts

    def _keyword(self, part: list[Token]) -> str:
        """Give the name in ``name=value``; empty for a positional argument."""
        if len(part) < 2 or part[0].kind != NAME or not self._is(part[1], "="):
            return ""
        return self._text[part[0].start : part[0].end]

    def _behind(self) -> list[Token]:
        """Give the tokens behind what is typed, on the same line in the same brackets."""
        at = self._cursor
        if self._string is not None:
            at = self._string.end + (len(self._string.quote) if self._string.closed else 0)
        return read_behind(self._text, at, self._line_end())[0]

    def _line_end(self) -> int:
        end = self._text.find("\n", self._cursor)
        return len(self._text) if end < 0 else end

    def _subscript(self, frame: Frame) -> Subscript | None:
        value = self._bracketed(frame)
        if not value or self._is_definition(frame):
            return None
        text, string = self._text, self._string
        start = frame.start
        before: list[str] = []
        for token in self._tokens[: self._count]:
            if self._is(token, ","):
                before.append(text[start : token.start].strip())
                start = token.end
        while start < self._cursor and text[start].isspace():
            start += 1
        end = string.end if string is not None else self._cursor
        if string is None:
            while end < len(text) and (text[end].isalnum() or text[end] == "_"):
                end += 1
        rest = text[end : self._line_end()].lstrip("'\"").lstrip(" \t")
        return Subscript(value, frame.start, tuple(before), start, rest.startswith("]"))

    def _listed(self, frame: Frame) -> Subscript | None:
        """Give the subscript of which all is a list that is typed."""
        outer = self._frames[-2] if len(self._frames) - 2 > self._base else None
        if outer is None or outer.kind != "[" or outer.tokens or self._bracketed(frame):
            return None
        value = self._bracketed(outer)
        if not value or self._is_definition(outer):
            return None
        tokens = self._tokens[: self._count]
        start = tokens[-1].end if tokens else frame.start
        if tokens and not self._is(tokens[-1], ","):
            return None
        while start < self._cursor and self._text[start].isspace():
            start += 1
        return Subscript(value, frame.start, (), start, True, listed=True)

    def _assigned(self, call: Call | None) -> str | None:
        tokens, last = self._tokens, self._count - 1
        if last < 0 or (self._frames[-1].kind in ("(", "[", "{") and self._is(tokens[last], ",")):
            return None if call else self._contained()
        if self._is(tokens[last], *_COMPARISONS):
            return self._name(tokens, last - 1)
        if not self._is(tokens[last], "=") or len(self._frames) > 1:
            return None
        first = expression_start(self._text, tokens, last - 1)
        if first > self._first and self._is(tokens[first - 1], ":"):  # name: annotation = value
            return self._name(tokens, first - 2)
        colon = next((i for i in range(self._first, last) if self._is(tokens[i], ":")), -1)
        return self._name(tokens, last - 1 if colon < 0 else colon - 1)

    def _contained(self) -> str | None:
        """Give the name in ``name in (``."""
        tokens = self._parent(self._frames[-1]) if len(self._frames) > 1 else []
        last = len(tokens) - 1
        if last < 1 or not self._is(tokens[last], "in"):
            return None
        last -= 2 if self._is(tokens[last - 1], "not") else 1
        return self._name(tokens, last)

    def _name(self, tokens: list[Token], last: int) -> str | None:
        """Give the dotted name that ends with a token."""
        first = expression_start(self._text, tokens, last)
        if first < 0 or (first and self._is(tokens[first - 1], "for")):
            return None
        if any(each.kind != NAME and not is_dot(self._text, each) for each in tokens[first : last + 1]):
            return None
        return self._text[tokens[first].start : tokens[last].end]

    def _comprehensions(self) -> str:
        """Give the loops of the comprehensions around the cursor, as statements."""
        text, reading = self._text, self._reading
        stop = self._line_end()
        at = self._cursor
        if self._string is not None:
            at = self._string.end + (len(self._string.quote) if self._string.closed else 0)
        searched = text.find("for", reading.code, stop) >= 0
        if len(self._frames) - 1 <= self._base or not searched:
            return ""
        found: list[str] = []
        for index in range(len(self._frames) - 1, self._base, -1):
            behind, at = read_behind(text, at, stop)
            frame = self._frames[index]
            tokens = frame.tokens[: self._count] if index == len(self._frames) - 1 else frame.tokens
            found[:0] = self._loops(tokens, at=False) + self._loops(behind, at=True)
            at += 1
        return "".join(f"{self._indent}{loop}: pass\n" for loop in found)

    def _loops(self, tokens: list[Token], *, at: bool) -> list[str]:
        loops: list[str] = []
        begin = has_in = -1
        for index, token in enumerate([*tokens, None]):
            word = self._text[token.start : token.end] if token is not None and token.kind == NAME else ""
            ends = token is None or word in ("for", "if", "async")
            if ends and begin >= 0 and 0 <= has_in < index - 1:
                loops.append(self._text[tokens[begin].start : tokens[index - 1].end])
            if ends:
                begin = index if word == "for" else -1
                has_in = -1
            elif word == "in" and begin >= 0 and has_in < 0:
                has_in = index
        return loops
