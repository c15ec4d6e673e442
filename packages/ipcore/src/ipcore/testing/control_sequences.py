"""What a program writes to a terminal, taken apart: text, control characters, sequences, queries.

The states are those of a DEC terminal's parser. A sequence that is not known changes nothing.
Queries are handed on with their answers; whether and when these are sent, the terminal decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from .screen import PLAIN, Screen, Style

_ESCAPE: Final = "\x1b"
#: Bytes of a string (a title, a colour) that are kept; what comes after them is dropped.
_LONGEST: Final = 65_536
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
_PARAMETERS = re.compile(r"([<=>?]?)([0-9:;]*)([ -/]*)")

_NAMES: Final = "black red green yellow blue magenta cyan white".split()
#: Code → what changes of a style.
_ATTRIBUTES: Final[dict[int, dict[str, Any]]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    5: {"blink": True},
    6: {"blink": True},
    7: {"reverse": True},
    8: {"hidden": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    25: {"blink": False},
    27: {"reverse": False},
    28: {"hidden": False},
    29: {"strike": False},
}
_LEVELS: Final = (0, 95, 135, 175, 215, 255)
#: The lines that the DEC character set draws.
_LINES: Final = str.maketrans("`afgjklmnopqrstuvwxyz{|}~", "◆▒°±┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")

#: ``report(name, query, answer)``: the program has asked something.
Report = Callable[[str, str, str], None]


class Interpreter:
    """Follows what a program writes.

    :param screen: what it is written to.
    :param report: gets each query and the answer to it.
    """

    def __init__(self, screen: Screen, report: Report) -> None:
        self.screen = screen
        self._report = report
        self._state: Callable[[str], None] = self._ground
        self._collected = ""
        self._kind = ""
        self.title = ""
        self._titles: list[str] = []
        self.icon_name = ""
        #: How often the bell has rung.
        self.bells = 0
        self.foreground = "#e5e5e5"
        self.background = "#000000"
        #: The kitty keyboard protocol's flags, a stack for each of the two screens.
        self._keyboard: dict[bool, list[int]] = {False: [0], True: [0]}
        #: The character sets: which of the two is used, and what each of them is.
        self._shifted = False
        self._sets = {"(": "B", ")": "B"}

    @property
    def keyboard(self) -> int:
        """The flags of the kitty keyboard protocol that hold now."""
        return self._keyboard[self.screen.alternate][-1]

    def feed(self, text: str) -> None:
        """Do what a piece of the output says; a sequence may end in a later piece."""
        at = 0
        while at < len(text):
            if self._state == self._ground and (plain := _PRINTABLE.match(text, at)):
                drawing = self._sets[")" if self._shifted else "("] == "0"
                self.screen.put(plain[0].translate(_LINES) if drawing else plain[0])
                at = plain.end()
                continue
            self._state(text[at])
            at += 1

    # -- the states ----------------------------------------------------------------

    def _ground(self, char: str) -> None:
        if char == _ESCAPE:
            self._begin(self._escape)
        elif "\x80" <= char < "\xa0":
            self._begin(self._escape)
            self._escape(chr(ord(char) - 64))
        else:
            self._control(char)

    def _begin(self, state: Callable[[str], None]) -> None:
        self._state = state
        self._collected = ""

    def _breaks(self, char: str) -> bool:
        """Treat a control character inside a sequence; tell whether there was one."""
        if char == _ESCAPE:
            self._begin(self._escape)
        elif char in "\x18\x1a":
            self._begin(self._ground)
        elif char < " ":
            self._control(char)
        else:
            return False
        return True

    def _escape(self, char: str) -> None:
        if self._breaks(char):
            return
        if char == "[" and not self._collected:
            self._begin(self._csi)
        elif char in "P]X^_" and not self._collected:
            self._kind = char
            self._begin(self._string)
        elif char <= "/":
            self._collected = (self._collected + char)[:16]
        else:
            self._state = self._ground
            self._dispatch_escape(self._collected + char)

    def _csi(self, char: str) -> None:
        if self._breaks(char):
            return
        if "@" <= char <= "~":
            self._state = self._ground
            self._dispatch_csi(self._collected, char)
        elif char < "@" and len(self._collected) < 256:
            self._collected += char

    def _string(self, char: str) -> None:
        if char == _ESCAPE:
            self._state = self._string_end
        elif char == "\x9c" or (char == "\a" and self._kind == "]"):
            self._state = self._ground
            self._dispatch_string(self._collected, char)
        elif char in "\x18\x1a":
            self._begin(self._ground)
        elif len(self._collected) < _LONGEST:
            self._collected += char

    def _string_end(self, char: str) -> None:
        self._state = self._ground
        self._dispatch_string(self._collected, "\x1b\\")
        if char != "\\":
            self._begin(self._escape)
            self._escape(char)

    # -- what is to be done --------------------------------------------------------

    def _control(self, char: str) -> None:
        screen = self.screen
        if char == "\r":
            screen.carriage_return()
        elif char in "\n\v\f":
            screen.line_feed()
        elif char == "\b":
            screen.move_by(0, -1)
        elif char == "\t":
            screen.tab()
        elif char == "\a":
            self.bells += 1
        elif char in "\x0e\x0f":
            self._shifted = char == "\x0e"

    def _dispatch_escape(self, text: str) -> None:
        screen = self.screen
        if text == "D":
            screen.index()
        elif text == "E":
            screen.carriage_return()
            screen.index()
        elif text == "M":
            screen.reverse_index()
        elif text == "H":
            screen.set_tab()
        elif text == "7":
            screen.save()
        elif text == "8":
            screen.restore()
        elif text == "c":
            screen.reset()
            self.title = ""
            self._shifted = False
            self._sets = {"(": "B", ")": "B"}
            self._keyboard = {False: [0], True: [0]}
        elif text == "#8":
            screen.fill("E")
        elif text[0] in self._sets:
            self._sets[text[0]] = text[1:]

    def _dispatch_csi(self, collected: str, final: str) -> None:
        match = _PARAMETERS.fullmatch(collected)
        if match is None:
            return
        prefix, numbers, between = match.groups()
        kind = prefix + between + final
        if kind == "m":
            self.screen.style = styled(self.screen.style, numbers)
            return
        values = [min(int(each.partition(":")[0] or 0), 9999) for each in numbers.split(";")]
        if kind in ("h", "l", "?h", "?l"):
            for value in values:
                self._set_mode(value, final == "h", private=bool(prefix))
        elif kind in _MOVES:
            _MOVES[kind](self.screen, values[0] or 1)
        elif kind in _ERASURES:
            _ERASURES[kind](self.screen, values[0])
        elif kind in ("H", "f"):
            column = values[1] if len(values) > 1 else 1
            self.screen.move_to((values[0] or 1) - 1, (column or 1) - 1)
        elif kind == "r":
            bottom = values[1] if len(values) > 1 else 0
            self.screen.set_margins((values[0] or 1) - 1, (bottom or self.screen.rows) - 1)
        elif kind == "s":
            self.screen.save()
        elif kind == "u":
            self.screen.restore()
        elif kind in (">u", "<u", "=u"):
            self._set_keyboard(prefix, values)
        elif kind == "!p":
            self.screen.style = PLAIN
            self.screen.private_modes = {7, 25} | (self.screen.private_modes & {47, 1047, 1049})
            self.screen.modes = set()
            self.screen.top, self.screen.bottom = 0, self.screen.rows - 1
        else:
            self._asked(kind, values, f"\x1b[{collected}{final}")

    def _set_mode(self, mode: int, on: bool, *, private: bool) -> None:
        screen = self.screen
        if private and mode == 1048:
            (screen.save if on else screen.restore)()
            return
        if private and mode in (47, 1047, 1049):
            if mode == 1049 and on and not screen.alternate:
                screen.save()
            left = screen.alternate and not on
            screen.show_alternate(on)
            if mode == 1049 and left:
                screen.restore()
        known = screen.private_modes if private else screen.modes
        (known.add if on else known.discard)(mode)
        if private and mode == 6:
            screen.move_to(0, 0)

    def _set_keyboard(self, prefix: str, values: list[int]) -> None:
        stack = self._keyboard[self.screen.alternate]
        flags = values[0]
        if prefix == ">":
            stack.append(flags)
            del stack[1:-16]
        elif prefix == "<":
            del stack[max(1, len(stack) - (flags or 1)) :]
        else:
            how = values[1] if len(values) > 1 else 1
            stack[-1] = {1: flags, 2: stack[-1] | flags, 3: stack[-1] & ~flags}.get(how, stack[-1])

    # -- what is asked -------------------------------------------------------------

    def _asked(self, kind: str, values: list[int], query: str) -> None:
        screen = self.screen
        first = values[0]
        row = screen.row + 1 - (screen.top if 6 in screen.private_modes else 0)
        column = screen.column + 1
        if kind == "n" and first == 5:
            self._report("status", query, "\x1b[0n")
        elif kind == "n" and first == 6:
            self._report("cursor position", query, f"\x1b[{row};{column}R")
        elif kind == "?n" and first == 6:
            self._report("cursor position", query, f"\x1b[?{row};{column}R")
        elif kind == "c" and first == 0:
            self._report("device attributes", query, "\x1b[?62;22c")
        elif kind == ">c" and first == 0:
            self._report("device attributes", query, "\x1b[>1;0;0c")
        elif kind == "=c" and first == 0:
            self._report("device attributes", query, "\x1bP!|00000000\x1b\\")
        elif kind == "?$p":
            known = {*screen.private_modes, *_PRIVATE_MODES}
            state = 1 if first in screen.private_modes else 2
            self._report("mode", query, f"\x1b[?{first};{state if first in known else 0}$y")
        elif kind == "$p":
            state = 1 if first in screen.modes else 2
            self._report("mode", query, f"\x1b[{first};{state if first in (4, 20) else 0}$y")
        elif kind == "?u":
            self._report("keyboard", query, f"\x1b[?{self.keyboard}u")
        elif kind == ">q" and first == 0:
            self._report("version", query, "\x1bP>|ipcore.testing\x1b\\")
        elif kind == "t" and first in (22, 23) and (values[1:2] or [0])[0] in (0, 2):
            if first == 22:
                self._titles = [*self._titles, self.title][-16:]
            elif self._titles:
                self.title = self._titles.pop()
        elif kind == "t" and first == 18:
            self._report("size", query, f"\x1b[8;{screen.rows};{screen.columns}t")

    def _dispatch_string(self, text: str, end: str) -> None:
        if self._kind == "P":
            if text.startswith("+q"):
                self._report("capability", f"\x1bP{text}{end}", "\x1bP0+r\x1b\\")
            elif text.startswith("$q"):
                self._report("setting", f"\x1bP{text}{end}", "\x1bP0$r\x1b\\")
            return
        if self._kind != "]":
            return
        code, _, rest = text.partition(";")
        if code in ("0", "1"):
            self.icon_name = rest
        if code in ("0", "2"):
            self.title = rest
        elif code == "8":
            self.screen.style = self.screen.style._replace(link=rest.partition(";")[2])
        elif code in ("10", "11", "12") and rest == "?":
            colour = self.background if code == "11" else self.foreground
            name = {"10": "foreground colour", "11": "background colour", "12": "cursor colour"}[code]
            self._report(name, f"\x1b]{text}{end}", f"\x1b]{code};{_sixteen_bits(colour)}{end}")


#: Private modes that are known though they are not set: keys, wrap, mouse, focus, paste, screens, painting.
_PRIVATE_MODES: Final = {1, 6, 7, 25, 47, 1000, 1002, 1003, 1004, 1006, 1047, 1049, 2004, 2026}

#: Final character → what is done, with a number that is at least 1.
_MOVES: Final[dict[str, Callable[[Screen, int], None]]] = {
    "A": lambda screen, n: screen.move_by(-n),
    "B": lambda screen, n: screen.move_by(n),
    "e": lambda screen, n: screen.move_by(n),
    "C": lambda screen, n: screen.move_by(0, n),
    "a": lambda screen, n: screen.move_by(0, n),
    "D": lambda screen, n: screen.move_by(0, -n),
    "E": lambda screen, n: screen.move_by(n, -screen.columns),
    "F": lambda screen, n: screen.move_by(-n, -screen.columns),
    "G": lambda screen, n: screen.move_by(0, n - 1 - screen.column),
    "`": lambda screen, n: screen.move_by(0, n - 1 - screen.column),
    "d": lambda screen, n: screen.move_to(n - 1, screen.column),
    "I": Screen.tab,
    "Z": Screen.back_tab,
    "S": Screen.scroll_up,
    "T": Screen.scroll_down,
    "L": Screen.insert_lines,
    "M": Screen.delete_lines,
    "@": Screen.insert_characters,
    "P": Screen.delete_characters,
    "X": Screen.erase_characters,
}
#: The same where 0 says something else than 1.
_ERASURES: Final[dict[str, Callable[[Screen, int], None]]] = {
    "J": Screen.erase_display,
    "?J": Screen.erase_display,
    "K": Screen.erase_line,
    "?K": Screen.erase_line,
    "g": Screen.clear_tabs,
}


def styled(style: Style, numbers: str) -> Style:
    """Give a style after the numbers of a "select graphic rendition" sequence."""
    codes = [[int(part or 0) for part in each.split(":")] for each in numbers.split(";")]
    at = 0
    while at < len(codes):
        code, *more = codes[at]
        at += 1
        if code in (38, 48, 58):
            if not more:
                taken = {2: 4, 5: 2}.get(codes[at][0] if at < len(codes) else 0, 1)
                more = [each[0] for each in codes[at : at + taken]]
                at += taken
            colour = _extended(more)
            if colour and code != 58:
                style = _coloured(style, colour, behind=code == 48)
        else:
            style = _with(style, code, more)
    return style


def _with(style: Style, code: int, more: list[int]) -> Style:
    if code == 0:
        return PLAIN._replace(link=style.link)
    if code == 4 and more:
        return style._replace(underline=more[0] != 0)
    if code in _ATTRIBUTES:
        return style._replace(**_ATTRIBUTES[code])
    tens, unit = divmod(code, 10)
    if tens not in (3, 4, 9, 10) or (unit > 7 and code not in (39, 49)):
        return style
    colour = "default" if unit == 9 else _named(unit + (8 if tens > 4 else 0))
    return _coloured(style, colour, behind=tens in (4, 10))


def _coloured(style: Style, colour: str, *, behind: bool) -> Style:
    return style._replace(background=colour) if behind else style._replace(foreground=colour)


def _extended(values: list[int]) -> str:
    """Give the colour of ``5;n`` or ``2;r;g;b``; empty if it is neither."""
    if len(values) > 1 and values[0] == 5 and values[1] < 256:
        return _named(values[1])
    if len(values) > 3 and values[0] == 2 and max(values[-3:]) < 256:
        return "#{:02x}{:02x}{:02x}".format(*values[-3:])
    return ""


def _named(number: int) -> str:
    """Give one of the 256 colours."""
    if number < 16:
        return ("bright " if number > 7 else "") + _NAMES[number % 8]
    if number < 232:
        number -= 16
        red, green, blue = _LEVELS[number // 36], _LEVELS[number // 6 % 6], _LEVELS[number % 6]
        return f"#{red:02x}{green:02x}{blue:02x}"
    grey = 8 + 10 * (number - 232)
    return f"#{grey:02x}{grey:02x}{grey:02x}"


def _sixteen_bits(colour: str) -> str:
    """Write ``#rrggbb`` as terminals answer it."""
    parts = (colour[1:3], colour[3:5], colour[5:7])
    return "rgb:" + "/".join(part * 2 for part in parts)
