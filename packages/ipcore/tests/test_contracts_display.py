"""The core's formatter keeps to its contract, and the contracts catch those that do not."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts import FormatterContract


class TestPlain(FormatterContract):
    plugin = "ipcore.plain.plugin"
    key = "plain"
    distribution = "ipshell-core"
    mime = "text/plain"
    examples = [
        (b"a", "b'a'"),
        ([1, "b"], "[1, 'b']"),
        (None, "None"),
        (object(), lambda text: "object at" in text),
    ]
    takes_anything = True


# -- others, good and bad -------------------------------------------------------------


def formatter(body: str, mime: str = "text/plain") -> str:
    """Give a plugin with a formatter whose ``format`` has a certain body."""
    return (
        f"class Hex:\n    mime = {mime!r}\n\n    def format(self, value):\n"
        f"{textwrap.indent(textwrap.dedent(body), ' ' * 8)}\n\n"
        "@hookimpl\ndef ipshell_formatters(shell):\n    return [Hex()]\n"
    )


GOOD = "return f\"<{value.hex(' ')}>\" if issubclass(type(value), bytes) else None"
PNG = "return b'PNG' + value if issubclass(type(value), bytes) else None"

FORMATTERS = {
    "good": Plugin(formatter(GOOD)),
    "with_metadata": Plugin(
        formatter(PNG.replace("b'PNG' + value", "(b'PNG' + value, {'width': 3})"), "image/png"),
        attributes={"mime": "image/png", "examples": [(b"a", b"PNGa")]},
    ),
    "of_several": Plugin(
        formatter("return str(value) if issubclass(type(value), (bytes, int)) else None"),
        attributes={"examples": [(b"a", "b'a'")]},
        body="takes = (int,)",
    ),
    "takes_all": Plugin(
        formatter("return f'<{type(value).__name__}>'"),
        "it_leaves_what_is_not_its_own",
        ("of True it gives '<bool>'", "takes_anything = True"),
        {"examples": [(b"a", "<bytes>")]},
    ),
    "trusts_the_class": Plugin(
        formatter(GOOD.replace("issubclass(type(value), bytes)", "isinstance(value, bytes)")),
        "it_survives_any_value",
        ("raises when it is asked for its class", "issubclass(type(value), MyType)", "trusts_the_class.py"),
    ),
    "asks_the_value": Plugin(
        formatter(
            "return f\"<{value.hex(' ')}>\" if hasattr(value, 'hex') and value == bytes(value) else None"
        ),
        "it_survives_any_value",
        ("asked for an object that", "it raised ValueError"),
    ),
    "raises": Plugin(
        formatter("return f\"<{value.hex(' ')}>\""),
        "it_leaves_what_is_not_its_own",
        ("asked for bool True, it raised AttributeError",),
    ),
    "bytes_for_text": Plugin(
        formatter("return value.hex().encode() if issubclass(type(value), bytes) else None"),
        "the_type_is_right_for_the_mime_type",
        ("of b'a' it gives bytes as text/plain, which is text: a str",),
        {"examples": [(b"a", b"61")]},
    ),
    "text_for_bytes": Plugin(
        formatter("return 'PNG' if issubclass(type(value), bytes) else None", "image/png"),
        "the_type_is_right_for_the_mime_type",
        ("gives str as image/png, which is binary: bytes",),
        {"mime": "image/png", "examples": [(b"a", "PNG")]},
    ),
    "counts": Plugin(
        formatter(
            "self.n = getattr(self, 'n', 60) + 1\nreturn f'<{self.n}>' if type(value) is bytes else None"
        ),
        "the_examples_come_out_as_they_say",
        ("of b'a' it gives '<62>', and not '<61>'",),
    ),
    "wrong_metadata": Plugin(
        formatter("return ('<61>', 'wide') if type(value) is bytes else None"),
        "the_examples_come_out_as_they_say",
        ("it gives metadata 'wide', no dictionary",),
    ),
    "another_type": Plugin(
        formatter(GOOD, "text/html"),
        "the_examples_come_out_as_they_say",
        ("it gives no formatter for text/plain, but for text/html",),
    ),
}

#: What the publishers below say that they take.
SAYS = """
from ipcore.types.display import Output

takes = [Output({"text/plain": "tea"})]
leaves = [Output({"text/plain": "tea"}, number=1), Output({"text/html": "<b>"})]
"""


def publisher(publish: str, clear: str = "return False", types: str = "()") -> str:
    """Give a plugin with a publisher whose methods have certain bodies."""
    return (
        f"import threading\n\nclass Framed:\n    types = {types}\n\n    def publish(self, output):\n"
        f"{textwrap.indent(textwrap.dedent(publish), ' ' * 8)}\n\n"
        f"    def clear(self, wait):\n        {clear}\n\n"
        "@hookimpl\ndef ipshell_publishers(shell):\n    return [Framed()]\n"
    )


FRAMED = """
text = output.data.get("text/plain", "")
if output.number is not None or not text:
    return False
print(f"[{text}]")
return True
"""

PUBLISHERS = {
    "good": Plugin(publisher(FRAMED)),
    "of_all_types": Plugin(publisher(FRAMED, types="None")),
    "says_nothing": Plugin(
        publisher(FRAMED.replace("return True", "")),
        "it_shows_what_it_takes",
        ("publish(text/plain 'tea') gives None", "Return True for an output that it has shown"),
    ),
    "leaves": Plugin(publisher("return False"), "it_shows_what_it_takes", ("leaves what stands in `takes`",)),
    "takes_all": Plugin(
        publisher("print(output.data)\nreturn True"),
        "it_leaves_what_it_does_not_take",
        ("publish(text/plain 'tea', number 1) takes what stands in `leaves`",),
    ),
    "prints_first": Plugin(
        publisher("print('--')\n" + FRAMED.strip()),
        "it_leaves_what_it_does_not_take",
        ("and prints '--\\n'", "Then it is shown twice"),
    ),
    "wants_text": Plugin(
        publisher(FRAMED.replace('.get("text/plain", "")', '["text/plain"].strip()')),
        "it_survives_any_output",
        ("publish(nothing) raised KeyError", "return False"),
    ),
    "main_thread": Plugin(
        publisher("assert threading.current_thread() is threading.main_thread()\n" + FRAMED.strip()),
        "it_shows_from_any_thread",
        ("in another thread publish(text/plain 'tea') raised AssertionError",),
    ),
    "types_as_text": Plugin(
        publisher(FRAMED, types="'text/html'"),
        "it_says_which_types_it_shows",
        ("does not say which types it shows",),
    ),
    "no_mime_types": Plugin(
        publisher(FRAMED, types="('html',)"),
        "it_says_which_types_it_shows",
        ("its `types` are ('html',)", "None for all"),
    ),
    "cannot_clear": Plugin(
        publisher(FRAMED, "pass"), "it_can_be_asked_to_clear", ("clear(False) gives None",)
    ),
}


@pytest.fixture(scope="module")
def formatters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {
        key: each._replace(attributes={"mime": "text/plain", "examples": [(b"a", "<61>")], **each.attributes})
        for key, each in FORMATTERS.items()
    }
    return judge(tmp_path_factory.mktemp("formatters"), "FormatterContract", plugins)


@pytest.fixture(scope="module")
def publishers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {key: each._replace(body=SAYS) for key, each in PUBLISHERS.items()}
    return judge(tmp_path_factory.mktemp("publishers"), "PublisherContract", plugins)


@pytest.mark.parametrize("key", FORMATTERS)
def test_an_author_is_told_what_is_wrong_with_a_formatter(formatters: dict[str, str], key: str) -> None:
    check(formatters[key], FORMATTERS[key])


@pytest.mark.parametrize("key", PUBLISHERS)
def test_an_author_is_told_what_is_wrong_with_a_publisher(publishers: dict[str, str], key: str) -> None:
    check(publishers[key], PUBLISHERS[key])


def check(said: str, plugin: Plugin) -> None:
    assert bool(said) == bool(plugin.fails), said
    for word in plugin.says:
        assert word in said, said
