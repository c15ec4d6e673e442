from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from editing import KeyBoard
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from ipterminal.bursts import GOES_ON, QUIET, SHOWN, Bursts, text_of
from ipterminal.pasting import Pasting, dedented, one_by_one, pasted, without_prompts

FUNCTION = "def f(x):\n    if x:\n        return 1\n\n    return 2\n"

#: The cell before, what is pasted, the cell after.
PASTED = [
    ("|", "x = 1", "x = 1|"),
    ("|", "x = 1\n", "x = 1|"),
    ("|", "x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n|"),
    ("|", "x = 1\ry = 2", "x = 1\ny = 2|"),
    ("|", FUNCTION, FUNCTION + "|"),
    ("|", FUNCTION + "\n\n", FUNCTION + "|"),
    ("|", "\n\n" + FUNCTION, FUNCTION + "|"),
    ("a(|)", "1,\n  2", "a(1,\n  2|)"),
    ("x = |", "1\n", "x = 1|"),
    ("|\nb", "a\n", "a\n|\nb"),
    # prompts
    ("|", ">>> x = 1", "x = 1|"),
    ("|", ">>> def f():\n...     return 1\n...\n>>> f()\n", "def f():\n    return 1\n\nf()\n|"),
    ("|", "  >>> x = 1\n  >>> y = 2", "x = 1\ny = 2|"),
    ("|", "In [1]: x = 1", "x = 1|"),
    ("|", "In [12]: def f():\n    ...:     return 1\n    ...: \n", "def f():\n    return 1\n|"),
    ("|", "[ins] In [1]: x", "x|"),
    ("|", "def f():\n   ...:     return 1", "def f():\n    return 1|"),
    ("if x:\n    |", ">>> a\n>>> b", "if x:\n    a\n    b|"),
    # which are none
    ("|", ">>> x = 1\ny = 2", ">>> x = 1\ny = 2|"),
    ("|", "x = 1\n>>> y = 2", "x = 1\n>>> y = 2|"),
    ("|", "x = [\n...]", "x = [\n...]|"),
    ("|", '"""\n>>> f()\n1\n"""', '"""\n>>> f()\n1\n"""|'),
    ('"""\n|', ">>> f()\n", '"""\n>>> f()|'),
    ('"""\n|\n"""', ">>> f()\n1", '"""\n>>> f()\n1|\n"""'),
    # indentation
    ("|", "    x = 1\n    y = 2\n", "x = 1\ny = 2\n|"),
    ("|", "\tx = 1\n\ty = 2\n", "x = 1\ny = 2\n|"),
    ("|", "    if x:\n        y\n    z", "if x:\n    y\nz|"),
    ("|", "    x = '''\na'''\n    y", "x = '''\na'''\ny|"),
    ("|", "x = 1\n    y = 2", "x = 1\ny = 2|"),
    ("|", "if x:\n        y\n    z", "if x:\n    y\nz|"),
    ("|", "if x:\n    y\n    z", "if x:\n    y\n    z|"),
    ("|", "x = [\n    1,\n]", "x = [\n    1,\n]|"),
    ("|", "  %%bash\n  echo\n", "%%bash\necho\n|"),
    ("|", "%%bash\n  echo\n", "%%bash\n  echo\n|"),
    ("if x:\n    |", "a\nb\n", "if x:\n    a\n    b\n|"),
    ("if x:\n    |", "    a\n    b", "if x:\n    a\n    b|"),
    ("if x:\n    |", "a\n    b", "if x:\n    a\n    b|"),
    ("if x:\n    |", "        a\n\n        b", "if x:\n    a\n\n    b|"),
    (
        "if x:\n    |",
        FUNCTION.rstrip(),
        "if x:\n    " + FUNCTION.rstrip().replace("\n    ", "\n        ") + "|",
    ),
    ("if x:\n|", "    a\n    b", "if x:\n    a\n    b|"),
    ("    |", "x = 1", "    x = 1|"),
    # sessions: what was printed goes with the prompts
    (
        "|",
        ">>> def f(x):\n...     return x\n...\n>>> f('a')\n'a'\n>>> f(1)\n1\n",
        "def f(x):\n    return x\n\nf('a')\nf(1)\n|",
    ),
    ("|", "In [1]: f(1)\nOut[1]: 1", "f(1)|"),
    ("|", "In [1]: a = 5\n\nIn [2]: print(a)\n5\n", "a = 5\n\nprint(a)\n|"),
    # what may have lost its prompt stays
    ("|", ">>> x = 1\ny = 2", ">>> x = 1\ny = 2|"),
    (
        "|",
        ">>> def f():\n    return 1\n>>> f()\n1",
        ">>> def f():\n    return 1\n>>> f()\n1|",
    ),
    ("|", ">>> f(1,\n2)\n>>> f(3)", ">>> f(1,\n2)\n>>> f(3)|"),
]


def shown(text: str, cursor: int) -> str:
    return text[:cursor] + "|" + text[cursor:]


@pytest.mark.parametrize(("before", "data", "after"), PASTED)
def test_what_is_pasted_stands_as_it_must(before: str, data: str, after: str) -> None:
    cursor = before.index("|")
    text = before.replace("|", "", 1)
    edit = pasted(text, cursor, data)
    assert shown(edit.of(text), edit.cursor) == after


@pytest.mark.parametrize(("before", "data", "after"), PASTED)
def test_it_does_not_run_and_one_undo_takes_it_away(before: str, data: str, after: str) -> None:
    async def paste() -> None:
        board = KeyBoard()
        with board.at(before):
            board.app.key_processor.feed(KeyPress(Keys.BracketedPaste, data))
            board.app.key_processor.process_keys()
            assert board.cell == after
            assert not board.handed_over
            board.buffer.undo()
            assert board.cell == before

    asyncio.run(paste())


@settings(deadline=None)
@given(st.text("ab:()'\"# \t\n>.", max_size=80))
def test_pasting_keeps_all_but_blanks_and_prompts(data: str) -> None:
    assert "".join(dedented(data).split()) == "".join(data.split())
    bare = without_prompts(data)
    if data.count(">>>") > 1:  # a session: what was printed goes too
        return
    assert bare == data or "".join(bare.split()) == "".join(
        data.replace(">>>", "").replace("...", "").split()
    )
    edit = pasted("", 0, data)
    assert edit.cursor == len(edit.text)


# -- text that is not marked ---------------------------------------------------


class Line:
    """A terminal that does not mark pasted text; its time is what the test says."""

    def __init__(self) -> None:
        self.now = 100.0
        self.held = False
        self.typed = ""
        self.newlines: set[object] = set()
        self.pasted: list[tuple[str, str, bool]] = []
        self._due: tuple[float, Callable[[], object]] | None = None
        self.bursts = Bursts(
            lambda *given: self.pasted.append(given),
            self._type,
            holds=lambda: self.held,
            later=self._later,
            clock=lambda: self.now,
            one_by_one=one_by_one,
        )

    def _type(self, keys: list[KeyPress]) -> None:
        self.typed += text_of(keys) or "?"
        self.newlines |= {press.key for press in keys if press.data in ("\r", "\n")}

    def _later(self, seconds: float, function: Callable[[], object]) -> Line:
        self._due = (self.now + seconds, function)
        return self

    def cancel(self) -> None:
        self._due = None

    def wait(self, seconds: float) -> None:
        assert self.bursts.take([]) == []  # as the editor asks now and then
        self.now += seconds
        if self._due is not None and self._due[0] <= self.now:
            function, self._due = self._due[1], None
            function()

    def read(self, text: str, *, after: float = 0.0) -> None:
        self.wait(after)
        for press in self.bursts.take([_press(character) for character in text]):
            self._type([press])

    @property
    def text(self) -> str:
        return "".join(piece[0] for piece in self.pasted)


def _press(character: str) -> KeyPress:
    key = {"\r": Keys.ControlM, "\n": Keys.ControlJ, "\t": Keys.ControlI, "\x03": Keys.ControlC}
    return KeyPress(key.get(character, character), character)


def test_typing_goes_its_way() -> None:
    line = Line()
    for character in "if x:\r    y\r\r":
        line.read(character, after=0.09)
    assert line.typed == "if x:\n    y\n\n"
    assert not line.pasted


def test_a_line_that_a_program_types_runs_at_once() -> None:
    line = Line()
    line.read("1+1\r")
    assert line.typed == "1+1\n"
    line.read("1 + 2 + 3 + 4\n", after=1.0)
    assert line.typed == "1+1\n1 + 2 + 3 + 4\n"


@pytest.mark.parametrize("gap", [0.0, 0.002, 0.02])
@pytest.mark.parametrize("end", ["\r", "\n"])
@pytest.mark.parametrize("text", ["1", "1+1", "print('it', 'ran')", "for i in a: print(i)\r"])
def test_a_line_that_a_program_types_ends_with_enter_at_any_speed(gap: float, end: str, text: str) -> None:
    line = Line()
    for character in text + end:
        line.read(character, after=gap)
    line.wait(QUIET)
    assert line.typed == (text + end).replace("\r", "\n")
    assert not line.pasted
    assert line.newlines == {Keys.ControlM} or text == "1"


@pytest.mark.parametrize("gap", [0.0, 0.002, 0.02])
@pytest.mark.parametrize("end", ["\r", "\n"])
def test_a_block_that_begins_with_a_short_line_is_pasted_at_any_speed(gap: float, end: str) -> None:
    line = Line()
    for character in f"x = 1{end}{end}y = 2{end}":
        line.read(character, after=gap)
    line.wait(QUIET)
    assert line.pasted == [("\n\ny = 2\n", "x = 1", False)]
    assert line.typed == "x = 1"


def test_ctrl_j_behind_a_pause_is_itself() -> None:
    line = Line()
    line.read("x")
    line.read("\n", after=QUIET)
    line.read("\n", after=0.03)
    assert line.newlines == {Keys.ControlJ}


def test_enter_that_is_held_down_is_not_kept_for_ever() -> None:
    line = Line()
    for character in "abcd" + "\r" * 30:
        line.read(character, after=0.03)
    assert line.typed.startswith("abcd\n\n")
    assert not line.pasted


def test_lines_in_one_piece_are_pasted() -> None:
    line = Line()
    line.read("def f():\r    return 1\r")
    line.wait(QUIET)
    assert line.pasted == [("def f():\n    return 1\n", "", False)]
    assert not line.typed


def test_keys_typed_while_the_editor_is_held_up_are_typed() -> None:
    line = Line()
    for text in ("x", "=", "1", "\ry", "=", "2\r"):
        line.read(text, after=0.12)
    assert line.typed == "x=1\ny=2\n"
    assert not line.pasted


def test_a_line_with_more_behind_it_in_the_terminal_is_pasted() -> None:
    line = Line()
    line.held = True
    line.read("def f():\r")
    line.held = False
    line.read("    return 1\r", after=0.01)
    line.wait(QUIET)
    assert line.pasted == [("def f():\n    return 1\n", "", False)]


def test_a_line_behind_which_the_terminal_held_no_text_but_an_answer_is_typed() -> None:
    line = Line()
    line.held = True
    line.read("def f():\r")
    line.held = False
    assert line.typed == ""
    line.wait(QUIET)
    assert line.typed == "def f():\n"
    assert not line.pasted


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("gap", [0.0, 0.002, 0.02])
def test_pieces_with_short_pauses_are_pasted(size: int, gap: float) -> None:
    line = Line()
    text = "value = compute(1)\rdef f():\r    return 1\r"
    for start in range(0, len(text), size):
        line.read(text[start : start + size], after=gap)
    line.wait(QUIET)
    before = line.pasted[0][1]
    assert before + line.text == text.replace("\r", "\n")
    assert line.typed == before
    assert "\n" not in before
    assert [goes_on for _, _, goes_on in line.pasted] == [False] + [True] * (len(line.pasted) - 1)


def test_lines_that_bring_their_own_blanks_are_pasted() -> None:
    line = Line()
    line.read("def f():\r")
    line.read("    return 1\r", after=0.01)
    line.wait(QUIET)
    assert line.pasted == [("    return 1\n", "def f():\n", False)]


def test_a_key_ends_what_is_pasted() -> None:
    line = Line()
    line.read("a\rb\rc")
    line.read("\x03", after=0.001)
    assert line.pasted == [("a\nb\nc", "", False)]
    assert line.typed == "?"


def test_what_the_terminal_says_meanwhile_ends_nothing() -> None:
    line = Line()
    line.read("a = 1\rb = ")
    answer = KeyPress(Keys.CPRResponse, "")
    assert line.bursts.take([answer]) == [answer]
    assert line.bursts.take([_press("2"), answer, _press("\r")]) == [answer]
    line.wait(QUIET)
    assert line.pasted == [("a = 1\nb = 2\n", "", False)]


def test_a_newline_that_nothing_follows_is_enter() -> None:
    line = Line()
    for character in "print(1)":
        line.read(character, after=0.001)
    line.read("\r", after=0.001)
    assert line.typed == "print(1)"
    line.wait(QUIET)
    assert line.typed == "print(1)\n"
    assert not line.pasted


def test_what_comes_soon_belongs_to_what_was_pasted() -> None:
    line = Line()
    line.read("a = 1\rb = 2\r")
    line.wait(QUIET)
    line.read("c = 3\r", after=GOES_ON / 2)
    line.wait(QUIET)
    assert line.pasted == [("a = 1\nb = 2\n", "", False), ("c = 3\n", "", True)]
    line.read("\r", after=GOES_ON / 2)
    assert line.typed == "\n"


def test_long_text_on_a_slow_line_is_shown_on_the_way() -> None:
    line = Line()
    text = "value = 1\r" * 30
    for character in text:
        line.read(character, after=0.01)
    assert len(line.pasted) > 300 * 0.01 / SHOWN / 2
    assert [goes_on for _, _, goes_on in line.pasted] == [False] + [True] * (len(line.pasted) - 1)
    line.wait(QUIET)
    assert line.pasted[0][1] + line.text == text.replace("\r", "\n")


def test_lines_typed_ahead_run_one_by_one() -> None:
    line = Line()
    line.bursts.prompted()
    line.read("a = 1\rb = [\r2]\rfor c in b:\rprint(c)\r\r")
    assert line.typed == "a = 1\nb = [\n2]\nfor c in b:\nprint(c)\n\n"
    assert not line.pasted


@pytest.mark.parametrize("begun", ["7 *", "7", "x = = ", "'a"])
def test_what_is_begun_behind_them_waits_for_the_rest(begun: str) -> None:
    line = Line()
    line.bursts.prompted()
    line.read(f"6 * 7\r{begun}")
    assert line.typed == f"6 * 7\n{begun}"
    assert not line.pasted


def test_lines_typed_while_the_prompt_was_being_painted_run_one_by_one() -> None:
    line = Line()
    line.bursts.prompted()
    line.now += 0.7
    line.read("import os\ros.getcwd()\r")
    assert line.typed == "import os\nos.getcwd()\n"
    assert not line.pasted


@pytest.mark.parametrize(
    "text",
    [
        "def f():\r    return 1\r",
        "f(\r1\r",
        "a = 1\r  b = 2\r",
        "a = 1\rif a:",
        ">>> a\r... b\r",
        "a = = 1\rb\r",
    ],
)
def test_a_block_is_not_typed_ahead(text: str) -> None:
    line = Line()
    line.bursts.prompted()
    line.read(text)
    line.wait(QUIET)
    assert line.text == text.replace("\r", "\n")
    assert not line.typed


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.text("ab \r\t\x03", min_size=1, max_size=12), st.floats(0, 0.5)), max_size=20),
    st.booleans(),
)
def test_no_key_is_lost(pieces: list[tuple[str, float]], held: bool) -> None:
    line = Line()
    line.held = held
    for text, pause in pieces:
        line.read(text, after=pause)
    line.wait(1.0)
    came = sorted("".join(text for text, _ in pieces).replace("\r", "\n").replace("\x03", "?"))
    assert sorted(line.typed + line.text) == came


# -- and the editor ------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "before", "data", "after"),
    [
        ("|", "", "def f():\n    return 1\n", "def f():\n    return 1\n|"),
        (">>> de|", ">>> de", "f f():\n...     return 1\n", "def f():\n    return 1\n|"),
        ("def f():\n    |", "def f():\n", "    return 1\n", "def f():\n    return 1\n|"),
        ("x = 1\ny = |", "y = ", "2\nz = 3\n", "x = 1\ny = 2\nz = 3\n|"),
        ("changed|", "y = ", "2\nz = 3\n", "changed2\nz = 3\n|"),
    ],
)
def test_the_beginning_that_was_taken_for_typed_is_part_of_it(
    cell: str, before: str, data: str, after: str
) -> None:
    async def paste() -> str:
        board = KeyBoard()
        with board.at(cell):
            Pasting(board).unmarked(data, before, False)  # type: ignore[arg-type]
        return board.cell

    assert asyncio.run(paste()) == after


def test_a_piece_that_comes_after_something_else_stands_alone() -> None:
    async def paste() -> str:
        board = KeyBoard()
        with board.at("|"):
            pasting = Pasting(board)  # type: ignore[arg-type]
            pasting.unmarked("a = 1\nb = 2\n", "", False)
            board.press("home", "x")
            pasting.unmarked("c = 3\nd = 4\n", "", True)
        return board.cell

    assert asyncio.run(paste()) == "a = 1\nb = 2\nxc = 3\nd = 4\n|"


def test_pieces_make_one_text_and_one_undo() -> None:
    async def paste() -> None:
        board = KeyBoard()
        with board.at("|"):
            pasting = Pasting(board)  # type: ignore[arg-type]
            pasting.unmarked("    a = 1\n    if a", "", False)
            pasting.unmarked(":\n        b = 2\n", "", True)
            assert board.cell == "a = 1\nif a:\n    b = 2\n|"
            board.buffer.undo()
            assert board.cell == "|"

    asyncio.run(paste())
