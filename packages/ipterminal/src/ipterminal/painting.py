"""What is painted around the prompt: output above it, and the cell as it stays when it is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prompt_toolkit.utils import get_cwidth

if TYPE_CHECKING:
    from .editor import Editor

#: Characters of an unfinished line that are remembered, to be gone on with.
_MOST_OPEN: Final = 4096
#: Rows of a cell that stay on the screen, and in what one can scroll back to; of a longer one those in view.
_MOST_ROWS: Final = 1000


def finish(editor: Editor, *, unchanged: bool, whole: bool = False) -> None:
    """Leave the cell on the screen as it is to stay there, and the cursor in the row below it.

    :param unchanged: whether what is in view stands there so already.
    :param whole: whether the rows that are not in view are to stay there, too.
    """
    app, renderer, output = editor.app, editor.app.renderer, editor.output
    size = output.get_size()
    rows = editor.cell.rows(size.columns, _MOST_ROWS + 1) if whole else 0
    renderer.final_rows = rows if size.rows < rows <= _MOST_ROWS else 0
    unchanged = unchanged and not renderer.final_rows
    screen = renderer.last_rendered_screen
    if unchanged and screen is not None:
        output.cursor_down(screen.height - 1 - renderer._cursor_pos.y)
        output.write_raw("\r\n")
        renderer.reset()
        return
    app.finishing = True
    try:
        renderer.render(app, app.layout, is_done=True)
    finally:
        app.finishing = False


def above(editor: Editor, text: str, open_line: str = "", gap: str = "", below: str = "") -> str:
    """Paint a text above the prompt.

    :param open_line: the beginning of its first line, painted before.
    :param gap: what stands between that and the prompt now.
    :param below: what is to stand there.
    :returns: the beginning of a line that is not at its end yet.
    """
    renderer, output = editor.app.renderer, editor.output
    renderer.erase()
    rows = gap.count("\n")
    if open_line:
        rows += 1 + max(0, get_cwidth(open_line.rstrip("\r")) - 1) // output.get_size().columns
        text = open_line + text
    if rows:
        output.cursor_up(rows)
    if gap.strip():
        output.erase_down()
    *_, last = text.rpartition("\n")
    output.write_raw(text)
    if "\x1b" in text:
        output.write_raw("\x1b[0m")
    if last:
        output.write_raw("\n")
    output.write_raw(below)
    output.flush()
    editor.app._redraw()
    return _visible(last)


def _visible(line: str) -> str:
    """Give what is to be seen of a line that goes back to its beginning: the last of a progress bar.

    One that has gone back there at its end does so still: what follows is written over it.
    """
    bare = line.rstrip("\r")
    shown = bare.rpartition("\r")[2] + line[len(bare) :][:1]
    return shown if len(shown) <= _MOST_OPEN else ""


def rows_of(text: str, columns: int) -> int:
    """Give how many rows of a terminal a text takes."""
    return sum(1 + max(0, get_cwidth(line) - 1) // columns for line in text.split("\n"))


def echoed(typed: str) -> str:
    """Give what a terminal shows of keys that it echoes, in one row."""
    return "".join(f"^{chr(ord(char) ^ 64)}" if ord(char) < 32 or char == "\x7f" else char for char in typed)
