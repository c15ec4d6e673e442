"""What an object is, as records for programs: the kernel, extensions, completers."""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from .component import Component
from .saferepr import cut, safe_repr, type_name

if TYPE_CHECKING:
    from .shell import InteractiveShell

#: The fields of a record, all ``None`` if they say nothing, but for the last five.
FIELDS: Final = (
    "type_name",
    "base_class",
    "string_form",
    "namespace",
    "length",
    "file",
    "definition",
    "docstring",
    "source",
    "init_definition",
    "class_docstring",
    "init_docstring",
    "call_def",
    "call_docstring",
    "subclasses",
)

#: Characters of ``string_form``.
_LONGEST: Final = 200

#: Types whose ``len`` and ``repr`` are not the user's code.
_BUILTIN: Final = (str, bytes, bytearray, list, tuple, dict, set, frozenset, range)


_nothing: Any = object()


class ObjectInformation(Component):
    """Answers what names stand for. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent

    def object_inspect(self, oname: str, detail_level: int = 0) -> dict[str, Any]:
        """Give what is known of the object that a dotted name stands for.

        Runs no property; an object whose own methods fail has fewer facts.

        :param detail_level: 1 for the source too.
        :returns: the fields of :data:`ipcore.object_information.FIELDS`, and ``found``, ``name``,
            ``ismagic``, ``isalias``, ``isclass``.
        """
        record: dict[str, Any] = dict.fromkeys(FIELDS)
        record.update(ismagic=False, isalias=False, isclass=False, found=False, name=oname)
        name = oname.strip()
        first = name.lstrip("%").partition(".")[0]
        shell = self._shell
        alias = None if first in shell.user_ns else shell.aliases.get(name.lstrip("%"))
        if alias is not None and name.lstrip("%") not in shell.magics.names("line"):
            record.update(
                found=True,
                isalias=True,
                namespace="Alias",
                docstring=f"Alias to the system command:\n  {alias}",
            )
            record.update(type_name="Alias", string_form=alias)
            return record
        found, value = find(shell, name)
        if not found:
            return record
        magic = name.startswith("%") or (first not in shell.user_ns and _is_magic(shell, name))
        record.update(found=True, ismagic=magic, isclass=of_type(value, type))
        record["namespace"] = (
            "IPython internal" if magic else "Interactive" if first in shell.user_ns else "Builtin"
        )
        _describe(record, value, first if magic else name.rpartition(".")[2])
        if detail_level:
            record["source"] = _try(lambda: inspect.getsource(inspect.unwrap(value)))
        return record

    def object_inspect_text(self, oname: str, detail_level: int = 0) -> str:
        """Give what is known of an object as text, as the inspector part writes it.

        :raises KeyError: if there is no such object.
        """
        if not self.object_inspect(oname)["found"]:
            raise KeyError(oname)
        return str(self._shell.inspector.describe(oname.strip(), detail=bool(detail_level)))

    def object_inspect_mime(
        self, oname: str, detail_level: int = 0, omit_sections: Iterable[str] = ()
    ) -> dict[str, str]:
        """Give what is known of an object by MIME type; at least ``text/plain``.

        :param omit_sections: makes no difference to the plain text.
        :raises KeyError: if there is no such object.
        """
        return {"text/plain": self.object_inspect_text(oname, detail_level)}


def find(shell: InteractiveShell, name: str) -> tuple[bool, Any]:
    """Tell whether a dotted name or a magic is there, and what it stands for; runs no property.

    :param name: for example ``os.path.join``, ``%magic``, ``%%magic``, ``magic``.
    """
    if name.startswith("%"):
        return _magic(
            shell, name.lstrip("%"), ("cell", "line") if name.startswith("%%") else ("line", "cell")
        )
    first, *rest = name.split(".")
    tables = (shell.user_ns, vars(builtins))
    value = next((table[first] for table in tables if first in table), _nothing)
    for part in rest:
        if value is _nothing:
            break
        try:
            # Statically, so that no property runs; a module's own names are plain.
            value = vars(value)[part] if of_type(value, ModuleType) else inspect.getattr_static(value, part)
        except (AttributeError, KeyError, TypeError):
            value = _nothing
    if value is not _nothing:
        return True, value.__func__ if of_type(value, staticmethod, classmethod) else value
    return (False, None) if rest else _magic(shell, first, ("line", "cell"))


def _magic(shell: InteractiveShell, name: str, kinds: tuple[str, ...]) -> tuple[bool, Any]:
    for kind in kinds:
        function = shell.magics.find_magic(name, kind)
        if function is not None:
            return True, function
    return False, None


def of_type(value: object, *kinds: type) -> bool:
    """Tell whether a value is of one of some types, without asking the value, as ``isinstance`` does."""
    return issubclass(type(value), kinds)


def _is_magic(shell: InteractiveShell, name: str) -> bool:
    return name in shell.magics.names("line") or name in shell.magics.names("cell")


def _describe(record: dict[str, Any], value: Any, name: str) -> None:
    kind = type(value)
    record["type_name"] = type_name(kind)
    record["base_class"] = _try(lambda: str(kind))
    record["string_form"] = cut(value, _LONGEST) if type(value) is str else safe_repr(value, _LONGEST)
    record["docstring"] = _text(lambda: inspect.getdoc(value))
    record["file"] = _try(lambda: inspect.getfile(inspect.unwrap(value)))
    if of_type(value, *_BUILTIN):
        record["length"] = _try(lambda: str(len(value)))
    if of_type(value, type):
        record["init_definition"] = _signature(value, name)
        record["init_docstring"] = _text(lambda: _own_doc(vars(value).get("__init__")))
        record["subclasses"] = _try(lambda: _names_of(type.__subclasses__(value)))
    elif _try(lambda: inspect.isroutine(value)):
        record["definition"] = _signature(value, name)
    else:
        class_doc = _text(lambda: inspect.getdoc(kind))
        record["class_docstring"] = class_doc if class_doc != record["docstring"] else None
        record["init_docstring"] = _text(lambda: _own_doc(kind.__init__))
        call = inspect.getattr_static(kind, "__call__", None)
        if call is not None:
            record["call_def"] = _signature(value, name)
            record["call_docstring"] = _text(lambda: _own_doc(call))


def _own_doc(function: Any) -> str | None:
    """Give the docstring of a method, but not the one that all classes inherit."""
    doc = inspect.getdoc(function) if function is not None else None
    return None if doc in (object.__init__.__doc__, type.__call__.__doc__) else doc


def _names_of(classes: list[type]) -> str:
    return ", ".join(each.__name__ for each in classes)


def _signature(value: Any, name: str) -> str | None:
    return _text(lambda: f"{name}{inspect.signature(value)}")


def _text(read: Callable[[], Any]) -> str | None:
    found = _try(read)
    return found if isinstance(found, str) else None


def _try(read: Callable[[], Any]) -> Any:
    """Read a fact; an object that does not let it be read has none."""
    try:
        return read()
    except Exception:  # the object's own methods may raise anything
        return None
