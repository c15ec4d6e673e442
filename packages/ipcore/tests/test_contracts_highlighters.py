"""The contract of highlighters catches those that do not keep to it."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge


def highlighter(body: str) -> str:
    return (
        "import sqlite3\n\nclass Own:\n    def fragments(self, text, language):\n"
        f"{textwrap.indent(body, ' ' * 8)}\n\n"
        "@hookimpl\ndef ipshell_highlighter(name):\n    return Own()\n"
    )


KNOWS = {"language": "sql"}
PLUGINS = {
    "good": Plugin(
        highlighter("return [('code', text)]"), attributes={**KNOWS, "examples": {"ab": [("ab", "code")]}}
    ),
    "loses_lines": Plugin(
        highlighter("return [('code', each) for each in text.splitlines()]"),
        "the_pieces_are_the_text_together",
        ("are together 'a", "blanks and line endings too are pieces"),
        KNOWS,
    ),
    "own_names": Plugin(
        highlighter("return [('keyword', text)]"),
        "each_piece_has_a_style_that_there_is",
        ("the style of '' is 'keyword', which no theme speaks of",),
        KNOWS,
    ),
    "texts_first": Plugin(
        highlighter("return [text]"),
        "the_pieces_are_the_text_together",
        ("not a list of pairs of a style name and a text",),
        KNOWS,
    ),
    "whole_texts_only": Plugin(
        highlighter("text.encode('ascii'); return [('code', text)]"),
        "the_pieces_are_the_text_together",
        ("raised UnicodeEncodeError", "it may be half typed"),
        KNOWS,
    ),
    "examples_differ": Plugin(
        highlighter("return [('code', text)]"),
        "pieces_are_what_the_examples_say",
        ("has no piece 'from' in the style code.keyword",),
        {**KNOWS, "examples": {"select 1 from t": [("from", "code.keyword")]}},
    ),
    "stranger": Plugin(
        highlighter("return {'sql': [('code', text)]}[language]"),
        "it_says_what_it_does_not_know",
        ("raised KeyError", "Give None for it"),
        KNOWS,
    ),
    "reads": Plugin(
        highlighter("open(__file__).close(); return [('code', text)]"),
        "it_does_nothing_else",
        ("opens the file",),
        KNOWS,
    ),
    "lacking": Plugin(
        "@hookimpl\ndef ipshell_highlighter(name):\n    return len\n",
        "the_pieces_are_the_text_together",
        ("has no fragments()",),
        KNOWS,
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("highlighters"), "HighlighterContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_highlighter(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
