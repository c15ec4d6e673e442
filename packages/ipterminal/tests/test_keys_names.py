"""Names of keys: how they may be written, and how they are shown."""

from __future__ import annotations

import pytest

from ipterminal.keys.names import KeyNameError, checked, for_people, identity, spelled

SPELLED = [
    ("c-x c-e", ("c-x", "c-e"), "Ctrl-X Ctrl-E"),
    ("Ctrl-X Ctrl-E", ("c-x", "c-e"), "Ctrl-X Ctrl-E"),
    ("control-r", ("c-r",), "Ctrl-R"),
    ("escape f", ("escape", "f"), "Alt-F"),
    ("alt-f", ("escape", "f"), "Alt-F"),
    ("M-f", ("escape", "f"), "Alt-F"),
    ("meta-enter", ("escape", "enter"), "Alt-Enter"),
    ("escape", ("escape",), "Esc"),
    ("Esc", ("escape",), "Esc"),
    ("shift-tab", ("s-tab",), "Shift-Tab"),
    ("ctrl-shift-left", ("c-s-left",), "Ctrl-Shift-Left"),
    ("shift-ctrl-left", ("c-s-left",), "Ctrl-Shift-Left"),
    ("tab", ("tab",), "Tab"),
    ("c-i", ("c-i",), "Tab"),
    ("F5", ("f5",), "F5"),
    ("PageUp", ("pageup",), "PageUp"),
    ("page-down", ("pagedown",), "PageDown"),
    ("space", ("space",), "Space"),
    (" ", ("space",), "Space"),
    ("c-_", ("c-_",), "Ctrl-_"),
    ("c-\\", ("c-\\",), "Ctrl-\\"),
    ("A", ("A",), "A"),
    ("-", ("-",), "-"),
    ("é", ("é",), "é"),
    ("escape -", ("escape", "-"), "Alt--"),
    ("<any>", ("<any>",), "any key"),
]


@pytest.mark.parametrize(("text", "keys", "shown"), SPELLED)
def test_keys_may_be_written_in_many_ways(text: str, keys: tuple[str, ...], shown: str) -> None:
    assert spelled(text) == keys
    assert checked(text) == keys
    assert for_people(keys) == shown


def test_keys_may_be_a_list_as_in_ipython() -> None:
    assert checked(["c-x", "c-e"]) == ("c-x", "c-e")
    assert checked([" "]) == ("space",)


def test_two_names_of_one_key_are_the_same() -> None:
    assert identity(("tab",)) == identity(("c-i",))
    assert identity(("enter",)) == identity(("c-m",))
    assert identity(("backspace",)) == identity(("c-h",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("c-xy", "did you mean"),
        ("homee", "did you mean home"),
        ("", "no key is named"),
        ("f99", "no key 'f99'"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest(text: str, said: str) -> None:
    with pytest.raises(KeyNameError, match=said):
        checked(text)
