"""The values that an annotation leaves to choose from: those of ``Literal``, the members of an Enum.

Annotations are read as they are stored, or as they are written; none is evaluated.
"""

from __future__ import annotations

import ast
import enum
import re
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ipcore.types.completion import Objects

#: How many names and brackets are looked through, one within the other.
_DEEPEST: Final = 12

#: Of these the parts in brackets are alternatives, or say what is meant.
_OPEN: Final = frozenset(
    ("Union", "Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "InitVar")
)

#: Lines that an expression may have.
_MOST_LINES: Final = 30


class Choices:
    """What may be chosen."""

    __slots__ = ("members", "values")

    def __init__(self) -> None:
        #: Values that can be written as literals, in the order of the annotation.
        self.values: dict[tuple[type, Any], Any] = {}
        #: What stands for the members of Enums, such as ``Colour.RED``.
        self.members: dict[str, None] = {}

    def add(self, value: Any) -> None:
        """Add a value; others than those that ``Literal`` takes are passed by."""
        kind = type(value)
        if kind is str or kind is bytes or kind is int or kind is bool or value is None:
            self.values.setdefault((kind, value), value)


class Reader:
    """Reads annotations for one request.

    :param objects: the user's.
    :param before: the earlier lines of the cell.
    """

    def __init__(self, objects: Objects, before: str) -> None:
        self._objects = objects
        self._before = before
        self.found = Choices()

    # -- annotations that are objects --------------------------------------------

    def read(self, annotation: Any, names: Any = None, depth: int = _DEEPEST) -> None:
        """Take up what an annotation leaves to choose from.

        :param annotation: an object, or the text of an annotation.
        :param names: the global names of where a text comes from; by default the user's.
        """
        from ipcore.completion.shown import alias_parts

        kind = type(annotation)
        if not depth:
            return
        if kind is str:
            node = expression(annotation)
            if node is not None:
                self._read_node(node, names, depth - 1)
            return
        parts = alias_parts(annotation)
        if parts is None:
            self._read_class(annotation)
            return
        name, arguments = parts
        for each in arguments:
            if name == "Literal":
                self.found.add(each)
                self._read_member(each)
            elif name in _OPEN:
                self.read(_referred(each), names, depth - 1)

    def _read_class(self, kind: Any, written: str = "") -> None:
        members = members_of(kind)
        if members:
            prefix = written or self._name_of(kind)
            self.found.members.update(dict.fromkeys(f"{prefix}.{name}" for name in members if prefix))

    def _read_member(self, member: Any) -> None:
        from ipcore.completion.shown import own_name

        kind = type(member)
        prefix = self._name_of(kind) if members_of(kind) else ""
        name = own_name(member)
        if prefix and name:
            self.found.members.setdefault(f"{prefix}.{name}")

    def _name_of(self, kind: type) -> str:
        """Give the expression by which the user may name a class; empty if there is none."""
        from ipcore.completion.shown import qualified_names

        for name in qualified_names(kind):
            found, value = self._objects.find(name, self._before)
            if found and value is kind:
                return name
        return ""

    # -- annotations that are written --------------------------------------------

    def _read_node(self, node: ast.expr, names: Any, depth: int) -> None:
        if not depth:
            return
        if isinstance(node, ast.Constant) and type(node.value) is str:
            self.read(node.value, names, depth - 1)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            self._read_name(node, names, depth)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            self._read_node(node.left, names, depth - 1)
            self._read_node(node.right, names, depth - 1)
        elif isinstance(node, ast.Subscript):
            base = ast.unparse(node.value).rpartition(".")[2]
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if base == "Annotated":
                parts = parts[:1]
            for part in parts:
                if base == "Literal":
                    self._read_literal(part, names, depth)
                elif base in _OPEN:
                    self._read_node(part, names, depth - 1)

    def _read_literal(self, node: ast.expr, names: Any, depth: int) -> None:
        if isinstance(node, ast.Attribute):
            self.found.members.setdefault(ast.unparse(node))
            return
        if isinstance(node, (ast.Name, ast.Subscript)):  # another Literal in it
            self._read_node(node, names, depth - 1)
            return
        try:
            self.found.add(ast.literal_eval(node))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return

    def _read_name(self, node: ast.expr, names: Any, depth: int) -> None:
        written = ast.unparse(node)
        if names is None and self._before:
            assigned = assigned_in(self._before, written)
            if assigned is not None:
                self._read_node(assigned, names, depth - 1)
                return
            members = members_in(self._before, written)
            if members:
                self.found.members.update(dict.fromkeys(f"{written}.{name}" for name in members))
                return
        found, value = self._resolve(written, names)
        if not found:
            return
        if members_of(value):
            self._read_class(value, written if names is None else "")
        else:
            self.read(value, names, depth - 1)

    def _resolve(self, written: str, names: Any) -> tuple[bool, Any]:
        if names is None:
            return self._objects.find(written, self._before)
        first, *rest = written.split(".")
        value = entry(names, first)
        found = value is not None
        for name in rest:
            if found:
                found, value = self._objects.attribute(value, name)
        return found, value


# -- objects ---------------------------------------------------------------------------


def members_of(kind: Any) -> list[str]:
    """Give the names of the members of an Enum; empty if a class is none."""
    from ipcore.completion.shown import entry_of_class, is_made_by

    if not is_made_by(kind, enum.EnumMeta):
        return []
    names = entry_of_class(kind, "_member_names_")
    return [name for name in names if type(name) is str] if type(names) is list else []


def entry(table: Any, name: str) -> Any:
    """Give what a table of names has under one; ``None`` if it is no plain ``dict``, or has none such."""
    if type(table) is not dict:
        return None
    try:
        return next((value for key, value in table.items() if type(key) is str and key == name), None)
    except RuntimeError:  # it changed meanwhile
        return None


def globals_of(kind: Any) -> Any:
    """Give the global names that the body of a class has seen; ``None`` if its module is not loaded."""
    from ipcore.completion.shown import entry_of_class

    module = sys.modules.get(name) if type(name := entry_of_class(kind, "__module__")) is str else None
    return vars(module) if type(module) is type(sys) else None


def _referred(annotation: Any) -> Any:
    """Give the text of a forward reference, and others as they are."""
    from ipcore.completion.shown import c_attribute

    text = c_attribute(annotation, "__forward_arg__")
    return text if type(text) is str else annotation


# -- texts -----------------------------------------------------------------------------


def expression(text: str) -> ast.expr | None:
    """Parse an expression; ``None`` if it is none."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def expression_at(text: str, at: int, end: str = "\n") -> ast.expr | None:
    """Parse the expression that begins at a place of a text, and may go on over several lines.

    :param end: what it ends before, at the first place where it is whole.
    """
    stop = at
    for _ in range(_MOST_LINES):
        stop = text.find(end, stop)
        if stop < 0:
            return expression(text[at:])
        node = expression(text[at:stop])
        if node is not None:
            return node
        stop += 1
    return None


def assigned_in(before: str, name: str) -> ast.expr | None:
    """Give what earlier lines of the cell assign to a name, as written: an alias, perhaps."""
    if name not in before:
        return None
    pattern = rf"^[ \t]*(?:type[ \t]+)?{re.escape(name)}[ \t]*(?::[^=\n]+)?=(?!=)"
    last = None
    for last in re.finditer(pattern, before, re.MULTILINE):  # noqa: B007
        pass
    return None if last is None else expression_at(before, last.end())


def members_in(before: str, name: str) -> list[str]:
    """Give the members of an Enum that earlier lines of the cell define."""
    if name not in before:
        return []
    lines = before.splitlines()
    head = re.compile(rf"([ \t]*)class[ \t]+{re.escape(name)}[ \t]*\([^)]*(?:Enum|Flag)\b[^)]*\)[ \t]*:")
    found: dict[str, None] = {}
    for number, line in enumerate(lines):
        match = head.match(line)
        if match is None:
            continue
        found, inner = {}, None
        for each in lines[number + 1 :]:
            if not each.strip():
                continue
            indent = len(each) - len(each.lstrip())
            if indent <= len(match[1]):
                break
            inner = indent if inner is None else inner
            names = re.match(r"\s*([^\W\d_]\w*)[ \t]*=(?!=)", each)
            if names is not None and indent == inner:
                found[names[1]] = None
    return list(found)


def annotation_in(before: str, name: str) -> str | None:
    """Give the annotation that earlier lines of the cell give a name, as written.

    That of a variable, or of a parameter of the function around the cursor.
    """
    if name not in before:
        return None
    node: ast.expr | None = None
    at = -1
    for match in re.finditer(rf"^[ \t]*{re.escape(name)}[ \t]*:(?!=)", before, re.MULTILINE):
        read = _annotation_at(before, match.end())
        if read is not None:
            node, at = read, match.start()
    for match in re.finditer(r"^[ \t]*(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(", before, re.MULTILINE):
        if match.start() > at:
            node = _of_parameter(before, match, name) or node
    return None if node is None else ast.unparse(node)


def _annotation_at(text: str, at: int) -> ast.expr | None:
    """Parse an annotation, behind which ``= value`` may stand."""
    stop = at
    for _ in range(_MOST_LINES):
        stop = text.find("\n", stop)
        line = text[at:] if stop < 0 else text[at:stop]
        try:
            made = ast.parse(f"_: {line.strip()}").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            made = []
        if len(made) == 1 and isinstance(made[0], ast.AnnAssign):
            return made[0].annotation
        if stop < 0:
            return None
        stop += 1
    return None


def _of_parameter(text: str, head: re.Match[str], name: str) -> ast.expr | None:
    stop = head.end()
    for _ in range(_MOST_LINES):
        stop = text.find(")", stop)
        if stop < 0:
            return None
        stop += 1
        try:
            made = ast.parse(f"def _({text[head.end() : stop]}: pass").body[0]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        given = made.args if isinstance(made, ast.FunctionDef) else None
        every = [] if given is None else [*given.posonlyargs, *given.args, *given.kwonlyargs]
        return next((each.annotation for each in every if each.arg == name), None)
    return None
