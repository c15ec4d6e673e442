"""The model of the screen: what programs write, and what stands there then."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ipcore.testing.control_sequences import Interpreter, styled
from ipcore.testing.keys import NAMES, sent_for
from ipcore.testing.screen import PLAIN, Screen, Style

ROWS, COLUMNS = 5, 12


def shown(*pieces: str, rows: int = ROWS, columns: int = COLUMNS) -> Screen:
    screen = Screen(rows, columns)
    interpreter = Interpreter(screen, lambda *query: None)
    for piece in pieces:
        interpreter.feed(piece)
    return screen


def lines(screen: Screen) -> list[str]:
    found = [screen.text(row).rstrip() for row in range(screen.rows)]
    while found and not found[-1]:
        found.pop()
    return found


# -- beside another model ----------------------------------------------------------

#: What both models know, and treat as terminals do.
PIECES = st.one_of(
    st.text("abc xyz漢字é", min_size=1, max_size=COLUMNS + 3),
    st.sampled_from(["\r", "\n", "\r\n", "\b", "\t", "\x1bM", "\x1bD", "\x1b[H", "\x1b[J", "\x1b[1K"]),
    st.builds(
        "\x1b[{};{}H".format, st.integers(min_value=0, max_value=ROWS + 2), st.integers(0, COLUMNS + 2)
    ),
    st.builds("\x1b[{}{}".format, st.integers(0, 4), st.sampled_from("ABCDGXPLMd")),
    st.builds("\x1b[{}{}".format, st.integers(0, 2), st.sampled_from("JK")),
    st.builds("\x1b[{}m".format, st.sampled_from([0, 1, 3, 4, 7, 22, 24, 27, 31, 39, 42, 49, 96])),
)


@given(st.lists(PIECES, max_size=30))
@example(["abcdefghijkl", "\b", "x"])
@example(["\x1b[5;12H", "xy"])
@example(["a", "\x1b[0M"])
def test_what_stands_there_is_what_another_model_shows(pieces: list[str]) -> None:
    screen = Screen(ROWS, COLUMNS)
    interpreter = Interpreter(screen, lambda *query: None)
    other = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(other)
    for piece in pieces:
        # Halves of wide characters are overwritten differently there, and what comes after the last
        # column, other than text, is done beyond it.
        piece = piece.replace("漢", "m").replace("字", "n") + ("" if piece[0] < " " else "\b\x1b[C")
        interpreter.feed(piece)
        for row in range(ROWS):
            other.buffer[row]  # made: what is done with a row that there is not yet goes wrong there
        stream.feed(piece)
    assert [screen.text(row) for row in range(ROWS)] == other.display
    assert screen.cursor == (other.cursor.y, min(other.cursor.x, COLUMNS - 1))
    for row in range(ROWS):
        for column in range(COLUMNS):
            if screen.lines[row][column].text != " ":
                style, cell = screen.lines[row][column].style, other.buffer[row][column]
                assert (style.bold, style.italic, style.underline, style.reverse) == (
                    cell.bold,
                    cell.italics,
                    cell.underscore,
                    cell.reverse,
                )
                assert style.foreground.replace(" ", "") == cell.fg
                assert style.background == cell.bg


@given(st.lists(PIECES, max_size=30), st.integers(1, 8), st.integers(1, 8))
def test_every_row_is_always_as_wide_as_the_screen(pieces: list[str], rows: int, columns: int) -> None:
    screen = shown(*pieces)
    screen.resize(rows, columns)
    assert (len(screen.lines), {len(line) for line in screen.lines}) == (rows, {columns})
    for line in screen.lines:
        for at, cell in enumerate(line):
            assert cell.text or line[at - 1].text in "漢字", "half of a wide character"
    assert 0 <= screen.row < rows
    assert 0 <= screen.column < columns


@given(
    st.lists(
        st.one_of(st.text(), st.text("\x1b[]P?>=<$;:0123456789hlmurcqHJKLMPXABCD\a\\\x9b\x18", max_size=40))
    ),
    st.integers(1, 4),
    st.integers(1, 4),
)
@example(["漢"], 1, 1)
@example(["\x1b[38;5m\x1b[48m\x1b[38;2;1m\x1b[38:5m\x1b[;m"], 1, 1)
def test_nothing_that_is_written_breaks_the_model(pieces: list[str], rows: int, columns: int) -> None:
    screen = shown(*pieces, rows=rows, columns=columns)
    assert (len(screen.lines), {len(line) for line in screen.lines}) == (rows, {columns})


@given(st.lists(PIECES, max_size=10).map("".join), st.data())
def test_sequences_may_come_in_pieces(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    assert shown(text[:cut], text[cut:]).lines == shown(text).lines


# -- one by one ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("abcdefghijkl", ["abcdefghijkl"]),
        ("abcdefghijklm", ["abcdefghijkl", "m"]),
        ("abcdefghijkl\rx", ["xbcdefghijkl"]),
        ("\x1b[?7labcdefghijklmn", ["abcdefghijkn"]),
        ("漢字漢字漢x字", ["漢字漢字漢x", "字"]),
        ("漢字\x1b[2Gx", [" x字"]),
        ("漢字\x1b[1Gx", ["x 字"]),
        ("漢字\x1b[1G\x1b[P", [" 字"]),
        ("ab\x1b[1G\x1b[4hx漢", ["x漢ab"]),
        ("1\r\n2\r\n3\x1b[2;3r\x1b[3;1H\n4", ["1", "3", "4"]),
        ("1\r\n2\r\n3\x1b[1;2r\x1b[H\x1bMx", ["x", "1", "3"]),
        ("abcd\x1b[2G\x1b[2@x", ["ax bcd"]),
        ("abcdefghijkl\x1b[@\x1b[P", ["abcdefghijk"]),
        ("1\r\n2\x1b[S", ["2"]),
        ("1\r\n2\x1b[T", ["", "1", "2"]),
        ("\x1b(0lqk\x1b(Blqk", ["┌─┐lqk"]),
        ("\x1b)0\x0ex\x0fx", ["│x"]),
        ("\x0ex", ["x"]),
        ("a\x1b7\x1b[3;3Hb\x1b8c\x1b8d", ["ad", "", "  b"]),
        ("a\x1b[sb\x1b[uc", ["ac"]),
        ("a\x1b[4G\x1b[2Dx", ["ax"]),
        ("\tx\x1b[3g\r\ty\x1b[Zz", ["z       x  y"]),
        ("\x1b[3CX\x1b[1K\x1b[2Cy", ["      y"]),
        # Of what is not known nothing is shown.
        ("\x1b[>4;1mplain", ["plain"]),
        ("\x1b[=1;1u\x1b[<u\x1b[>1ux", ["x"]),
        ("\x1bPsome thing\x1b\\\x1b_more\x1b\\\x1b^\x1b\\x", ["x"]),
        ("\x1b]52;c;aGk=\x07\x1b]133;A\x1b\\x", ["x"]),
        ("\x1b[2 q\x1b[?12$p\x1b[!px", ["x"]),
        ("\x1b[1\x182", ["2"]),
        ("\x1b[3\x1b[2Gx", [" x"]),
        ("\x9b2Gx\x9d0;t\x9cy", [" xy"]),
        ("a\x1b[1\rCb", ["ab"]),
        ("\x1b#8\x1b[2J\x1b[Hx", ["x"]),
        ("text\x1bcx", ["x"]),
    ],
)
def test_what_a_program_writes_is_what_a_person_sees(written: str, expected: list[str]) -> None:
    assert lines(shown(written)) == expected


def test_a_line_that_was_too_long_is_one_line_of_text() -> None:
    assert shown("abcdefghijklm no\r\nx").joined() == "abcdefghijklm no\nx"
    assert shown("abcdefghijk mno\r\nx").joined() == "abcdefghijk mno\nx"
    assert shown("abcdefghijkl\r\nx").joined() == "abcdefghijkl\nx"
    assert shown("abcdefghijklm\x1b[1;3H\x1b[K").joined() == "ab\nm"


def test_what_scrolls_off_is_kept_unless_it_is_the_alternate_screen_s_or_below_a_margin() -> None:
    screen = shown("".join(f"{n}\r\n" for n in range(8)))
    assert ["".join(cell.text for cell in line).strip() for line in screen.history] == ["0", "1", "2", "3"]
    assert len(shown("\x1b[?1049h" + "\n" * 9).history) == 0
    assert len(shown("\x1b[2;4r\x1b[4;1H\n\n").history) == 0
    assert len(shown("\n" * 9 + "\x1b[3J").history) == 0


def test_a_lower_screen_loses_empty_rows_first_and_then_those_at_the_top() -> None:
    screen = shown("1\r\n2\r\n3")
    screen.resize(3, COLUMNS)
    assert lines(screen) == ["1", "2", "3"]
    screen.resize(2, COLUMNS)
    assert (lines(screen), len(screen.history), screen.cursor) == (["2", "3"], 1, (1, 1))
    screen.resize(4, 3)
    assert (lines(screen), screen.cursor) == (["2", "3"], (1, 1))


def test_the_main_screen_follows_a_resize_behind_the_alternate_one() -> None:
    screen = Screen(4, 10)
    interpreter = Interpreter(screen, lambda *query: None)
    interpreter.feed("1\r\n2\r\n3\r\n4\x1b[?1049h\x1b[4Habove")
    screen.resize(3, 5)
    assert lines(screen) == ["", "", "above"]
    interpreter.feed("\x1b[?1049lx")
    assert lines(screen) == ["2", "3", "4x"]


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("", PLAIN),
        ("1;2;3;4;5;7;8;9", Style("default", "default", True, True, True, True, True, True, True, True)),
        ("1;2;22", PLAIN),
        ("33;103", Style("yellow", "bright yellow")),
        ("31;39;41;49", PLAIN),
        ("38;5;9;48;5;232", Style("bright red", "#080808")),
        ("38;5;21", Style("#0000ff")),
        ("38:2::1:2:3", Style("#010203")),
        ("38;2;1;2;3;1", Style("#010203", bold=True)),
        ("58;5;1;1", Style(bold=True)),
        ("58:2::1:2:3;3", Style(italic=True)),
        ("4:0", PLAIN),
        ("38;5;999", PLAIN),
        ("38", PLAIN),
        ("98;108;38;9", PLAIN),
    ],
)
def test_styles(codes: str, style: Style) -> None:
    assert styled(PLAIN, codes) == style


def test_what_is_erased_has_the_background_and_nothing_else() -> None:
    screen = shown("\x1b[4;31;44mx\x1b[K")
    assert screen.lines[0][0].style == Style("red", "blue", underline=True)
    assert screen.lines[0][1].style == Style(background="blue")


# -- keys ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("a", "a"),
        ("é", "é"),
        ("-", "-"),
        ("ctrl--", None),
        ("enter", "\r"),
        ("tab", "\t"),
        ("shift-tab", "\x1b[Z"),
        ("escape", "\x1b"),
        ("backspace", "\x7f"),
        ("ctrl-backspace", "\b"),
        ("alt-enter", "\x1b\r"),
        ("ctrl-c", "\x03"),
        ("ctrl-C", "\x03"),
        ("ctrl-\\", "\x1c"),
        ("ctrl-space", "\x00"),
        ("ctrl-alt-x", "\x1b\x18"),
        ("alt-f", "\x1bf"),
        ("shift-a", "A"),
        ("up", "\x1b[A"),
        ("shift-up", "\x1b[1;2A"),
        ("ctrl-alt-shift-right", "\x1b[1;8C"),
        ("home", "\x1b[H"),
        ("f1", "\x1bOP"),
        ("ctrl-f1", "\x1b[1;5P"),
        ("f5", "\x1b[15~"),
        ("page-down", "\x1b[6~"),
        ("alt-delete", "\x1b[3;3~"),
        ("hyper-x", None),
        ("Enter", None),
        ("", None),
    ],
)
def test_keys(key: str, sent: str | None) -> None:
    if sent is None:
        with pytest.raises(ValueError, match="there is no key"):
            sent_for(key)
    else:
        assert sent_for(key) == sent


def test_keys_that_can_be_told_apart() -> None:
    told = {
        key: sent_for(key, kitty=True) for key in ("escape", "ctrl-i", "tab", "alt-a", "enter", "up", "A")
    }
    assert told == {
        "escape": "\x1b[27u",
        "ctrl-i": "\x1b[105;5u",
        "tab": "\t",
        "alt-a": "\x1b[97;3u",
        "enter": "\r",
        "up": "\x1b[A",
        "A": "A",
    }
    assert len({sent_for(f"{held}{name}") for name in NAMES for held in ("", "shift-", "alt-")}) > 2 * len(
        NAMES
    )


def test_a_title_that_was_saved_comes_back() -> None:
    terminal = Interpreter(Screen(2, 10), lambda *asked: None)
    terminal.feed("\x1b]2;one\x07\x1b[22;2t\x1b]2;two\x07\x1b[22;0t\x1b]2;three\x07")
    assert terminal.title == "three"
    terminal.feed("\x1b[23;0t")
    assert terminal.title == "two"
    terminal.feed("\x1b[23;1t\x1b[23;2t\x1b[23;2t")
    assert terminal.title == "one"
