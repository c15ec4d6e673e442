"""How an object is called, found out without running any code of the user's.

``inspect.signature`` asks objects for ``__signature__`` and ``__wrapped__``, evaluates annotations, and its
result shows defaults by their own ``repr``. So a signature is put together here from what functions and
classes have stored, and everything in it is safe to be shown.
"""

from __future__ import annotations

import ast
import functools
import keyword
import re
import sys
import typing
from collections.abc import Iterable
from inspect import Parameter, Signature
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    WrapperDescriptorType,
)
from typing import Any, Final

from ..types.completion import InstanceOf
from .reading import MISSING, class_dict, in_classes, mro_of, own_entry
from .shown import LONGEST, Stored, c_attribute, default_shown, shown_type
from .stand_ins import DraftFunction

# Classes are looked up by their id: a metaclass may have an == and a hash of its own.

#: Implemented in C, all of one kind: they have a text for their signature, or begin their docstring with it.
_IN_C: Final = frozenset(
    map(
        id,
        (
            BuiltinFunctionType,
            ClassMethodDescriptorType,
            MethodDescriptorType,
            MethodWrapperType,
            WrapperDescriptorType,
        ),
    )
)

#: How many wrappers are looked through, one within the other.
_DEEPEST: Final = 16
#: Characters of a docstring in which a signature is looked for.
_LONGEST_DOC: Final = 3_000

_PARAMETER: Final = re.compile(r"(\*{0,2})(\w+)\s*(?::[^=]*)?(?:=\s*(.*))?")

_class_text: Any = type.__dict__["__text_signature__"].__get__


def signature_of(value: object) -> Signature | None:
    """Tell how an object is called; ``None`` if that is not known without running code.

    ``str()`` of the signature runs no code either: annotations are :class:`Stored`, and so are defaults
    that are not numbers, short texts and the like.

    :param value: a function, class, method, partial or another callable object.
    """
    try:
        return _of(value, 0)
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None  # something in it is not what it has to be: who made it may have changed anything


def signature_of_arguments(arguments: ast.arguments, returns: ast.expr | None = None) -> Signature | None:
    """Give the signature of a function that is only defined in a text, not run.

    :param arguments: as parsed, of a ``def`` or ``lambda``.
    :param returns: the annotation of what it returns.
    """
    found: list[Parameter] = []
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    defaults: list[ast.expr | None] = [*([None] * required), *arguments.defaults]
    for number, (each, default) in enumerate(zip(positional, defaults, strict=True)):
        only = number < len(arguments.posonlyargs)
        kind = Parameter.POSITIONAL_ONLY if only else Parameter.POSITIONAL_OR_KEYWORD
        found.append(_of_node(each, kind, default))
    if arguments.vararg is not None:
        found.append(_of_node(arguments.vararg, Parameter.VAR_POSITIONAL, None))
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_of_node(each, Parameter.KEYWORD_ONLY, default))
    if arguments.kwarg is not None:
        found.append(_of_node(arguments.kwarg, Parameter.VAR_KEYWORD, None))
    shown = Signature.empty if returns is None else _of_text_of_annotation(returns)
    try:
        return Signature(found, return_annotation=shown)
    except ValueError:
        return None


def without_first(signature: Signature | None) -> Signature | None:
    """Give a signature without its first positional parameter, as a bound method has it."""
    if signature is None:
        return None
    parameters = list(signature.parameters.values())
    if parameters and parameters[0].kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
        del parameters[0]
    return signature.replace(parameters=parameters)


# -- by what it is ---------------------------------------------------------------------


def _of(value: Any, depth: int) -> Signature | None:
    kind = type(value)
    if depth > _DEEPEST:
        return None
    if kind is FunctionType:
        return _of_wrapper(value, depth) or _of_function(value)
    if kind is MethodType:
        return without_first(_of(value.__func__, depth + 1))
    if kind is staticmethod:
        return _of(value.__func__, depth + 1)
    if kind is classmethod:
        return without_first(_of(value.__func__, depth + 1))
    if id(kind) in _IN_C:
        return _of_c(value)
    if kind is InstanceOf:
        return _of_call(value.kind, depth) if issubclass(type(value.kind), type) else None
    if kind is DraftFunction:
        return signature_of_arguments(value.node.args, getattr(value.node, "returns", None))
    if issubclass(kind, type):
        return _of_class(value, depth)
    if issubclass(kind, functools.partial):
        return _of_partial(value, depth)
    return _of_wrapper(value, depth) or _of_compiled(value) or _of_call(kind, depth) or _of_own_doc(value)


def _of_wrapper(value: Any, depth: int) -> Signature | None:
    """Look through a wrapper, as far as it has stored what it wraps."""
    given = own_entry(value, "__signature__")
    if type(given) is Signature:
        return _shown(given)
    wrapped = own_entry(value, "__wrapped__")
    return None if wrapped is MISSING else _of(wrapped, depth + 1)


def _of_function(function: FunctionType) -> Signature:
    found = _of_code(
        function.__code__,
        function.__defaults__,
        function.__kwdefaults__,
        _annotations(function),
        function.__globals__,
    )
    doc = function.__doc__
    if _is_vague(found) and type(doc) is str and doc.lstrip().startswith(f"{function.__name__}("):
        return _of_doc(doc) or found  # of *args, **kwargs the docstring may tell more
    return found


def _of_compiled(value: Any) -> Signature | None:
    """Give the signature of a function that Cython has compiled: it has a code object as one of Python's."""
    code = c_attribute(value, "__code__")
    if type(code) is not CodeType:
        return None
    defaults = c_attribute(value, "__defaults__")
    keywords = c_attribute(value, "__kwdefaults__")
    return _of_code(code, defaults, keywords, {}, {})


def _of_code(
    code: CodeType,
    defaults: Any,
    keyword_defaults: Any,
    annotations: dict[str, Any],
    names: dict[str, Any],
) -> Signature:
    variables = code.co_varnames
    count, keyword_only = code.co_argcount, code.co_kwonlyargcount
    given = defaults if type(defaults) is tuple else ()
    by_name = _plain_items(keyword_defaults)
    found: list[Parameter] = []

    def add(name: str, kind: Any, default: Any = MISSING) -> None:
        shown = Parameter.empty if default is MISSING else default_shown(default)
        annotation = annotations.get(name, MISSING)
        marked = (
            Parameter.empty if annotation is MISSING else Stored(shown_type(annotation), annotation, names)
        )
        found.append(Parameter(name, kind, default=shown, annotation=marked))

    for number, name in enumerate(variables[:count]):
        only = number < code.co_posonlyargcount
        at = number - (count - len(given))
        kind = Parameter.POSITIONAL_ONLY if only else Parameter.POSITIONAL_OR_KEYWORD
        add(name, kind, given[at] if at >= 0 else MISSING)
    rest = count + keyword_only
    if code.co_flags & 0x04:
        add(variables[rest], Parameter.VAR_POSITIONAL)
        rest += 1
    for name in variables[count : count + keyword_only]:
        add(name, Parameter.KEYWORD_ONLY, by_name.get(name, MISSING))
    if code.co_flags & 0x08:
        add(variables[rest], Parameter.VAR_KEYWORD)
    returned = annotations.get("return", MISSING)
    marked = Signature.empty if returned is MISSING else Stored(shown_type(returned), returned, names)
    return Signature(found, return_annotation=marked)


def _of_partial(value: Any, depth: int) -> Signature | None:
    fields = functools.partial.__dict__
    function, given, named = (fields[name].__get__(value) for name in ("func", "args", "keywords"))
    signature = _of(function, depth + 1)
    if signature is None:
        return None
    named = _plain_items(named)
    left = len(given)
    found: list[Parameter] = []
    by_name_only = False
    for parameter in signature.parameters.values():
        positional = parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        if positional and left:
            left -= 1
            continue
        if parameter.name in named and parameter.kind is not Parameter.VAR_KEYWORD:
            parameter = parameter.replace(default=default_shown(named[parameter.name]))
            by_name_only = True
        if by_name_only and parameter.kind is Parameter.VAR_POSITIONAL:
            continue
        if by_name_only and positional:
            parameter = parameter.replace(kind=Parameter.KEYWORD_ONLY)
        found.append(parameter)
    return signature.replace(parameters=found)


def _of_class(kind: type, depth: int) -> Signature | None:
    typed = typed_keys(kind)
    if typed is not None:
        return Signature([Parameter(name, Parameter.KEYWORD_ONLY) for name in typed])
    vague = None
    if type(kind) is not type:
        vague = _first(in_classes(type(kind), "__call__"), depth)
        if vague is not None and not _is_vague(vague):
            return vague
    for each in mro_of(kind):
        if each is object:
            break
        stored = class_dict(each)
        in_c = False
        for name in ("__init__", "__new__"):
            entry = stored.get(name, MISSING)
            if entry is MISSING:
                continue
            in_c = in_c or id(type(entry)) in _IN_C
            found = _first(entry, depth)
            if found is not None and not _is_vague(found):
                return found
            vague = vague or found
        if in_c:
            return _of_text(_class_text(each), True) or _of_doc(stored.get("__doc__")) or vague
    return Signature() if vague is None else vague


def _first(entry: Any, depth: int) -> Signature | None:
    """Give the signature of a method that a class holds, as it is when it is called."""
    if type(entry) is staticmethod:  # as which __new__ is stored
        entry = entry.__func__
    return without_first(_of(entry, depth + 1)) if type(entry) is FunctionType else None


def _is_vague(signature: Signature) -> bool:
    kinds = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    parameters = signature.parameters.values()
    return bool(parameters) and all(parameter.kind in kinds for parameter in parameters)


def _of_call(kind: type, depth: int) -> Signature | None:
    """Give how the objects of a class are called."""
    entry = in_classes(kind, "__call__")
    if type(entry) is staticmethod:
        return _of(entry, depth + 1)
    return _first(entry, depth)


def typed_keys(kind: Any) -> list[str] | None:
    """Give the keys of a ``TypedDict``; ``None`` if a class is none."""
    modules = (typing, sys.modules.get("typing_extensions"))
    metas = [vars(module).get("_TypedDictMeta") for module in modules if module is not None]
    if not any(type(kind) is meta for meta in metas):
        return None
    stored = class_dict(kind)
    names: set[str] = set()
    for part in ("__required_keys__", "__optional_keys__"):
        found = stored.get(part)
        if type(found) is frozenset:
            names.update(name for name in found if type(name) is str)
    order = list(class_annotations(kind))
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


# -- what is implemented in C ----------------------------------------------------------


def _of_c(value: Any) -> Signature | None:
    # Of an unbound method the object is to be given too; all others are bound already.
    kind = type(value)
    bound = kind is not MethodDescriptorType and kind is not WrapperDescriptorType
    return _of_text(value.__text_signature__, bound) or _of_doc(value.__doc__)


def _of_own_doc(value: Any) -> Signature | None:
    return _of_doc(c_attribute(value, "__doc__"))


def _of_text(text: Any, bound: bool) -> Signature | None:
    return _of_plain_text(text, bound) if type(text) is str else None


@functools.lru_cache(512)
def _of_plain_text(text: str, bound: bool) -> Signature | None:
    text = text.strip()
    if text.startswith("($"):
        text = re.sub(r"\A\(\$\w+(?:, /)?(?:, )?", "(", text) if bound else f"({text[2:]}"
    return _parsed(text) or _forgiven(text[1:-1])


def _of_doc(doc: Any) -> Signature | None:
    """Find a signature at the beginning of a docstring, as C code writes it."""
    if type(doc) is not str:
        return None
    doc = doc[:_LONGEST_DOC].lstrip()
    match = re.match(r"[\w.]*\w(?=\()", doc)
    if match is None:
        return None
    depth = 0
    for at in range(match.end(), len(doc)):
        if doc[at] in "([{":
            depth += 1
        elif doc[at] in ")]}":
            depth -= 1
            if not depth:
                inside = " ".join(doc[match.end() + 1 : at].split())
                return _forgiven(inside)
    return None


def _parsed(text: str) -> Signature | None:
    """Read a signature that is Python."""
    text = text.replace("<unrepresentable>", "...")
    try:
        made = ast.parse(f"def f{text}: pass").body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return signature_of_arguments(made.args, made.returns) if isinstance(made, ast.FunctionDef) else None


def _forgiven(text: str) -> Signature | None:
    """Read a signature that is nearly Python, such as ``object, name[, default]``.

    A parameter without a default may be given by its place alone: C code often takes it so.
    """
    found: dict[str, Parameter] = {}
    kind: Any = Parameter.POSITIONAL_ONLY
    had_default = False
    for piece, optional in _pieces(text):
        if piece == "/":
            continue
        if piece == "*":
            kind = Parameter.KEYWORD_ONLY
            continue
        match = _PARAMETER.fullmatch(piece)
        if match is None or not match[2].isidentifier() or keyword.iskeyword(match[2]) or match[2] in found:
            continue
        stars, name, default = match.groups()
        if stars:
            # An invented kind would come behind **, where none may.
            if not any(each.kind is Parameter.VAR_KEYWORD for each in found.values()):
                star = Parameter.VAR_POSITIONAL if stars == "*" else Parameter.VAR_KEYWORD
                if star is Parameter.VAR_KEYWORD or kind is not Parameter.KEYWORD_ONLY:
                    found[name] = Parameter(name, star)
                kind = Parameter.KEYWORD_ONLY
            continue
        if any(each.kind is Parameter.VAR_KEYWORD for each in found.values()):
            break
        if default is not None and kind is Parameter.POSITIONAL_ONLY:
            kind = Parameter.POSITIONAL_OR_KEYWORD
        shown: Any = Parameter.empty
        if default is not None:
            shown = _of_text_of_default(default)
        elif optional or (had_default and kind is not Parameter.KEYWORD_ONLY):
            shown = Stored("...")
        had_default = had_default or shown is not Parameter.empty
        found[name] = Parameter(name, kind, default=shown)
    return Signature(list(found.values())) if found or not text.strip() else None


def _pieces(text: str) -> Iterable[tuple[str, bool]]:
    """Split parameters at their commas; also tell of each whether it stands in brackets, as optional."""
    piece, quote = "", ""
    depth = optional = began_in = 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "({" or (character == "[" and "=" in piece and text[at + 1 : at + 2] != ","):
            depth += 1
        elif character in ")}" or (character == "]" and depth):
            depth -= 1
        elif character == "[":
            optional += 1
            began_in = began_in if piece.strip() else optional
            continue
        elif character == "]":
            optional -= 1
            continue
        elif character == "," and not depth:
            if piece.strip():
                yield piece.strip(), began_in > 0
            piece, began_in = "", optional
            continue
        piece += character
    if piece.strip():
        yield piece.strip(), began_in > 0


# -- what somebody has stored ----


def _shown(signature: Signature) -> Signature:
    """Make a signature that somebody has stored safe to be shown."""
    found: list[Parameter] = []
    for parameter in signature.parameters.values():
        if type(parameter) is not Parameter:
            raise TypeError("a parameter of a kind of its own")
        default, annotation = parameter.default, parameter.annotation
        if default is not Parameter.empty:
            default = default_shown(default)
        if annotation is not Parameter.empty:
            annotation = Stored(shown_type(annotation), annotation)
        found.append(Parameter(parameter.name, parameter.kind, default=default, annotation=annotation))
    returned = signature.return_annotation
    if returned is not Signature.empty:
        returned = Stored(shown_type(returned), returned)
    return Signature(found, return_annotation=returned)


# -- what is stored --------------------------------------------------------------------


def _plain_items(table: Any) -> dict[str, Any]:
    """Read a dict whose keys may be anything."""
    if not issubclass(type(table), dict):
        return {}
    try:
        items = list(dict.items(table))
    except RuntimeError:  # it changed meanwhile
        return {}
    return {key: value for key, value in items if type(key) is str}


def _annotations(function: FunctionType) -> dict[str, Any]:
    # From Python 3.14 on they are computed when they are first asked for, unless they are texts.
    if sys.version_info >= (3, 14) and function.__annotate__ is not None:
        return {}
    return _plain_items(function.__annotations__)


def class_annotations(kind: type) -> dict[str, Any]:
    """Give the annotations that a class has stored, those of its bases not among them."""
    stored = class_dict(kind)
    return _plain_items(stored.get("__annotations__") or stored.get("__annotations_cache__"))


# -- what is only written --------------------------------------------------------------


def _of_node(node: ast.arg, kind: Any, default: ast.expr | None) -> Parameter:
    return Parameter(
        node.arg,
        kind,
        default=Parameter.empty if default is None else _of_text_of_default(default),
        annotation=Parameter.empty if node.annotation is None else _of_text_of_annotation(node.annotation),
    )


def _written(node: ast.expr) -> str:
    return ast.unparse(node)


def _of_text_of_annotation(node: ast.expr) -> Stored:
    text = node.value if isinstance(node, ast.Constant) and type(node.value) is str else _written(node)
    return Stored(text if len(text) <= LONGEST else "...", text)


def _of_text_of_default(default: ast.expr | str) -> Any:
    text = default if isinstance(default, str) else _written(default)
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return Stored(text if len(text) <= LONGEST else "...")
    return default_shown(value)
