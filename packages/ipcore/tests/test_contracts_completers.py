"""The core's completion providers keep to the contract, and the contract catches those that do not."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.completers import CompletionProviderContract


class OfTheCore(CompletionProviderContract):
    distribution = "ipshell-core"


class TestNames(OfTheCore):
    plugin = "ipcore.completion.plain:names"
    key = "names"
    setup = "number_of_things = 1"
    examples = {"number_of": "number_of_things", "x = enumer": "enumerate", "whi": "while"}
    silent = ("os.pa", "%number_of")


class TestAttributes(OfTheCore):
    plugin = "ipcore.completion.plain:attributes"
    key = "attributes"
    setup = "import os"
    examples = {"os.pa": "path", "x = os.path.jo": "join", "os._ex": "_exit"}
    silent = ("", "os", "nothing.", "os.path.join.x.")


class TestMagics(OfTheCore):
    plugin = "ipcore.completion.plain:magics"
    key = "magics"
    examples = {"%pinf": "%pinfo", "pinf": "%pinfo"}
    silent = ("x = pinf", "os.pinf")


# -- others, good and bad -------------------------------------------------------------

FRAME = """
import sqlite3
import time
from ipcore.types.completion import Completion

class Colours:
    name = "colours"

    def __init__(self, shell):
        self.shell = shell
        self.asked = 0

    def complete(self, request):
{body}

@hookimpl
def ipshell_completion_providers(shell):
    return [Colours(shell)]
"""

GOOD = """
for colour in ("green", "grey", "red"):
    if request.cancelled():
        return
    if request.word and colour.startswith(request.word):
        yield Completion(request.word_start, request.cursor, colour, "colour")
"""

#: Begins a provider of attributes.
OBJECTS = """
start = request.word_start
found, value = request.objects.find(request.text[:start].rstrip(".").split(" ")[-1])
"""

EXAMPLES = {"examples": {"gr": "green", "x = re": "red"}}


def colours(*bodies: str) -> str:
    """Give a plugin whose complete() has a certain body."""
    body = "".join(textwrap.dedent(each).strip("\n") + "\n" for each in bodies)
    return FRAME.format(body=textwrap.indent(body, " " * 8))


PLUGINS = {
    "good": Plugin(colours(GOOD), attributes={**EXAMPLES, "silent": ("", "blue")}),
    "list": Plugin(
        colours("return [Completion(request.word_start, request.cursor, 'green')]"),
        attributes={"examples": {"gr": "green"}},
    ),
    "other": Plugin(
        colours(GOOD),
        "its_examples_are_proposed",
        ("proposes green, grey, and not 'blue'",),
        {"examples": {"gr": "blue"}},
    ),
    "talks": Plugin(
        colours(GOOD),
        "nothing_is_proposed_where_it_has_nothing_to_say",
        ("proposes red",),
        {**EXAMPLES, "silent": ("re",)},
    ),
    "prints": Plugin(
        colours("print('asked')", GOOD),
        "the_shell_shows_its_examples",
        ("completing prints:\nasked",),
        EXAMPLES,
    ),
    "fragile": Plugin(
        colours("first = request.text.split()[0]", GOOD),
        "every_text_and_cursor_is_borne",
        ("complete() of 'colours' for", "raised IndexError", "bear every text"),
        EXAMPLES,
    ),
    "recursive": Plugin(
        colours("depth = lambda n: depth(n - 1) if n else 0\ndepth(request.text.count('('))", GOOD),
        "long_texts_are_borne",
        ("raised RecursionError",),
        EXAMPLES,
    ),
    "behind": Plugin(
        colours(GOOD.replace("request.cursor, colour", "request.word_start, colour")),
        "its_examples_are_proposed",
        ("not around the cursor", "end at or behind it"),
        EXAMPLES,
    ),
    "line_offsets": Plugin(
        colours(
            "start = len(request.line_before) - len(request.word)",
            GOOD.replace("request.word_start", "start"),
        ),
        "places_count_from_the_beginning_of_the_text",
        (
            "on the second line of a cell, 'gr' is to be replaced from 0 on",
            "from the beginning of request.text",
        ),
        EXAMPLES,
    ),
    "empty": Plugin(
        colours("return [Completion(0, request.cursor, request.text)]"),
        "every_text_and_cursor_is_borne",
        ("the text of its completion is empty",),
        {"examples": {"gr": "gr"}},
    ),
    "texts": Plugin(
        colours("return ['green']"), "its_examples_are_proposed", ("it gave str, not Completion",), EXAMPLES
    ),
    "later": Plugin(
        colours(GOOD.replace("yield", "return")).replace("def complete", "async def complete"),
        "its_examples_are_proposed",
        ("it gives a coroutine",),
        EXAMPLES,
    ),
    "getattr": Plugin(
        colours(OBJECTS, "getattr(value, 'name', 0)", GOOD),
        "no_code_of_the_users_objects_is_run",
        ("__getattribute__('name')", "plugin_getattr.py:", "Look at values only by request.objects"),
        EXAMPLES,
    ),
    "dir": Plugin(
        colours(OBJECTS, "dir(value)", GOOD), "no_code_of_the_users_objects_is_run", ("__dir__",), EXAMPLES
    ),
    "isinstance": Plugin(
        colours(OBJECTS, "isinstance(value, dict)", GOOD),
        "no_code_of_the_users_objects_is_run",
        ("__getattribute__('__class__')",),
        EXAMPLES,
    ),
    "evaluates": Plugin(
        colours("try: eval(request.token.rstrip('.'), self.shell.user_ns)\nexcept Exception: pass", GOOD),
        "no_code_of_the_users_objects_is_run",
        ("completing 'spy.c' runs code of the user's",),
        EXAMPLES,
    ),
    "stateful": Plugin(
        colours("self.asked += 1", GOOD, "if self.asked % 2: yield Completion(0, request.cursor, 'green')"),
        "the_same_request_gives_the_same_answer",
        ("first, then", "Keep no state between requests"),
        {"examples": {"gr": "green"}},
    ),
    "namespace": Plugin(
        colours("self.shell.user_ns['colour'] = 'red'", GOOD),
        "the_users_names_are_not_changed",
        ("completing changes the user's names: colour",),
        EXAMPLES,
    ),
    "one_thread": Plugin(
        colours(
            "self.asked = self.asked or sqlite3.connect(':memory:')\nself.asked.execute('select 1')",
            GOOD,
        ),
        "it_can_be_asked_from_one_thread_after_another",
        ("raised ProgrammingError", "plugin_one_thread.py"),
        EXAMPLES,
    ),
    "obstinate": Plugin(
        colours("while True:\n    time.sleep(0.01)"),
        "it_ends_when_nobody_wants_the_answer_any_more",
        ("does not come back within 1 s", "Ask request.cancelled() now and then"),
        {**EXAMPLES, "deadline": 1.0},
    ),
    "slow": Plugin(
        colours("time.sleep(0.6)", GOOD),
        "it_answers_while_somebody_waits",
        ("s, at the best of 5 times; the shell waits for 0.5 s", "Read what takes long once"),
        EXAMPLES,
    ),
    "clings": Plugin(
        colours("try:\n    yield Completion(0, request.cursor, 'green')\nexcept GeneratorExit:\n    yield 1"),
        "it_ends_when_nobody_wants_the_answer_any_more",
        ("generator ignored GeneratorExit",),
        EXAMPLES,
    ),
    "nameless": Plugin(
        colours(GOOD).replace('name = "colours"', "name = ''"),
        "its_examples_are_proposed",
        ("its completion provider Colours has no name",),
        EXAMPLES,
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("completers"), "CompletionProviderContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_provider(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
