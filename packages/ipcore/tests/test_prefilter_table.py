"""Lines side by side with IPython 9.18: what each means at the three levels of autocall.

The answers of IPython stand in ``prefilter_ipython.json``. A Python that has IPython records them
anew: ``python test_prefilter_table.py``. Where the shell answers otherwise, ``JUDGED`` says why.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

RECORD = Path(__file__).with_name("prefilter_ipython.json")

#: Names that the lines use; ``Macro`` and ``Always`` come from the shell that is asked.
NAMES = """
import os, enum
def f(*a, **k): return a
def g(*a): return a
def rb(*a): return a
def in_(x): return x
x, y, n, l, s, d = 1, 2, 3, [1, 2], "text", {1: 2}
class Plain: pass
class Generic:
    def __class_getitem__(cls, item): return item
class Boxes:
    def __call__(self, *a): return a
    def __getitem__(self, key): return key
class Colour(enum.Enum):
    RED = 1
class Things:
    touched = []
    attribute = 5
    def method(self, *a): return a
    @staticmethod
    def static(*a): return a
    @classmethod
    def klass(cls, *a): return a
    @property
    def prop(self):
        self.touched.append("prop")
        return self.method
class Wild:
    touched = []
    def __getattr__(self, name):
        self.touched.append(name)
        return len
class Quiet:
    rewrite = False
    def __call__(self, *a): return a
boxes, things, wild, quiet = Boxes(), Things(), Wild(), Quiet()
things.own = f
"""

BARE = """
f g x l print len Plain boxes quiet things things.method things.static things.klass things.own things.prop
things.attribute wild.anything os.getcwd os.path os os.path.join nothing nothing.at.all Colour Colour.RED
None True lambda m keep exit quit greet
"""
LINES = [
    *BARE.split(),
    # arguments
    "f x", "f x y", "f x, y", "f 'a'", 'f "a"', "f 'a', x", "f x=1", "f x = 1", "f [1]", "f[1]", "f {1}",
    "f{1}", "f (1)", "f(1)", "f  (1) ", "f 1.5", "f .5", "f ~x", "f lambda: 1", "f x if y else n",
    "f i for i in l", "f x.real", "f 'a' 'b'", "f not_a_word", "f inside", "f is_x", "f order", "f android",
    "f ...", "f None", "f  x", "f\tx", "f x ", "  f x", "g f x", "f await_", "f ''", "f 'it is'", "f b'a'",
    "f l[0]", "f g(x)",
    # operators and words
    "f -1", "f - 1", "f +1", "f + x", "f *l", "f * x", "f **d", "f / x", "f // x", "f % x", "f @x", "f @ x",
    "f & x", "f | x", "f ^ x", "f < x", "f > x", "f <= x", "f == x", "f != x", "f = 1", "f += 1", "f -= 1",
    "f *= 2", "f **= 2", "f //= 2", "f >>= 1", "f << 1", "f :int", "f : int = 1", "f := 1", "f , g = 1, 2",
    "f, g", "f,", "f is x", "f is not x", "f not in l", "f in l", "f and x", "f or x", "f or(x)",
    "f if x else y", "f as g", "f .real", "f.real", "f.__name__", "f;", "f ;", "f x;", "f x ;", "f x; g",
    "f; g", "f # why", "f x # why", "f '#'", "f '#' # why", "f x; # why", "f; # why", "f -x;", "f)", "f x)",
    "f (x) y", "f !x",
    # strings with a prefix
    "f'a'", 'f"a"', "f'{x}'", "F'a'", "rb'a'", 'rb"a"', "print'a'", "len'abc'", "g'a'",
    # what takes brackets
    "boxes [1]", "boxes[1]", "boxes x", "Generic [int]", "Generic[int]", "Generic x", "Colour ['RED']",
    "Colour['RED']", "Plain [1]", "list [int]", "list[int]", "list 'ab'", "dict a=1", "type x",
    "type X = int", "l [0]", "l[0]",
    # attributes
    "os.path.join 'a', 'b'", "os.getcwd;", "things.method x", "things.static x", "things.klass x",
    "things.own x", "things.prop x", "things.attribute x", "wild.anything x", "things.nothing x",
    "os.nothing x", "os.path x", "'a'.join l", "s.upper", "s.join l", "s.split 'e'", "l.append 4", "(f) x",
    "f.x y",
    # not callable, or nobody's
    "x y", "x -1", "s 'a'", "nothing x", "nothing 'x'", "x 5", "print x", "print x, y", "print -1",
    "print (x)", "del x", "import os", "from os import path", "return f", "assert f", "raise f", "pass",
    "not f", "await f", "for i in l: f", "def h(): f", "@f", "with f: g", "if x: f", "class K: f", "global f",
    "lambda: f",
    # objects that are always called
    "keep;", "keep x", "keep (x)", "keep(x)", "keep -1", "keep = 1", "keep.x", "keep == x", "keep, x",
    "keep # why", "keep x # why", "keep 'a';", "keep += 1", "keep [1]", "keep: int = 1", "keep if x else y",
    # macros
    "m;", "m x", "m # why", "m = 1", "m + m", "m.value", "m(x)", "m, x", "m == x", "m += 1", "m [0]", "m[0]",
    "  m", "print m", "m in l", "m: int = 1",
    # magics
    "greet you", "greet -x", "greet *.py", "greet /tmp", "greet = 1", "greet, x = 1, 2", "greet += 1",
    "greet(x)", "greet (x)", "greet in l", "greet.x", "greet 'a'", "greet | wc", "greet;", "%greet x",
    "greet: int = 1", "greet <x", "/f x y", ",f x y", ";f x y", "/f", "/f x;", "f x?", "",
    # lines that are none
    "f x\ny", "if x:\n    f x", "f 'a\\\nb'",
]  # fmt: skip

#: Why a line is left as it stands, though IPython rewrites it.
LEFT = {
    "attributes are looked up without running code of the object's": ["wild.anything", "wild.anything x"],
    "it is Python as it stands": [
        "f @x", "f @ x", "f :int", "f : int = 1", "f if x else y", "f .real", "Generic [int]", "type X = int",
        "keep = 1", "keep == x", "keep, x", "keep += 1", "keep: int = 1", "keep if x else y",
    ],
    "it is an error either way, and better told in the user's words": ["f := 1", "f or(x)", "f as g"],
    "a macro's name can be assigned to and stand in an expression": [
        "m = 1", "m + m", "m(x)", "m, x", "m == x", "m += 1", "m [0]", "m[0]", "m in l", "m: int = 1",
    ],
    "a magic's name can be made a variable, and one that is none is told as such": [
        "greet += 1", "greet(x)", "greet in l", "greet: int = 1",
    ],
}  # fmt: skip

_MAGIC = "get_ipython().run_line_magic('greet', '')"

#: Why a line becomes something else than in IPython: the line, and what it is at the three levels.
OTHERWISE = {
    "a tab is a blank": {"f\tx": ("f\tx", "f(x)", "f(x)")},
    "blanks at the end are no part of the arguments": {
        "f x ": ("f x ", "f(x)", "f(x)"),
        "f x ;": ("f x ;", "f(x);", "f(x);"),
    },
    "a semicolon only hides the value": {
        "f;": ("f;", "f;", "f();"),
        "f ;": ("f ;", "f ;", "f();"),
        "os.getcwd;": ("os.getcwd;", "os.getcwd;", "os.getcwd();"),
        "greet;": (_MAGIC, _MAGIC, _MAGIC),
        "/f x;": ("f(x);", "f(x);", "f(x);"),
    },
    "a comment is no argument, and IPython makes a syntax error of it": {
        "f # why": ("f # why", "f # why", "f()  # why"),
        "f x # why": ("f x # why", "f(x)  # why", "f(x)  # why"),
        "f '#' # why": ("f '#' # why", "f('#')  # why", "f('#')  # why"),
        "f x; # why": ("f x; # why", "f(x);  # why", "f(x);  # why"),
        "f; # why": ("f; # why", "f; # why", "f();  # why"),
        "keep # why": ("keep()  # why", "keep()  # why", "keep()  # why"),
        "keep x # why": ("keep(x)  # why", "keep(x)  # why", "keep(x)  # why"),
    },
}

Answer = list[str]


def asked(transform: Callable[[str], str], line: str) -> Answer:
    """Give what a line is rewritten to, and what is printed meanwhile."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            text = transform(line)
        except SyntaxError as error:
            text = f"raises {type(error).__name__}"
    return [text.rstrip("\n"), printed.getvalue().rstrip("\n")]


def names(macro: Callable[[str], Any], always: Callable[[], Any]) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(NAMES, space)
    return {**space, "m": macro("a = 1\nprint(a)"), "keep": always()}


def record() -> None:
    from IPython.core.autocall import IPyAutocall
    from IPython.core.interactiveshell import InteractiveShell as Theirs
    from IPython.core.macro import Macro as TheirMacro

    always = type("Always", (IPyAutocall,), {"__call__": lambda self, *given: given})
    ip = Theirs.instance()
    ip.register_magic_function(print, "line", "greet")
    answers: dict[str, list[Answer]] = {}
    for line in LINES:
        for level in (0, 1, 2):
            ip.push(names(TheirMacro, always))
            ip.autocall = level
            answers.setdefault(line, []).append(asked(ip.transform_cell, line))
    text = ",\n".join(f"{json.dumps(line)}: {json.dumps(given)}" for line, given in answers.items())
    RECORD.write_text("{" + text + "}\n", encoding="utf-8")


def ours() -> dict[str, list[Answer]]:
    """Give the shell's own answers, line by line at the three levels."""
    from ipcore.macros import Macro
    from ipcore.shell import InteractiveShell

    class Always:
        _ipshell_prefilter_ = "auto"

        def __call__(self, *given: Any) -> Any:
            return given

    shell = InteractiveShell()
    shell.start()
    shell.run_cell("pass")
    shell.magics.register("line", "greet", print)
    answers: dict[str, list[Answer]] = {}
    try:
        for line in LINES:
            for level in (0, 1, 2):
                shell.push(names(Macro, Always))
                shell.autocall = level
                answer = asked(lambda text: shell.transformers.transform(text, echo=True), line)
                answers.setdefault(line, []).append(answer)
        assert shell.user_ns["things"].touched == [], "a property ran"
        assert shell.user_ns["wild"].touched == [], "__getattr__ ran"
    finally:
        shell.close()
    return answers


def echoed(line: str, text: str) -> str:
    """Give what is printed where a line becomes a call."""
    return "" if text == line or line.startswith("/") or "get_ipython" in text else f"------> {text}"


def test_lines_mean_what_they_mean_in_ipython_but_for_the_judged_ones() -> None:
    judged = {line: (line,) * 3 for lines in LEFT.values() for line in lines}
    judged.update((line, texts) for lines in OTHERWISE.values() for line, texts in lines.items())
    recorded: dict[str, list[Answer]] = json.loads(RECORD.read_text(encoding="utf-8"))
    wanted = dict(recorded)
    for line, texts in judged.items():
        wanted[line] = [[text, echoed(line, text)] for text in texts]
    assert len(LINES) == len(recorded) > 150
    found = ours()
    assert {line: answer for line, answer in found.items() if answer != wanted[line]} == {}
    assert [line for line in judged if found[line] == recorded[line]] == [], "these need no judgement"


if __name__ == "__main__":
    record()
    raise SystemExit
