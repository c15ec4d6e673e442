"""Completion looks at the user's objects and runs none of their code."""

from __future__ import annotations

import datetime
import subprocess
import sys
import types
from typing import Any

import pytest

from ipcore.completion.objects import ShellObjects
from ipcore.shell import InteractiveShell
from ipcore.types.completion import InstanceOf

#: Objects that note in ``ran`` whatever of theirs is run.
HOSTILE = """
import types
ran = []

def note(name):
    def run(*arguments, **named):
        ran.append(name)
        raise RuntimeError(name)
    return run

class Descriptor:
    __get__ = note("__get__")
    __set__ = note("__set__")
    __set_name__ = lambda *arguments: None
    __getattribute__ = note("descriptor's __getattribute__")

class Meta(type):
    __getattribute__ = note("metaclass's __getattribute__")
    __getattr__ = note("metaclass's __getattr__")
    __dir__ = note("metaclass's __dir__")
    __instancecheck__ = note("__instancecheck__")
    __subclasscheck__ = note("__subclasscheck__")
    __mro__ = property(note("__mro__"))
    __dict__ = property(note("metaclass's __dict__"))
    __prepare__ = lambda *arguments: {}

class Methods:
    __getattribute__ = note("__getattribute__")
    __getattr__ = note("__getattr__")
    __dir__ = note("__dir__")
    __repr__ = note("__repr__")
    __str__ = note("__str__")
    __bool__ = note("__bool__")
    __len__ = note("__len__")
    __eq__ = note("__eq__")
    __hash__ = note("__hash__")
    __iter__ = note("__iter__")
    __getitem__ = note("__getitem__")
    __call__ = note("__call__")
    __class__ = property(note("__class__"))
    _ipython_key_completions_ = note("keys")
    prop = property(note("prop"))
    descriptor = Descriptor()
    def method(self): ran.append("method")

class Plain(Methods):
    pass

class OwnDict(Methods):
    __dict__ = property(note("__dict__"))

class Slots(Methods):
    __slots__ = ("slot", "empty")

class OfMeta(Methods, metaclass=Meta):
    pass

class Module(types.ModuleType):
    __getattribute__ = note("module's __getattribute__")
    __dir__ = note("module's __dir__")
    __dict__ = property(note("module's __dict__"))

class Key(str):
    __eq__ = note("key's __eq__")
    __hash__ = str.__hash__
    startswith = note("startswith")

plain, own, slots, meta, Class = Plain(), OwnDict(), Slots(), OfMeta(), OfMeta
object.__setattr__(plain, "attribute", "text")
object.__setattr__(slots, "slot", 1.5)
module = Module("module")
types.ModuleType.__dict__["__dict__"].__get__(module)["inside"] = plain
mapping = types.SimpleNamespace(**{Key("hostile_key"): 1})
globals()[Key("hostile_name")] = 1
ran.clear()
"""


@pytest.fixture
def hostile(shell: InteractiveShell) -> InteractiveShell:
    assert shell.run_cell(HOSTILE).success
    return shell


def complete(shell: InteractiveShell, text: str) -> list[str]:
    found = shell.complete(text)[1]
    assert shell.user_ns["ran"] == [], "completion ran code of the user's"
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    {
        "plain.attr": ["plain.attribute"],
        "plain.meth": ["plain.method"],
        "plain.pro": ["plain.prop"],
        "plain.attribute.upp": ["plain.attribute.upper"],
        "plain.prop.fg": [],
        "plain.descriptor.a": [],
        "plain.method.__na": ["plain.method.__name__"],
        "plain.__class__.x": [],
        "own.attr": [],
        "own.meth": ["own.method"],
        "slots.slo": ["slots.slot"],
        "slots.slot.is_int": ["slots.slot.is_integer"],
        "slots.empty.a": [],
        "meta.meth": ["meta.method"],
        "meta.nowhere.a": [],
        "Class.meth": ["Class.method"],
        "Class.prop.fg": ["Class.prop.fget"],
        "Class.descriptor.a": [],
        "module.ins": ["module.inside"],
        "module.inside.attr": ["module.inside.attribute"],
        "mapping.host": [],
        "hostile_na": [],
        "plai": ["plain"],
    }.items(),
)
def test_no_code_of_hostile_objects_runs(hostile: InteractiveShell, text: str, found: list[str]) -> None:
    assert complete(hostile, text) == found


def test_no_code_runs_whatever_is_completed(hostile: InteractiveShell) -> None:
    # A name that is no plain str is compared with itself by whoever looks it up, a cell too.
    names = [name for name in hostile.user_ns if type(name) is str]
    for name in names:
        for behind in ("", ".", "._", ".prop.", ".method.", ".inside."):
            complete(hostile, f"{name}{behind}")


def test_attributes_of_slots_classes_modules_and_functions_are_found(shell: InteractiveShell) -> None:
    class Base:
        __slots__ = ("x",)
        shared = 1

        def __init__(self) -> None:
            self.x = [1]

        @staticmethod
        def static() -> None: ...

        @classmethod
        def of_class(cls) -> None: ...

    shell.user_ns.update(base=Base(), Base=Base, module=types.ModuleType("module"))
    objects = ShellObjects(shell)
    assert objects.find("base.x") == (True, [1])
    assert objects.find("base.shared") == (True, 1)
    assert objects.find("base.static") == (True, Base.static)
    assert objects.find("Base.of_class") == (True, Base.of_class)
    assert objects.find("module.__name__") == (True, "module")
    assert objects.find("len") == (True, len)
    for missing in ("", "nowhere", "base.", "base.nowhere", "base..x", "base.x.nowhere", "f(x)"):
        assert objects.find(missing) == (False, None)
    assert {"x", "shared", "static", "__init__"} <= set(objects.attributes(Base()))
    assert {"append", "__len__"} <= set(objects.attributes([]))
    assert objects.policy == "safe"


def test_a_magic_is_not_loaded_because_an_attribute_of_its_name_is_completed(shell: InteractiveShell) -> None:
    loaded: list[Any] = []

    def load(*_: object) -> None:
        loaded.append(1)

    shell.magics.find_magic = load  # type: ignore[method-assign, assignment]
    assert shell.complete("pinfo.at")[1] == []
    assert loaded == []


def test_names_of_the_function_a_shell_is_embedded_in_are_completed() -> None:
    from ipcore.namespaces import Namespace

    module_names = {"zz_global": 1, "__builtins__": __builtins__}
    shell = InteractiveShell(namespace=Namespace(module_names, {"zz_local": "text"}))
    assert shell.complete("zz")[1] == ["zz_global", "zz_local"]
    assert shell.complete("zz_local.upp")[1] == ["zz_local.upper"]


def test_dates_are_read_and_classes_derived_from_them_are_not_asked(shell: InteractiveShell) -> None:
    asked: list[str] = []

    class Mine(datetime.date):
        @property
        def year(self) -> int:
            asked.append("year")
            return 1

    shell.user_ns.update(when=datetime.date(2024, 5, 6), mine=Mine(2024, 5, 6))
    objects = ShellObjects(shell, "static")
    assert objects.find("when.year") == (True, 2024)
    assert not objects.find("mine.year")[0] or type(objects.find("mine.year")[1]) is InstanceOf
    assert asked == []


@pytest.mark.parametrize(
    "made",
    [
        "re.compile('x')",
        "sqlite3.connect(':memory:')",
        "loop.create_task(asyncio.sleep(0))",
        "loop.create_future()",
        "lzma.LZMADecompressor()",
        "zlib.compressobj()",
        "hashlib.sha256()",
        "decimal.Decimal(1)",
        "array.array('i')",
        "collections.deque()",
        "struct.Struct('i')",
        "socket.socket()",
        "io.StringIO()",
        "datetime.datetime.now()",
        "functools.partial(int)",
        "queue.SimpleQueue()",
        "select.epoll() if hasattr(select, 'epoll') else 1",
        "unicodedata.ucd_3_2_0",
    ],
)
def test_methods_of_c_code_are_read_without_a_crash(made: str) -> None:
    """Some of them take the class that defines them, and CPython trusts whoever binds them to give it."""
    program = (
        "import array, asyncio, collections, datetime, decimal, functools, hashlib, io, lzma, queue, re\n"
        "import select, socket, sqlite3, struct, unicodedata, zlib\n"
        "from ipcore.completion.reading import attribute\n"
        f"loop = asyncio.new_event_loop(); value = {made}\n"
        "found = [attribute(value, name) for name in dir(type(value))]\n"
        "print(sum(callable(each) for each in found), flush=True)\n"
        "import os; os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5
