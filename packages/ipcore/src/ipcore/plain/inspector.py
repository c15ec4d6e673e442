"""Plain answers to ``obj?`` and ``obj??``."""

from __future__ import annotations

import builtins
import fnmatch
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..component import Component
from ..plugins.failures import reason_of
from ..saferepr import safe_repr, type_name

if TYPE_CHECKING:
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
            return f"Object `{name}` not found."
        lines = []
        if callable(value):
            try:
                lines.append(f"Signature: {name.rpartition('.')[2]}{inspect.signature(value)}")
            except (TypeError, ValueError):
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
        if name.startswith("%"):
            return self._magic(
                name.lstrip("%"), ("cell", "line") if name.startswith("%%") else ("line", "cell")
            )
        first, *rest = name.split(".")
        tables = (self._shell.user_ns, vars(builtins))
        value = next((table[first] for table in tables if first in table), _nothing)
        for part in rest:
            if value is _nothing:
                break
            try:
                # Statically, so that no property runs; a module's own names are plain.
                value = vars(value)[part] if inspect.ismodule(value) else inspect.getattr_static(value, part)
            except (AttributeError, KeyError, TypeError):
                value = _nothing
        if value is _nothing and not rest:
            return self._magic(first, ("line", "cell"))
        return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value

    def _magic(self, name: str, kinds: tuple[str, ...]) -> Any:
        found = (self._shell.magics.find_magic(name, kind) for kind in kinds)
        return next((each for each in found if each is not None), _nothing)


def _source(value: Any) -> str:
    try:
        return inspect.getsource(value)
    except (OSError, TypeError):
        return ""


def magic(name: str, shell: InteractiveShell) -> Callable[[str], None]:
    """Give the line magic ``pinfo``, ``pinfo2`` or ``psearch``, printing for a person."""

    def show(line: str) -> None:
        print(shell.inspector.describe(line.strip(), detail=name == "pinfo2"))

    def search(line: str) -> None:
        pattern = line.strip()
        names = sorted({*shell.user_ns, *dir(builtins)})
        found = [each for each in names if fnmatch.fnmatchcase(each, pattern)]
        print("\n".join(found) if found else f"No name is like `{pattern}`.")

    return search if name == "psearch" else show
