"""Characters by LaTeX command and by Unicode name."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcompleters.characters import MOST_NAMES
from ipcompleters.unicode_data import character_names, character_of, commands
from ipcompleters.unicode_names import UnicodeProvider
from ipcore import InteractiveShell
from ipcore.types.completion import Completion, CompletionRequest


def proposed(text: str, **settings: object) -> list[Completion]:
    shell = InteractiveShell()
    try:
        request = CompletionRequest(text, len(text), **settings)  # type: ignore[arg-type]
        return list(UnicodeProvider(shell).complete(request))
    finally:
        shell.close()


def in_place(text: str, completion: Completion) -> str:
    return text[: completion.start] + completion.text + text[completion.end :]


def test_each_command_stands_for_one_character_and_leads_back() -> None:
    known = commands()
    assert len(known.characters) > 1600
    for command, character in known.characters.items():
        assert len(character) == 1, command
        assert not character.isascii(), command
        assert unicodedata.category(character) not in ("Cc", "Cn", "Co"), command
        assert known.characters[known.names[character]] == character


def test_the_alphabets_are_those_of_their_names() -> None:
    styles = {
        "bf": "BOLD",
        "it": "ITALIC",
        "bi": "BOLD ITALIC",
        "bscr": "BOLD SCRIPT",
        "bfrak": "BOLD FRAKTUR",
        "sans": "SANS-SERIF",
        "tt": "MONOSPACE",
        "bisans": "SANS-SERIF BOLD ITALIC",
    }
    for begin, style in styles.items():
        for letter in "ABYZabyz":
            size = "CAPITAL" if letter.isupper() else "SMALL"
            found = commands().characters[begin + letter]
            assert unicodedata.name(found) == f"MATHEMATICAL {style} {size} {letter.upper()}"
            assert unicodedata.normalize("NFKC", found) == letter
    assert unicodedata.name(commands().characters["bisansomega"]).endswith("BOLD ITALIC SMALL OMEGA")


def anything(character: str) -> bool:
    return True


def goes_on(character: str) -> bool:
    return f"x{character}".isidentifier()


@pytest.mark.parametrize(
    ("text", "may_stand"), [("x = ", str.isidentifier), ("name", goes_on), ("print('a", anything)]
)
def test_each_command_is_replaced_where_its_character_may_stand_and_that_leads_back(
    text: str, may_stand: Callable[[str], bool]
) -> None:
    shell = InteractiveShell()
    provider = UnicodeProvider(shell)

    def found(typed: str) -> list[str]:
        request = CompletionRequest(typed, len(typed))
        return [in_place(typed, each) for each in provider.complete(request)]

    try:
        for command, character in commands().characters.items():
            is_mark = unicodedata.category(character)[0] == "M"
            if not may_stand(character):
                assert found(f"{text}\\{command}") == [], command
                continue
            if "'" in text and command in ("a", "b", "f", "n", "r", "t", "v"):
                continue  # escapes
            done = unicodedata.normalize("NFC", text + character) if is_mark else text + character
            assert found(f"{text}\\{command}") == [done], command
            assert found(f"{text}\\{character}")[0] == f"{text}\\{commands().names[character]}"
    finally:
        shell.close()


def test_names_lead_to_their_characters() -> None:
    names = character_names()
    assert len(names) > 20_000
    for name in list(names)[::50]:
        assert character_of(name) == character_of(name.lower()) == names[name]
    assert character_of("no such name") == character_of("") == ""
    # It stands for two characters.
    assert character_of("LATIN SMALL LETTER J WITH CARON") == "ǰ"
    assert character_of("KEYCAP DIGIT ONE") == ""


def test_names_are_bounded() -> None:
    assert len(proposed("x = '\\LETTER")) == MOST_NAMES


def test_no_name_is_looked_for_by_one_letter() -> None:
    assert proposed('"\\J') == []
    assert proposed('"\\JA') != []


def test_nothing_is_looked_for_when_nobody_wants_it_any_more() -> None:
    assert proposed("\\GREEK SMALL", cancelled_by=lambda: True) == []
    assert proposed("\\al", cancelled_by=lambda: True) == []


def test_nothing_is_proposed_while_the_user_types_on() -> None:
    assert proposed("\\al", trigger="typing") == []
    assert [each.text for each in proposed("\\al")] == ["\\aleph", "\\alpha"]


def test_a_piece_of_a_command_may_be_of_its_middle_if_the_user_has_chosen_so() -> None:
    assert "\\alpha" in [each.text for each in proposed("\\lph", matching="substring")]


@given(st.text(alphabet="\\aNnU{}'\"^_ xr!#\n2b:.\N{GREEK SMALL LETTER ALPHA}", max_size=14))
def test_what_is_proposed_stands_around_the_cursor_and_fits(text: str) -> None:
    for each in proposed(text):
        assert 0 <= each.start <= len(text) == each.end
        assert "\\" in text[each.start :] or "\\N{" in text
        assert each.text


def test_the_table_is_read_when_first_needed() -> None:
    program = (
        "import sys\n"
        "from ipcore import InteractiveShell\n"
        "from ipcore.types.completion import CompletionRequest\n"
        "from ipcompleters.unicode_names import UnicodeProvider\n"
        "from ipcompleters import unicode_data\n"
        "provider = UnicodeProvider(InteractiveShell())\n"
        "assert list(provider.complete(CompletionRequest('alpha', 5))) == []\n"
        "assert unicode_data.commands.cache_info().currsize == 0\n"
        "assert len(list(provider.complete(CompletionRequest('\\\\alpha', 6)))) == 1\n"
        "assert unicode_data.commands.cache_info().currsize == 1\n"
        "assert unicode_data.character_names.cache_info().currsize == 0\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
