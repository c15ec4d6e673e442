"""The way through earlier cells, as a machine without a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ipterminal.earlier_cells import EarlierCells

BLOCK = "for x in y:\n    print(x)"


def cells(*texts: str) -> EarlierCells:
    earlier = EarlierCells()
    for text in texts:
        earlier.add(text)
    return earlier


class Typist:
    """A text with a cursor, and the earlier cells behind it."""

    def __init__(self, *texts: str, typed: str = "", cursor: int | None = None) -> None:
        self.earlier = cells(*texts)
        self.text, self.cursor = typed, len(typed) if cursor is None else cursor
        self.missing = 0

    def back(self, count: int = 1, *, search: bool = True) -> str:
        place, self.missing = self.earlier.back(self.text, self.cursor, count, search=search)
        if place is not None:
            self.text, self.cursor = place
        return self.text

    def forward(self, count: int = 1, *, search: bool = True) -> str:
        place = self.earlier.forward(self.text, self.cursor, count, search=search)
        if place is not None:
            self.text, self.cursor = place
        return self.text

    def type(self, text: str) -> None:
        self.text, self.cursor = text, len(text)


def test_cells_come_back_whole_and_what_was_typed_is_the_newest() -> None:
    typist = Typist("a", BLOCK, "b", typed="")
    assert [typist.back() for _ in range(4)] == ["b", BLOCK, "a", "a"]
    assert typist.missing == 1
    assert [typist.forward() for _ in range(4)] == [BLOCK, "b", "", ""]


def test_the_cursor_stands_at_the_end_coming_from_below_and_on_the_first_line_coming_from_above() -> None:
    typist = Typist("a", BLOCK, "b")
    typist.back(2)
    assert typist.cursor == len(BLOCK)
    typist.back()
    typist.forward()
    assert (typist.text, typist.cursor) == (BLOCK, BLOCK.index("\n"))


def test_with_a_prefix_only_cells_that_begin_with_it_each_once() -> None:
    typist = Typist("import os", "x = 1", "import re", "import os", "import", typed="import")
    assert [typist.back() for _ in range(3)] == ["import os", "import re", "import re"]
    assert [typist.forward() for _ in range(3)] == ["import os", "import", "import"]


def test_the_prefix_is_what_is_before_the_cursor() -> None:
    typist = Typist("import os", "x = 1", typed="im = 3", cursor=2)
    assert typist.back() == "import os"
    assert typist.forward() == "im = 3"
    assert typist.cursor == 2


def test_without_search_all_cells_come() -> None:
    typist = Typist("import os", "x = 1", typed="im")
    assert typist.back(search=False) == "x = 1"
    assert typist.back(search=False) == "import os"


def test_a_direct_key_leaves_a_search() -> None:
    typist = Typist("import os", "x = 1", "import re", typed="im")
    assert typist.back() == "import re"
    assert typist.back(search=False) == "x = 1"
    assert typist.forward(search=False) == "import re"
    assert typist.forward(search=False) == "im"


def test_cells_in_a_row_that_are_the_same_are_one_and_others_stay() -> None:
    typist = Typist("a", "b", "b", "a")
    assert [typist.back() for _ in range(4)] == ["a", "b", "a", "a"]


def test_a_changed_cell_is_kept_until_the_next_prompt() -> None:
    typist = Typist("first", "second")
    typist.back(2)
    typist.type("first, changed")
    assert typist.forward(search=False) == "second"
    assert typist.back(search=False) == "first, changed"
    typist.earlier.begin()
    typist.type("")
    assert typist.back(2) == "first"


def test_an_erased_cell_stays_erased() -> None:
    typist = Typist("first", "second")
    typist.back()
    typist.type("")
    assert typist.back() == "first"
    assert typist.forward() == ""
    assert typist.forward() == ""
    assert typist.earlier.index == 2


def test_after_a_change_the_search_begins_where_one_is() -> None:
    typist = Typist("import re", "x", "import os", "y")
    typist.back(2)
    assert typist.text == "import os"
    typist.type("imp")
    assert typist.back() == "import re"
    assert typist.forward() == "imp"


def test_cells_from_further_back_come_behind_those_at_hand() -> None:
    typist = Typist("import os", typed="imp")
    typist.back()
    assert not typist.earlier.knows_all
    assert (typist.back(), typist.missing) == ("import os", 1)
    typist.earlier.add_further("imp", ["import re", "import os", "import sys"])
    assert typist.earlier.knows_all
    assert [typist.back() for _ in range(3)] == ["import re", "import sys", "import sys"]
    assert [typist.forward() for _ in range(3)] == ["import re", "import os", "imp"]


def test_older_cells_that_arrive_later_do_not_move_the_user() -> None:
    typist = Typist("c", "d")
    typist.back()
    typist.earlier.add_older(["a", "b", " ", "c"])
    assert [typist.back() for _ in range(3)] == ["c", "b", "a"]
    assert typist.forward(3) == "d"


def test_the_cell_that_came_after_is_known_at_the_next_prompt() -> None:
    typist = Typist("a", "b", "c")
    earlier = typist.earlier
    assert earlier.following() is None
    typist.back(3)
    mark = earlier.following()
    earlier.begin()
    earlier.add("a")
    earlier.add_older(["older"])
    assert mark is not None
    assert earlier.go_to(mark, "", 0) == ("b", 1)
    assert typist.earlier.forward("b", 1) == ("c", 1)
    assert earlier.forward("c", 1) == ("a", 1)
    assert earlier.following() is None


def test_a_changed_cell_is_found_again_though_a_newer_one_has_its_text_by_now() -> None:
    typist = Typist("aa", "aaa", "aaaa", "a", "b", "a")
    for _ in range(5):
        typist.back(search=False)
    assert typist.text == "aaa"
    typist.type("a")
    assert typist.back() == "aa"
    assert typist.forward() == "a"
    assert typist.earlier.index == 1


@pytest.mark.parametrize(("index", "text"), [(0, "a"), (1, "b"), (5, "typed"), (-3, "a")])
def test_a_cell_by_its_number(index: int, text: str) -> None:
    earlier = cells("a", "b")
    place = earlier.go(index, "typed", 2)
    assert (place.text if place else "typed") == text


def test_what_is_kept_at_hand_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipterminal.earlier_cells.MOST", 50)
    typist = Typist(*(str(number) for number in range(200)))
    assert len(typist.earlier.cells) <= 50
    assert typist.back(3) == "197"


texts = st.text("ab\n", min_size=1, max_size=4)


@given(st.lists(texts), st.lists(texts), texts)
def test_older_cells_stand_before_the_others(older: list[str], newer: list[str], typed: str) -> None:
    first = cells(*newer)
    first.add_older(older)
    assert first.cells == cells(*older, *newer).cells


class Walking(RuleBasedStateMachine):
    """Movements and changes in any order, against a list that is gone through."""

    def __init__(self) -> None:
        super().__init__()
        self.typist = Typist()
        self.typed = ""

    @rule(text=texts)
    def a_cell_ran(self, text: str) -> None:
        self.typist.earlier.begin()
        self.typist.earlier.add(text)
        self.typist.type("")
        self.typed = ""

    @rule(older=st.lists(texts, max_size=3))
    def older_arrive(self, older: list[str]) -> None:
        before = self.typist.text
        self.typist.earlier.add_older(older)
        assert self.typist.text == before

    @rule(further=st.lists(texts, max_size=3))
    def further_arrive(self, further: list[str]) -> None:
        prefix = self.typist.earlier.prefix
        if prefix:
            found = [text for text in further if text.startswith(prefix)]
            self.typist.earlier.add_further(prefix, found)

    @rule(text=texts)
    def typing(self, text: str) -> None:
        if self.typist.earlier.shows_typed:
            self.typed = text
        self.typist.type(text)

    @rule(count=st.integers(1, 3), search=st.booleans())
    def back(self, count: int, search: bool) -> None:
        before = self.typist.text
        self.typist.back(count, search=search)
        assert 0 <= self.typist.missing <= count
        if self.typist.missing == count:
            assert self.typist.text == before

    @rule(count=st.integers(1, 3), search=st.booleans())
    def forward(self, count: int, search: bool) -> None:
        self.typist.forward(count, search=search)

    @rule(search=st.booleans())
    def to_the_end_and_back(self, search: bool) -> None:
        """Whatever one did, what was typed is at the newest end."""
        self.typist.forward(1000, search=search)
        assert self.typist.earlier.shows_typed
        assert self.typist.text == self.typed

    @precondition(lambda self: self.typist.earlier.cells)
    @rule(search=st.booleans())
    def there_and_back(self, search: bool) -> None:
        before = self.typist.text
        self.typist.back(search=search)
        if not self.typist.missing:
            assert self.typist.forward(search=search) == before

    @rule()
    def all_of_a_prefix(self) -> None:
        self.typist.forward(1000)
        prefix = self.typist.text[: self.typist.cursor]
        seen: list[str] = []
        while True:
            text = self.typist.back()
            if self.typist.missing:
                break
            seen.append(text)
        if self.typist.earlier.prefix == prefix and prefix:
            assert len(seen) == len(set(seen))

    @invariant()
    def the_cursor_is_in_the_text(self) -> None:
        assert 0 <= self.typist.cursor <= len(self.typist.text)


TestWalking = Walking.TestCase
