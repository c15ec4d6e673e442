"""What completion does to the user's objects, by policy: each access is counted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from traitlets import TraitError
from traitlets.config import Config

from ipcore.completion.objects import ShellObjects
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell

#: Objects that count in ``seen`` what of theirs is called. Each gives something of use, so that
#: whoever calls it goes on, and calls more.
COUNTING = """
import collections, dataclasses, enum, functools, types, typing
seen = []

def counting(name, value=None):
    def run(*arguments, **named):
        seen.append(name)
        return value
    return run

class Property:
    prop = property(counting("property", "text"))
    cached = functools.cached_property(counting("cached property", "text"))
    def method(self): seen.append("method"); return "text"
    def __init__(self): self.own = "text"

class GetAttr:
    __getattr__ = counting("__getattr__", "text")

class GetAttribute:
    def __getattribute__(self, name):
        seen.append("__getattribute__")
        return object.__getattribute__(self, name)
    inside = "text"

class DataDescriptor:
    __get__ = counting("data descriptor", "text")
    __set__ = counting("data descriptor's set")
    __set_name__ = lambda *arguments: None

class PlainDescriptor:
    __get__ = counting("descriptor", "text")

class AttributesOfDescriptor:
    def __getattribute__(self, name):
        seen.append("descriptor's attribute")
        return object.__getattribute__(self, name)

class Descriptors:
    data = DataDescriptor()
    plain = PlainDescriptor()
    looked_at = AttributesOfDescriptor()

class Dir:
    def __dir__(self): seen.append("__dir__"); return ["one", "two"]

class Class:
    __class__ = property(counting("__class__", str))

class Special:
    __len__ = counting("__len__", 3)
    __bool__ = counting("__bool__", True)
    __iter__ = lambda self: seen.append("__iter__") or iter([1])
    __getitem__ = counting("__getitem__", "text")
    __contains__ = counting("__contains__", True)
    __repr__ = counting("__repr__", "shown")
    __str__ = counting("__str__", "shown")
    __eq__ = counting("__eq__", True)
    __hash__ = counting("__hash__", 1)
    __lt__ = __gt__ = counting("__lt__", True)
    __add__ = __radd__ = counting("__add__", "text")
    __neg__ = counting("__neg__", 1)
    __index__ = counting("__index__", 0)
    __call__ = counting("__call__", "text")
    __enter__ = counting("__enter__", "text")
    __length_hint__ = counting("__length_hint__", 1)
    __sizeof__ = counting("__sizeof__", 1)
    __format__ = counting("__format__", "text")
    __fspath__ = counting("__fspath__", "text")
    keys = counting("keys", ["one"])

class Meta(type):
    def __getattribute__(cls, name):
        seen.append("metaclass's __getattribute__")
        return type.__getattribute__(cls, name)
    __getattr__ = counting("metaclass's __getattr__", "text")
    __dir__ = lambda cls: seen.append("metaclass's __dir__") or ["one"]
    __eq__ = lambda cls, other: seen.append("metaclass's __eq__") or cls is other
    __hash__ = lambda cls: seen.append("metaclass's __hash__") or 1
    __instancecheck__ = counting("__instancecheck__", True)
    __subclasscheck__ = counting("__subclasscheck__", True)
    __call__ = lambda cls, *a: seen.append("metaclass's __call__") or type.__call__(cls, *a)
    __getitem__ = counting("metaclass's __getitem__", "text")
    __repr__ = counting("metaclass's __repr__", "shown")
    __len__ = counting("metaclass's __len__", 1)
    __iter__ = lambda cls: seen.append("metaclass's __iter__") or iter([1])
    __bool__ = counting("metaclass's __bool__", True)
    __or__ = __ror__ = counting("metaclass's __or__", "text")
    data = DataDescriptor()
    plain = PlainDescriptor()
    prop = property(counting("metaclass's property", "text"))
    __mro__ = property(lambda cls: seen.append("__mro__") or type.__mro__.__get__(cls))
    __dict__ = property(lambda cls: seen.append("metaclass's __dict__") or {})
    __signature__ = property(counting("metaclass's __signature__"))

class OfMeta(metaclass=Meta):
    def method(self, first, second=1): seen.append("method")

class Documented:
    __doc__ = property(counting("__doc__", "text"))
    __module__ = property(counting("__module__", "pandas"))

class Key:
    def __init__(self, name): self.name = name
    def __eq__(self, other): seen.append("key's __eq__"); return self.name == getattr(other, "name", other)
    def __hash__(self): seen.append("key's __hash__"); return hash(self.name)
    def __repr__(self): seen.append("key's __repr__"); return self.name

class TextKey(str):
    def __eq__(self, other): seen.append("text key's __eq__"); return str.__eq__(self, other)
    def __hash__(self): seen.append("text key's __hash__"); return str.__hash__(self)
    def startswith(self, *a): seen.append("text key's startswith"); return str.startswith(self, *a)

class Dict(dict):
    __getitem__ = counting("dict's __getitem__", "text")
    __missing__ = counting("dict's __missing__", "text")
    __iter__ = lambda self: seen.append("dict's __iter__") or dict.__iter__(self)
    __len__ = counting("dict's __len__", 1)
    __contains__ = counting("dict's __contains__", True)
    keys = lambda self: seen.append("dict's keys") or dict.keys(self)
    get = counting("dict's get", "text")
    items = lambda self: seen.append("dict's items") or dict.items(self)

class Missing(dict):
    __missing__ = counting("__missing__", "text")

class List(list):
    __getitem__ = counting("list's __getitem__", "text")
    __iter__ = lambda self: seen.append("list's __iter__") or list.__iter__(self)
    __len__ = counting("list's __len__", 1)
    __add__ = counting("list's __add__", "text")

class Text(str):
    upper = counting("text's upper", "TEXT")
    __getitem__ = counting("text's __getitem__", "t")
    __add__ = counting("text's __add__", "text")
    __len__ = counting("text's __len__", 1)
    __str__ = counting("text's __str__", "text")
    __format__ = counting("text's __format__", "text")

class Number(int):
    __add__ = __radd__ = counting("number's __add__", 1)
    __pow__ = __rpow__ = counting("number's __pow__", 1)
    __index__ = counting("number's __index__", 0)
    __bool__ = counting("number's __bool__", True)
    __eq__ = counting("number's __eq__", True)
    __hash__ = counting("number's __hash__", 1)

class Ask:
    def _ipython_display_(self): seen.append("_ipython_display_")
    _repr_html_ = counting("_repr_html_", "")

def function(first, second=Special(), *, third: Special() = Property()):
    seen.append("function")
    return "text"
function.__signature__ = Special()
class Wrapper:
    __wrapped__ = property(counting("__wrapped__", function))
    __signature__ = property(counting("__signature__", None))
    __name__ = property(counting("__name__", "name"))
    __text_signature__ = property(counting("__text_signature__", "(a)"))
    __annotations__ = property(counting("__annotations__", {}))
    def __call__(self, first): seen.append("__call__")
class OwnDict:
    __dict__ = property(lambda self: seen.append("__dict__") or {})
    __slots__ = ("slot", "empty")
class Module(types.ModuleType):
    def __getattribute__(self, name):
        seen.append("module's __getattribute__")
        return types.ModuleType.__getattribute__(self, name)
    __dir__ = lambda self: seen.append("module's __dir__") or []
    __dict__ = property(lambda self: seen.append("module's __dict__") or {})
class Iterated:
    def __iter__(self) -> typing.Iterator[str]: seen.append("__iter__"); return iter(["a"])
    def __next__(self) -> str: seen.append("__next__"); return "a"
    def __enter__(self) -> str: seen.append("__enter__"); return "a"
    def __exit__(self, *a): seen.append("__exit__")
class Returned:
    def __init__(self): pass
    def method(self) -> "Returned": seen.append("method"); return self
    @property
    def told(self) -> "list[Returned]": seen.append("told"); return [self]
class Partial(functools.partial):
    func = property(counting("partial's func", function))
    keywords = property(counting("partial's keywords", {}))

@dataclasses.dataclass
class Data:
    field: int = 1
    other: list = dataclasses.field(default_factory=counting("default factory", []))
    lazy = property(counting("data's property"))

class Same:  # claims to be what it is not
    __module__ = "pandas"
    __qualname__ = "DataFrame"
    columns = property(counting("false columns", ["one"]))
    __getitem__ = counting("false __getitem__", "text")
    __dir__ = lambda self: seen.append("false __dir__") or []
Same.__name__ = "DataFrame"

prop, getattr_, getattribute, descriptors, dir_ = Property(), GetAttr(), GetAttribute(), Descriptors(), Dir()
class_, special, of_meta, Meta_, documented = Class(), Special(), OfMeta(), OfMeta, Documented()
keyed = {Key("one"): {"inner": 1}, "plain": [1], (Key("two"), 1): 2, TextKey("three"): 3, 4: 5}
text_keyed = {TextKey("one"): 1}
mapping = types.SimpleNamespace(**{TextKey("one"): 1, "two": 2})
dict_, missing, list_ = Dict(one={"inner": 1}), Missing(one=1), List([[1], 2])
text, number, ask, wrapper, own = Text("text"), Number(5), Ask(), Wrapper(), OwnDict()
module, iterated, returned = Module("module"), Iterated(), Returned()
types.ModuleType.__dict__["__dict__"].__get__(module)["inside"] = special
own.slot = special
partial, data, same = Partial(function, second=1), Data(), Same()
tuple_ = (special, prop, getattr_)
holder = {"special": special, "prop": prop, "meta": of_meta}
alias = types.GenericAlias(list, (OfMeta,))
default = collections.defaultdict(counting("default factory", 1), one=1)
ordered = collections.OrderedDict(one=special)
chained = collections.ChainMap(dict_, keyed)
bound = returned.method
seen.clear()
"""

NAMES = (
    *("prop", "getattr_", "getattribute", "descriptors", "dir_", "class_", "special", "of_meta", "Meta_"),
    *("documented", "keyed", "text_keyed", "mapping", "dict_", "missing", "list_", "text", "number", "ask"),
    *("wrapper", "own", "module", "iterated", "returned", "partial", "data", "same", "tuple_", "holder"),
    *("alias", "default", "ordered", "chained", "bound", "function", "Property", "Meta", "Data", "Key"),
)

#: What is typed behind each name, or round it.
AROUND = (
    *("{}", "{}.", "{}._", "{}.prop.", "{}.cached.", "{}.data.", "{}.plain.", "{}.looked_at."),
    *("{}.inside.", "{}.one.", "{}.slot.", "{}.empty.", "{}.method.", "{}.method().", "{}.told."),
    *("{}.told[0].", "{}.field.", "{}.columns.", "{}.__class__.", "{}.__dict__.", "{}.__doc__."),
    *("{}.__signature__.", "{}.__annotations__.", "{}.__wrapped__.", "{}.__mro__.", "{}.__module__."),
    *("{}.__name__.", "{}().", "{}(1)(2).", "{}('', ", "{}[0].", "{}['one'].", "{}['", "{}["),
    *("{}['one']['", "{}['plain'][0].", "{}[4].", "{}[special].", "{}[0:1].", "{}['special']."),
    *("{}['special'] + 1", "({} + {}).", "({} + 1).", "(1 + {}).", "({} * 2).", "({} ** {})."),
    *("({} == {}).", "({} < 1).", "(-{}).", "(not {}).", "({} and 1).", "({} or 1)."),
    *("({} if {} else 1).", "(1 in {}).", "({} in {}).", "[*{}][0].", "[x for x in {}][0]."),
    *("{{**{}}}['", "{{{}: 1}}[", "{{{}}}.", "{{1: 2}}[{}].", "[1, 2][{}].", "'abc'[{}]."),
    *("'a'.join({}).", "'%s' % {}.", "f'{{{}}}'.", "'abc'.find({}).", "len({}).", "str({})."),
    *("list({})[0].", "dict({})['", "sorted({})[0].", "type({}).", "iter({}).", "next({})."),
    *("enumerate({}).", "max({}).", "abs({}).", "{}.upper().", "{}.get('one').", "{}.keys()."),
    *("{}.items().", "super({}).", "isinstance({}, ", "print({}, ", "{}(first", "lambda: {}."),
    *("await {}.", "(y := {}).", "x = {}\nx.", "for x in {}:\n    x.", "for x, y in {}:\n    x."),
    *("with {} as x:\n    x.", "x, *y = {}\nx.", "x = {}()\nx.", "x: {}\nx.", "x: 'list[{}]'\nx[0]."),
    *("x: {} | None\nx.", "class C({}): pass\nC().", "x += {}\nx.", "def f() -> {}: ...\nf()."),
    *("def f(a: {}, b={}):\n    a.", "@{}\ndef f(): ...\nf().", "from {} import *\nx."),
    *("try: pass\nexcept {} as e:\n    e.", "match {}:\n    case {}(x):\n        x.", "del {}\n{}."),
    "async with {} as x:\n    x.",
)


@pytest.fixture
def counted(shell: InteractiveShell) -> InteractiveShell:
    assert shell.run_cell(COUNTING).success
    return shell


def ask_everything(objects: ShellObjects, name: str) -> None:
    """Ask all that a provider may ask of one name."""
    for around in AROUND:
        before, _, line = around.format(*[name] * 3).rpartition("\n")
        expression = line.strip().rstrip(".[('\", ")
        found, value = objects.find(expression, before + "\n" if before else "")
        if found:
            look_at(objects, value)


def look_at(objects: ShellObjects, value: Any) -> None:
    for attribute in objects.attributes(value):
        objects.type_of_attribute(value, attribute)
        found, inner = objects.attribute(value, attribute)
        if found:
            objects.signature(inner)
            objects.type_of(inner)
    objects.keys(value)
    objects.signature(value)
    objects.type_of(value)


@pytest.mark.parametrize("policy", ["static", "safe"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_users_is_called(counted: InteractiveShell, policy: Any, name: str) -> None:
    seen = counted.user_ns["seen"]
    ask_everything(ShellObjects(counted, policy), name)
    assert seen == []


@pytest.mark.parametrize("policy", ["static", "safe"])
def test_nothing_of_the_users_is_called_by_whole_completions(counted: InteractiveShell, policy: str) -> None:
    seen = counted.user_ns["seen"]
    counted.completer.policy = policy
    for name in NAMES:
        for around in AROUND:
            text = around.format(*[name] * 3)
            counted.completer.completions(text)
            assert seen == [], text


#: What ``live`` is seen to call: an expression, and what that counts.
CALLED = {
    "prop.prop": "property",
    "prop.cached": "cached property",
    "getattr_.anything": "__getattr__",
    "getattribute.inside": "__getattribute__",
    "descriptors.data": "data descriptor",
    "descriptors.plain": "descriptor",
    "special[0]": "__getitem__",
    "special + 1": "__add__",
    "-special": "__neg__",
    "special == 1": "__eq__",
    "special()": "__call__",
    "Meta_.prop": "metaclass's property",
    "missing['nowhere']": "__missing__",
    "dict_['one']": "dict's __getitem__",
    "list_[0]": "list's __getitem__",
    "prop.method()": "method",
    "function(1)": "function",
}


@pytest.mark.parametrize(("expression", "called"), CALLED.items())
def test_live_calls_what_is_typed(counted: InteractiveShell, expression: str, called: str) -> None:
    seen = counted.user_ns["seen"]
    for policy in ("static", "safe"):
        ShellObjects(counted, policy).find(expression)
        assert seen == []
    found, _ = ShellObjects(counted, "live").find(expression)
    assert found
    assert called in seen


def test_live_asks_an_object_for_its_attributes(counted: InteractiveShell) -> None:
    seen = counted.user_ns["seen"]
    value = counted.user_ns["dir_"]
    assert "one" not in ShellObjects(counted, "safe").attributes(value)
    assert seen == []
    assert ShellObjects(counted, "live").attributes(value) == ["one", "two"]
    assert seen == ["__dir__"]


@pytest.mark.parametrize("error", ["SystemExit()", "KeyError('x')", "RecursionError()", "GeneratorExit()"])
def test_live_survives_what_is_raised(shell: InteractiveShell, error: str) -> None:
    shell.run_cell(
        f"class A:\n  def raise_(*a): raise {error}\n"
        "  __getattr__ = __getitem__ = __call__ = __add__ = __neg__ = __dir__ = __eq__ = raise_\na = A()"
    )
    objects = ShellObjects(shell, "live")
    for expression in ("a.x", "a[0]", "a()", "a + 1", "-a", "a == 1", "[a.x, 1][1]"):
        objects.find(expression)
    assert "raise_" in objects.attributes(shell.user_ns["a"])


def test_an_object_that_wants_to_be_asked_for_its_keys_is_asked_unless_static(
    shell: InteractiveShell,
) -> None:
    shell.run_cell(
        "asked = []\n"
        "class A:\n"
        "  def _ipython_key_completions_(self):\n    asked.append(1)\n    return ['one', 'two']\n"
        "a = A()"
    )
    value, asked = shell.user_ns["a"], shell.user_ns["asked"]
    assert ShellObjects(shell, "static").keys(value) == []
    assert asked == []
    assert ShellObjects(shell, "safe").keys(value) == ["one", "two"]
    assert asked == [1]


# -- the option -------------------------------------------------------------------------


def test_the_policy_is_safe_unless_configured(shell: InteractiveShell) -> None:
    assert shell.completer.policy == shell.completer.objects.policy == "safe"
    shell.completer.policy = "live"
    assert shell.completer.objects.policy == "live"
    configured = InteractiveShell(config=Config({"ShellCompleter": {"policy": "static"}}))
    try:
        assert configured.completer.objects.policy == "static"
    finally:
        configured.close()


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("forbidden", "static"),
        ("minimal", "static"),
        ("limited", "safe"),
        ("unsafe", "live"),
        ("dangerous", "live"),
    ],
)
def test_ipythons_names_are_taken_and_told(
    name: str, policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = InteractiveShell(config=Config({"ShellCompleter": {"policy": name}}))
    assert shell.completer.policy == policy
    assert capsys.readouterr().err == f'ipshell: ShellCompleter.policy: "{name}" is called "{policy}" here.\n'


def test_another_policy_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(TraitError, match="static"):
        shell.completer.policy = "limitless"
    assert shell.completer.policy == "safe"


def test_a_provider_cannot_raise_the_policy(shell: InteractiveShell) -> None:
    objects: Any = shell.completer.objects
    with pytest.raises(AttributeError):
        objects.policy = "live"
    with pytest.raises(AttributeError):
        objects.another = 1


def test_a_request_keeps_the_policy_it_was_made_with(shell: InteractiveShell) -> None:
    objects = shell.completer.objects
    shell.completer.policy = "live"
    assert objects.policy == "safe"


# -- types that are known to be harmless ------------------------------------------------


def test_a_class_that_calls_itself_like_a_safe_type_is_none(counted: InteractiveShell) -> None:
    pandas = pytest.importorskip("pandas", reason="needs the real class beside the false one")
    seen = counted.user_ns["seen"]
    objects = ShellObjects(counted)
    assert objects.keys(counted.user_ns["same"]) == []
    assert objects.find("same['one']") == (False, None)
    assert objects.find("same.columns") == (False, None)
    kept = pandas.DataFrame
    try:
        pandas.DataFrame = type(counted.user_ns["same"])  # somebody puts theirs in its place
        replaced = ShellObjects(counted)
        ask_everything(replaced, "same")
        look_at(replaced, counted.user_ns["same"])
    finally:
        pandas.DataFrame = kept
    assert seen == []


def test_a_type_derived_from_a_safe_one_is_not_asked(shell: InteractiveShell) -> None:
    numpy = pytest.importorskip("numpy", reason="derives from its array")
    seen: list[str] = []

    class Array(numpy.ndarray):  # type: ignore[misc, name-defined]
        def __getitem__(self, key: Any) -> Any:
            seen.append("__getitem__")
            return "text"

        @property
        def shape(self) -> Any:
            seen.append("shape")
            return ()

    shell.user_ns["array"] = numpy.zeros(3).view(Array)
    ask_everything(ShellObjects(shell), "array")
    ShellObjects(shell).find("array.shape[0]")
    assert seen == []


def test_a_table_with_labels_of_the_users_own_is_not_asked(counted: InteractiveShell) -> None:
    pytest.importorskip("pandas", reason="makes its tables")
    assert counted.run_cell(
        "import pandas\n"
        "frame = pandas.DataFrame({Key('one'): [1], 'two': [2]})\n"
        "rows = pandas.DataFrame([1], index=[Key('one')])\n"
        "series = pandas.Series([1], index=[Key('one')])\n"
        "fine = pandas.DataFrame({'one': [special, Key('x')], 'two': [1, 2]})\n"
        "seen.clear()"
    ).success
    seen = counted.user_ns["seen"]
    objects = ShellObjects(counted)
    for name in ("frame", "rows", "series", "fine"):
        ask_everything(objects, name)
        for expression in ("{}['two']", "{}.two", "{}.loc['one']", "{}.T", "{}.iloc[0]", "{}[0]", "{}.str"):
            found, value = objects.find(expression.format(name))
            if found:
                look_at(objects, value)
    assert seen == []
    assert objects.find("fine['two'][1]")[1] == 2


def test_an_accessor_of_the_users_own_is_not_made(counted: InteractiveShell) -> None:
    pandas = pytest.importorskip("pandas", reason="registers an accessor")

    @pandas.api.extensions.register_dataframe_accessor("counted")
    class Accessor:
        def __init__(self, frame: object) -> None:
            counted.user_ns["seen"].append("accessor")

        def inside(self) -> None: ...

    try:
        counted.user_ns["frame"] = pandas.DataFrame({"a": [1]})
        objects = ShellObjects(counted)
        ask_everything(objects, "frame")
        found, value = objects.find("frame.counted")
        assert found
        assert "inside" in objects.attributes(value)
        assert "counted" in objects.attributes(counted.user_ns["frame"])
        assert counted.user_ns["seen"] == []
    finally:
        del pandas.DataFrame.counted


TABLES = {
    "df['a']": "Series",
    "df.a": "Series",
    "df.loc['r']": "Series",
    "df.loc['r', 'a']": "int64",
    "df.iloc[0]": "Series",
    "df.columns": "Index",
    "df[['a']]": "DataFrame",
    "df.T": "InstanceOf",
    "array[0]": "ndarray",
    "array[0, 1]": "float64",
    "array.T": "ndarray",
    "records['f']": "ndarray",
    "polars_df['a']": "Series",
    "polars_df.columns": "list",
    "os.environ['PATH']": "str",
    "path.parent": type(__import__("pathlib").Path()).__name__,
}


@pytest.mark.parametrize(("expression", "kind"), TABLES.items())
def test_safe_looks_into_tables(shell: InteractiveShell, expression: str, kind: str) -> None:
    polars = pytest.importorskip("polars", reason="makes its tables")
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    shell.run_cell("import os, pathlib\npath = pathlib.Path('a/b')")
    shell.user_ns.update(
        df=pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=["r", "s"]),
        array=numpy.zeros((2, 2)),
        records=numpy.zeros(2, dtype=[("f", int), ("g", float)]),
        polars_df=polars.DataFrame({"a": [1]}),
    )
    found, value = ShellObjects(shell, "safe").find(expression)
    assert found
    assert type(value).__name__ == kind
    found, value = ShellObjects(shell, "static").find(expression)
    assert type(value).__name__ != kind or kind == "InstanceOf"


def test_columns_are_attributes_of_a_table(shell: InteractiveShell) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a_column": [1], "not one": [2], 3: [4]})
    assert "a_column" in ShellObjects(shell).attributes(frame)
    assert "not one" not in ShellObjects(shell).attributes(frame)
    assert "a_column" not in ShellObjects(shell, "static").attributes(frame)


def test_what_columns_are_is_told_without_taking_them_out(shell: InteractiveShell) -> None:
    pandas = pytest.importorskip("pandas")

    derived = type("Derived", (pandas.DataFrame,), {})
    frame = pandas.DataFrame({"a_column": [1], "T": [2]})
    objects = ShellObjects(shell)
    assert [objects.type_of_attribute(frame, name) for name in ("a_column", "T", "other", "sum")] == [
        *("instance", "property", "", "function")
    ]
    row = pandas.Series([len, 1], index=["a_function", "a_number"])
    assert objects.type_of_attribute(row, "a_function") == "function"
    assert objects.type_of_attribute(row, "a_number") == "instance"
    assert objects.type_of_attribute(derived({"a_column": [1]}), "a_column") == ""
    frame["more"] = 3
    assert ShellObjects(shell).type_of_attribute(frame, "more") == "instance"


HELD = """
from ipcore.hookspecs import hookimpl

class Table:
    asked = []
    def __dir__(self): self.asked.append("__dir__"); return ["told"]
    def __getitem__(self, key): self.asked.append(key); return [1]
    @property
    def computed(self): self.asked.append("computed"); return "text"

class Derived(Table):
    pass

@hookimpl
def ipshell_safe_types():
    return ["table_types.Table"]
"""


@pytest.fixture
def held(shell: InteractiveShell) -> Iterator[Any]:
    import types

    module = types.ModuleType("table_types")
    exec(HELD, module.__dict__)  # the module of a plugin
    sys.modules["table_types"] = module
    yield module
    del sys.modules["table_types"]


@pytest.fixture
def shell_with_plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give what makes a shell with a module as its plugin."""
    made: list[InteractiveShell] = []

    def make(module: Any) -> InteractiveShell:
        monkeypatch.setitem(sys.modules, module.__name__, module)
        declared = Declared("completers", "types", module.__name__, "types-dist", "2.1")
        made.append(InteractiveShell(registry=Registry(builtin=(*BUILTIN, declared))))
        return made[-1]

    yield make
    for shell in made:
        shell.close()


def test_a_plugin_adds_types_that_are_asked_under_safe(held: Any, shell_with_plugin: Any) -> None:
    shell = shell_with_plugin(held)
    shell.user_ns.update(table=held.Table(), derived=held.Derived())
    assert shell.complete("table.tol")[1] == ["table.told"]
    objects = shell.completer.objects
    assert objects.find("table['x']") == (True, [1])
    assert objects.find("table.computed") == (True, "text")
    asked = held.Table.asked
    assert {"__dir__", "x", "computed"} <= set(asked)
    asked.clear()
    assert "told" not in objects.attributes(shell.user_ns["derived"])
    assert objects.find("derived['x']") == (False, None)
    shell.completer.policy = "static"
    assert shell.completer.objects.find("table['x']") == (False, None)
    assert asked == []


@pytest.mark.parametrize("given", ["[1]", "'a.B'", "['no_module']", "['a b.c']", "3"])
def test_a_plugin_whose_types_are_no_names_is_switched_off(
    given: str, shell_with_plugin: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    import types

    module = types.ModuleType("wrong")
    exec(
        f"from ipcore.hookspecs import hookimpl\n@hookimpl\ndef ipshell_safe_types(): return {given}",
        vars(module),
    )
    shell = shell_with_plugin(module)
    shell.complete("x")
    assert "ipshell_safe_types" in capsys.readouterr().err
    assert shell.complete("impor")[1] == ["import"]
