"""Showing the value of a cell."""

from __future__ import annotations

import builtins
import io
import sys
import tokenize
from typing import TYPE_CHECKING, Any

from ..errors import OutputGone
from ..exiting import Exiter

if TYPE_CHECKING:
    from ..display import DisplayHandle
    from ..shell import InteractiveShell
    from ..types.cells import Cell, CellResult

    #: Whose values are shown, and whether they are.
    State = tuple[Cell | None, CellResult | None, bool]


class DisplayHook:
    """What ``sys.displayhook`` is while a cell runs."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._cell: Cell | None = None
        self._result: CellResult | None = None
        self._quiet = False

    def show_for(self, cell: Cell, result: CellResult) -> State:
        """From now on show values as those of ``cell``, whose text is compiled.

        :returns: what :meth:`restore` takes to end that; nests.
        """
        before = self._cell, self._result, self._quiet
        self._cell, self._result, self._quiet = cell, result, ends_with_semicolon(result.transformed)
        return before

    def restore(self, before: State) -> None:
        """Show values as :meth:`show_for` found it."""
        self._cell, self._result, self._quiet = before

    @property
    def number(self) -> int:
        """The number of the running cell; 0 if none runs, or if it has none."""
        return self._cell.number if self._cell is not None else 0

    def __call__(self, value: object) -> None:
        """Show a value on standard output; ``None`` is never shown."""
        if value is None:
            return
        if type(value) is Exiter:  # "exit" without parentheses means the same as with them
            value()
        cell, result = self._cell, self._result
        if cell is not None and _asks_for_help(cell, value):
            value()  # type: ignore[operator]
            return
        if cell is None or result is None or self._quiet or cell.silent:
            if result is not None:
                result.result = value
            return
        result.result = value
        display = self.shell.display
        text: str | None = None
        data: dict[str, Any] = {}
        try:
            if display.publisher.plain:
                text = display.text_to_show(value)
            else:
                data, metadata = display.format(value)
        finally:  # it may have taken hours to compute, and its repr may be interrupted
            if value is not self.shell.outputs.values:  # Out does not become a value of itself
                self.shell.outputs.store_value(cell.number if cell.store_history else 0, value)
        if cell.store_history:
            shown = data.get("text/plain") if text is None else text
            if isinstance(shown, str):
                self.shell.outputs.store_text(cell.number, shown)
        if text is not None:
            write_out(self.layout(cell.number, text))
        elif data:
            from ..types.display import Output

            display.publisher.send(Output(data, metadata, number=cell.number))

    def layout(self, number: int, text: str) -> str:
        """Give the text of a value as it is printed for the cell of that number; 0 for a cell without one."""
        if not number or not self.shell.outputs.retention.most_values:
            return text + "\n"
        from ..plain.prompts import painted

        prompt = painted(self.shell, "output", number)
        between = "\n" if "\n" in text else ""
        return f"{self.shell.separate_out}{prompt}{between}{text}\n{self.shell.separate_out2}"


def _asks_for_help(cell: Cell, value: object) -> bool:
    """Tell whether ``help`` was typed alone, which Python's own prompt takes for ``help()`` from 3.13 on."""
    if cell.origin != "keyboard" or cell.source.strip() != "help":
        return False
    return value is getattr(builtins, "help", None) and type(value).__module__ == "_sitebuiltins"


def write_out(text: str, *, flush: bool = False) -> None:
    """Write to standard output, if there is one; characters it cannot encode are escaped.

    :raises OutputGone: if it cannot be written any more.
    """
    stream = sys.stdout
    if stream is None or getattr(stream, "closed", False):
        return
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = getattr(stream, "encoding", None) or "ascii"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        if flush:
            stream.flush()
    except OSError as error:
        raise OutputGone(error) from error


def ends_with_semicolon(source: str) -> bool:
    """Tell whether the last token of a cell, comments apart, is ``;``."""
    stripped = source.rstrip()
    if stripped.endswith(";"):
        line = stripped.rpartition("\n")[2]
        if "#" not in line:
            return True
    elif "#" not in stripped.rpartition("\n")[2] or ";" not in stripped:
        return False
    ignored = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT}
    last = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type not in ignored:
                last = token.string
    except (tokenize.TokenError, SyntaxError):  # escapes are not Python: judge by the text alone
        return stripped.endswith(";")
    return last == ";"


def display(*objs: Any, **options: Any) -> DisplayHandle | None:
    """Show objects, each in the richest form that the front end can show; see ``ipcore.display.display``.

    The builtin of that name.
    """
    from ..display import display

    return display(*objs, **options)
