"""The contract of editors catches those that do not keep to it."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge


def editor(body: str) -> str:
    return (
        f"class Own:\n    def arguments(self, filename, line, wait):\n{textwrap.indent(body, ' ' * 8)}\n\n"
        "@hookimpl\ndef ipshell_editor(name):\n    return Own()\n"
    )


PLUGINS = {
    "good": Plugin(editor("return ['-w'] * wait + ([f'{filename}:{line}'] if line else [filename])")),
    "no_lines": Plugin(editor("return [filename]"), attributes={"knows_lines": False}),
    "line_lost": Plugin(
        editor("return [filename]"),
        "the_words_name_the_file_and_the_line",
        ("without the line", "knows_lines = False"),
    ),
    "quotes": Plugin(
        editor("return [repr(filename) + f':{line}']"),
        "the_words_name_the_file_and_the_line",
        ("the file is not named as it is", "Do not quote it"),
    ),
    "one_text": Plugin(
        editor("return f'+{line} {filename}'"),
        "the_words_name_the_file_and_the_line",
        ("not a list of texts", "Give each word by itself"),
    ),
    "no_line_breaks_it": Plugin(
        editor("return ['+%d' % line, filename]"),
        "the_words_name_the_file_and_the_line",
        ("TypeError", "for every file and line"),
    ),
    "looks": Plugin(
        editor("open(__file__).close(); return [filename, str(line)]"),
        "giving_the_words_does_nothing_else",
        ("opens the file",),
    ),
    "lacking": Plugin(
        "@hookimpl\ndef ipshell_editor(name):\n    return 3\n",
        "the_shell_calls_it_so",
        ("has no arguments()",),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("editors"), "EditorContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_an_editor(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
