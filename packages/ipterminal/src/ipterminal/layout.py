"""What stands where on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.filters import Condition
from prompt_toolkit.layout import Layout
from prompt_toolkit.layout.containers import ConditionalContainer, FloatContainer, HSplit, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from .editor import Editor


def build(editor: Editor) -> Layout:
    """Make the layout: the cell, below it what the subjects have to say, and their floats."""

    def prefix(line: int, wraps: int) -> StyleAndTextTuples:
        if wraps:
            return [("", " " * len(editor.continuation_text))]
        if line:
            return [("class:prompt.continuation", editor.continuation_text)]
        return [("class:prompt", editor.prompt_text)]

    cell = Window(
        BufferControl(editor.buffer),
        get_line_prefix=prefix,
        wrap_lines=True,
        dont_extend_height=True,
    )
    message = ConditionalContainer(
        Window(FormattedTextControl(lambda: editor.message_fragments), height=1, dont_extend_height=True),
        Condition(lambda: bool(editor.message_fragments) and not editor.app.is_done),
    )
    root = FloatContainer(HSplit([cell, message, *editor.below]), floats=editor.floats)
    return Layout(root, focused_element=cell)
