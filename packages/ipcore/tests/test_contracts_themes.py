"""The core's theme keeps to the contract, and the contract catches those that do not."""

from __future__ import annotations

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.themes import ThemeContract


class TestNoColour(ThemeContract):
    plugin = "ipcore.plain.plugin"
    key = "nocolor"
    distribution = "ipshell-core"


# -- others, good and bad -------------------------------------------------------------

APART = (
    "'menu': Style(reverse=True), 'menu.current': Style(bold=True, reverse=False), "
    "'selected': Style(reverse=True), 'search.match': Style(reverse=True), 'match': Style(bold=True)"
)


def theme(styles: str, background: str = '"dark"', before: str = "") -> str:
    """Give a plugin with a theme."""
    return (
        f"from ipcore.types.themes import Style, Theme\n\n@hookimpl\n"
        f"def ipshell_theme(name, background):\n    {before or 'pass'}\n"
        f"    return Theme(name, {background}, {{{APART}, {styles}}})\n"
    )


PLUGINS = {
    "good": Plugin(theme("'code.keyword': Style('#5fafff'), 'code.keyword.soft': Style(italic=True)")),
    "any": Plugin(theme("'code.keyword': Style('#00875f')", '""')),
    "by_background": Plugin(
        theme("'code': Style({'light': '#005f5f', 'dark': '#5fd7d7', '': ''}[background])", "background")
    ),
    "faint": Plugin(
        theme("'code.comment': Style('#444444')"),
        "every_text_can_be_read",
        ("code.comment is #444444 on #000000", "a contrast of 2.", "further from the background"),
    ),
    "one_sided": Plugin(
        theme("'code.comment': Style('#5fafff')", '""'),
        "every_text_can_be_read",
        ("code.comment is #5fafff on #ffffff",),
    ),
    "own_ground": Plugin(
        theme("'toolbar': Style('#5fafff', '#afd7ff')"),
        "every_text_can_be_read",
        ("toolbar is #5fafff on #afd7ff",),
    ),
    "half": Plugin(
        theme("'toolbar': Style('', '#dadada')"),
        "every_text_can_be_read",
        ("toolbar has the background #dadada and no foreground",),
    ),
    "on_a_pane": Plugin(
        theme("'documentation': Style('#ffffff', '#585858'), 'code.comment': Style('#8a8a8a')"),
        "every_text_can_be_read",
        ("code.comment is #8a8a8a on #585858",),
    ),
    "misspelt": Plugin(
        theme("'code.keywrod': Style('#5fafff')").replace("code.keywrod", "cod.keyword"),
        "it_speaks_of_style_names_that_there_are",
        ("a style called 'cod.keyword'", "Did you mean 'code.keyword'?"),
    ),
    "flat": Plugin(
        theme("'menu.current': Style()"), "what_has_to_stand_out_does", ("menu.current looks as menu does",)
    ),
    "no_background": Plugin(
        theme("'code': Style()", '"gray"'),
        "it_is_for_a_background_that_there_is",
        ("for the background 'gray'",),
    ),
    "reads": Plugin(
        theme("'code': Style()", before="open(__file__).close()"),
        "giving_it_does_nothing_else",
        ("opens the file", "have it stand in the module"),
    ),
    "wrong_colour": Plugin(
        theme("'code': Style('reddish')"),
        "the_shell_shows_it",
        ("its style of code has the colour 'reddish'",),
    ),
    "no_theme": Plugin(
        "@hookimpl\ndef ipshell_theme(name):\n    return {}\n",
        "the_shell_shows_it",
        ("it gave dict, not an ipcore.types.themes.Theme",),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("themes"), "ThemeContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_theme(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
