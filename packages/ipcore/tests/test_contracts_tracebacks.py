"""The core's tracebacks keep to the contract, and the contract catches those that do not."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.tracebacks import TracebackContract


class TestPlain(TracebackContract):
    plugin = "ipcore.plain.plugin"
    key = "plain"
    distribution = "ipshell-core"


# -- others, good and bad -------------------------------------------------------------

FRAME = """
import linecache
import sys
import traceback
import ipcore
from ipcore import Component

class Own(Component):
    kept = []

    def format(self, error):
{body}

@hookimpl
def ipshell_tracebacks(shell):
    return Own(parent=shell)
"""


def tracebacks(body: str) -> str:
    """Give a plugin whose format() has a certain body."""
    return FRAME.format(body=textwrap.indent(textwrap.dedent(body), " " * 8))


SAFE = """
from ipcore.saferepr import safe_repr
from ipcore.plain.tracebacks import exception_only
return exception_only(error)
"""

PLUGINS = {
    "good": Plugin(
        """
        from ipcore.plain.tracebacks import PlainTracebacks

        @hookimpl
        def ipshell_tracebacks(shell):
            return PlainTracebacks(parent=shell)
        """
    ),
    "terse": Plugin(tracebacks(SAFE), attributes={"terse": True}),
    "standard": Plugin(
        tracebacks("return ''.join(traceback.format_exception(error)).splitlines()"),
        "frames_are_the_users_and_cells_have_their_label",
        ("frames of the shell itself are shown", "leave out the frames whose file is in"),
    ),
    "too_terse": Plugin(
        tracebacks(SAFE),
        "causes_contexts_and_notes_are_shown",
        ("'the-context' is not shown", "ValueError: the-last", "terse = True"),
    ),
    "trusts_str": Plugin(
        tracebacks("return [f'{type(error).__name__}: {error}']"),
        "an_error_that_cannot_be_asked_is_named",
        ("__str__ raises", "RuntimeError: no str", "Of a user's error nothing can be trusted"),
    ),
    "trusts_class": Plugin(
        tracebacks("return [f'{error.__class__.__name__}: ' + 'the-message-of-the-error']"),
        "a_strange_error_is_shown",
        ("__class__ raises", "no class"),
    ),
    "no_message": Plugin(
        tracebacks("return [type(error).__name__]"),
        "an_error_of_a_cell_is_shown_by_name_and_message",
        ("'the-message-of-the-error' is not shown",),
    ),
    "text": Plugin(
        tracebacks("return f'{type(error).__name__}: the-message-of-the-error'"),
        "an_error_of_a_cell_is_shown_by_name_and_message",
        ("gives str", "Give a list of str"),
    ),
    "line_ends": Plugin(
        tracebacks("return traceback.format_exception_only(error)"),
        "an_interrupt_is_shown",
        ("is no line without its ending", "text.splitlines()"),
    ),
    "handled": Plugin(
        tracebacks("return [str(sys.exc_info()[1] or error)]"),
        "the_same_error_gives_the_same_lines",
        ("another one", "not at sys.exc_info()"),
    ),
    "keeps": Plugin(
        tracebacks("self.kept.append(error); return ['ZeroDivisionError']"),
        "no_frame_is_kept",
        ("is still alive", "Keep no error, traceback or frame"),
    ),
    "changes": Plugin(
        tracebacks("error.__traceback__ = None; error.add_note('shown'); return ['x']"),
        "the_error_is_not_changed",
        ("format() changes __traceback__, __notes__ of the error", "Work on a copy"),
    ),
    "long": Plugin(
        tracebacks("return ['ValueError the-message-of-the-error'] + ['f()'] * 10_000"),
        "a_large_error_is_shown_in_bounds",
        ("takes 10001 lines", "most_lines"),
    ),
    "no_component": Plugin(
        """
        class Own:
            def format(self, error): return [str(error)]
            def start(self): pass
            def close(self): pass

        @hookimpl
        def ipshell_tracebacks(shell):
            return Own()
        """,
        "it_is_a_component_of_the_shell",
        ("Own",),
    ),
    "no_parent": Plugin(
        tracebacks("return [str(error)]").replace("parent=shell", ""),
        "it_is_a_component_of_the_shell",
        ("the component does not know its shell", "return Own(parent=shell)"),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("tracebacks"), "TracebackContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_tracebacks(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
