"""Plain answers to ``obj?`` and ``obj??``."""

from __future__ import annotations

import builtins
import fnmatch
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..component import Component
from ..object_information import find
from ..plugins.failures import reason_of
from ..saferepr import safe_repr, type_name

if TYPE_CHECKING:
    from ..magics.registry import Kind
    from ..shell import InteractiveShell

_nothing: Any = object()


class PlainInspector(Component):
    """Says what an object is, from what can be read without running its code."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent

    def describe(self, name: str, detail: bool = False) -> str:
        """Describe what a dotted name stands for.

        :param name: for example ``os.path.join``.
        :param detail: whether to give the source too.
        """
        value = self._look_up(name)
        if value is _nothing:
            return f"Object `{name}` not found. {self._suggestion(name)}".rstrip()
        lines = []
        if callable(value) and not self._means_magic(name):  # a magic's says nothing of what to type
            try:
                lines.append(f"Signature: {name.rpartition('.')[2]}{inspect.signature(value)}")
            except Exception:  # whatever an object answers that is asked for its signature
                lines.append("Signature: not known")
        lines.append(f"Type:      {type_name(type(value))}")
        if not callable(value) and not inspect.ismodule(value):
            lines.append(f"Value:     {safe_repr(value, 200)}")
        try:
            doc = inspect.getdoc(value)
        except Exception as error:  # a hostile __doc__ is the object's fault, not the question's
            doc = f"(cannot be read: {reason_of(error)})"
        source = _source(value) if detail else ""
        if source:
            lines += ["Source:", source.rstrip("\n")]
        elif isinstance(doc, str):
            lines += ["Docstring:", doc]
        return "\n".join(lines)

    def _look_up(self, name: str) -> Any:
        found, value = find(self._shell, name)
        return value if found else _nothing

    def _means_magic(self, name: str) -> bool:
        if name.startswith("%"):
            return True
        return "." not in name and name not in self._shell.user_ns and name not in vars(builtins)

    def _suggestion(self, name: str) -> str:
        if not name.startswith("%"):
            return ""
        kind: Kind = "cell" if name.startswith("%%") else "line"
        return self._shell.magics.suggestion(kind, name.lstrip("%"))


def _source(value: Any) -> str:
    try:
        return inspect.getsource(value)
    except Exception:  # there is none, or the object misleads whoever looks for it
        return ""


def magic(name: str, shell: InteractiveShell) -> Callable[[str], None]:
    """Give the line magic ``pinfo``, ``pinfo2`` or ``psearch``; what is longer than the screen is paged."""

    def show(line: str) -> None:
        """Describe the object that a name stands for, as ``name?`` does."""
        shell.hooks.page(shell.inspector.describe(line.strip(), detail=False))

    def show_more(line: str) -> None:
        """Describe the object that a name stands for, with its source, as ``name??`` does."""
        shell.hooks.page(shell.inspector.describe(line.strip(), detail=True))

    def search(line: str) -> None:
        """List the names that a pattern with ``*`` and ``?`` fits, as ``*name*?`` does."""
        pattern = line.strip()
        names = sorted({*shell.user_ns, *dir(builtins)})
        found = [each for each in names if fnmatch.fnmatchcase(each, pattern)]
        shell.hooks.page("\n".join(found) if found else f"No name is like `{pattern}`.")

    return {"pinfo2": show_more, "psearch": search}.get(name, show)
