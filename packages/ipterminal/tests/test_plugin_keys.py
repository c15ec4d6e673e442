"""Commands and keys that plugins give: listed, pressed, rebound by the user, and left out when they fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("the editor's keys are looked up beside a pseudo-terminal", allow_module_level=True)

from editor_terminals import StartEditor
from resting_editor import done_by, put, resting_editor

from ipcore.testing import FakeDistributions, ShellMaker, TmpPlugins
from ipterminal.editor import Editor
from ipterminal.keys.listing import listed
from ipterminal.keys.names import spelled

LETTERS = """
from ipcore.hookspecs import hookimpl
from ipcore.types.key_bindings import KeyBinding

def shout(cell):
    first, last = cell.selection
    if first == last:
        first, last = 0, len(cell.text)
    cell.replace(cell.text[:first] + cell.text[first:last].upper() + cell.text[last:], cell.cursor)

def sign(cell):
    cell.insert("# me")
    cell.message("signed")

def fail(cell):
    raise ZeroDivisionError("no letters")

@hookimpl
def ipshell_key_bindings(shell):
    return [
        KeyBinding("scribe.shout", shout, "Write it in capitals.", "c-x u"),
        KeyBinding("scribe.sign", sign, "Sign the cell."),
        KeyBinding("scribe.run", lambda cell: cell.run(), "Run it.", "f7"),
        KeyBinding("scribe.fail", fail, "Fail.", "f8"),
        KeyBinding("scribe.comment", shout, "Write it in capitals.", "escape ;"),
    ]
"""


@pytest.fixture
def editor(tmp_plugin: TmpPlugins, make_shell: ShellMaker) -> Iterator[Editor]:
    tmp_plugin("key_bindings", "letters", LETTERS, dist="tea")
    with resting_editor(make_shell()) as made:
        yield made


def done(editor: Editor, keys: str) -> str:
    put(editor, "name|")
    return done_by(editor, spelled(keys))


def test_keys_of_a_plugin_win_over_the_editors_own(editor: Editor) -> None:
    assert done(editor, "c-x u") == "scribe.shout"
    assert done(editor, "escape ;") == "scribe.comment"


def test_keys_lists_what_a_plugin_gives_with_its_name(editor: Editor) -> None:
    text = "\n".join(listed(editor.keys, "tea[letters]"))
    assert "c-x u" in text
    assert "scribe.shout    Write it in capitals." in text
    assert "when in_cell (tea[letters])" in text
    assert "scribe.sign  Sign the cell. (tea[letters])" in text


def test_the_users_shortcuts_win_over_those_of_plugins(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    tmp_plugin("key_bindings", "letters", LETTERS, dist="tea")
    shortcuts = [
        {"command": "scribe.shout", "new_keys": ["f9"]},
        {"command": "scribe.sign", "new_keys": ["f6"], "create": True},
        {"command": "scribe.run", "new_keys": []},
    ]
    with resting_editor(make_shell(), shortcuts=shortcuts) as editor:
        assert done(editor, "c-x u") == ""
        assert [done(editor, key) for key in ("f9", "f6", "f7")] == ["scribe.shout", "scribe.sign", ""]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('KeyBinding("cell.enter", print, "Enter.")', "there is a command cell.enter already"),
        ('KeyBinding("a.b", print, "B.", "ctrlx")', "a.b: "),
        ('KeyBinding("a.b", print, "B.", "f12", "in_bed")', "there is no condition 'in_bed'"),
        ('KeyBinding("ab", print, "B.")', 'is not of the form "subject.verb"'),
        ('KeyBinding("a.b", None, "B.")', "the function of its key binding a.b cannot be called"),
        ('KeyBinding("a.b", print, "")', "the help of its key binding a.b is not one line"),
        ("print", "not an ipcore.types.key_bindings.KeyBinding"),
    ],
)
def test_what_cannot_be_bound_is_told_and_costs_the_others_nothing(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker, given: str, words: str
) -> None:
    head, _, _ = LETTERS.partition("@hookimpl")
    gives = f'return [{given}, KeyBinding("z.z", print, "Z.", "f12")]'
    bad = f"{head}@hookimpl\ndef ipshell_key_bindings():\n    {gives}\n"
    tmp_plugin("key_bindings", "bad", bad, dist="bad")
    tmp_plugin("key_bindings", "letters", LETTERS, dist="tea")
    shell = make_shell()
    with resting_editor(shell) as editor:
        assert done(editor, "c-x u") == "scribe.shout"
        assert done(editor, "f12") == ""
        assert "z.z" not in editor.keys.commands
    (failure,) = shell.registry.failures
    assert words in str(failure)
    assert "bad[bad] 1.0" in str(failure)
    shell.expect_failures()


def test_defaults_stay_below_when_a_plugins_keys_go(editor: Editor) -> None:
    editor.keys.remove("tea[letters]")
    assert done(editor, "escape ;") == "lines.comment"
    assert not [name for name in editor.keys.commands if name.startswith("scribe.")]


@pytest.fixture
def installed(fake_dist: FakeDistributions) -> None:
    fake_dist(
        "tea",
        "2.1",
        entry_points={"ipshell.key_bindings": {"letters": "letters"}},
        files={"letters.py": LETTERS},
    )


def test_a_plugins_key_changes_the_cell_and_undo_brings_it_back(
    installed: None, start_editor: StartEditor
) -> None:
    shell = start_editor()
    shell.type("x = 'one'\x18u")
    shell.wait_for(lambda lines: lines[-1] == "In [1]: X = 'ONE'", "capitals")
    shell.type("\x1f")
    shell.wait_for(lambda lines: lines[-1] == "In [1]: x = 'one'", "the text before")
    shell.press("f7")
    shell.wait_for_prompt(2)


def test_a_plugin_that_raises_in_its_key_is_told_once_and_left_out(
    installed: None, start_editor: StartEditor
) -> None:
    shell = start_editor()
    shell.type("abc")
    shell.press("f8")
    shell.wait_for(
        "plugin tea[letters] 2.1 (key_bindings), the command scribe.fail: ZeroDivisionError: no letters"
    )
    shell.press("f8", "f7")
    shell.type("d\x1b;")
    shell.wait_for(lambda lines: lines[-1] == "In [1]: # abcd", "the editor's own key again")
    shell.type("\x15%keys scribe\r")
    shell.wait_for("There is nothing about 'scribe'")
    assert "".join(shell.lines).count("ZeroDivisionError") == 1


def test_a_plugin_of_keys_is_not_imported_where_there_is_no_editor(
    installed: None, start_editor: StartEditor
) -> None:
    shell = start_editor("--Terminal.simple_prompt=True")
    shell.type("import sys; 'letters' in sys.modules\r")
    shell.wait_for("Out[1]: False")
