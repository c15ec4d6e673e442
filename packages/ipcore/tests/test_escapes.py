"""What each escape becomes: typed text and the Python that runs."""

from __future__ import annotations

import pytest

from ipcore.cells import escapes
from ipcore.cells.transform import transform


def magic(name: str, rest: str = "") -> str:
    return f"get_ipython().run_line_magic({name!r}, {rest!r})"


def system(command: str) -> str:
    return f"get_ipython().system({command!r})"


def output(command: str) -> str:
    return f"get_ipython().getoutput({command!r})"


USAGE = "get_ipython().show_usage()"

LINE_MAGICS = [
    ("%time foo", magic("time", "foo")),
    ("%time", magic("time")),
    ("%time   foo", magic("time", "  foo")),
    ("%time\tfoo", magic("time", "foo")),
    ("%time foo  ", magic("time", "foo")),
    ("%time # not a comment", magic("time", "# not a comment")),
    ("%t 'a' \\x", magic("t", "'a' \\x")),
    ("%cd ~/x\\y", magic("cd", "~/x\\y")),
    ("%foo.bar x", magic("foo.bar", "x")),
    ("%time x=1;y=2;", magic("time", "x=1;y=2;")),
    ("%", magic("")),
    ("%time foo \\\n   bar\\\nbaz", magic("time", "foo     bar baz")),
    ("%a\\\nb", magic("a", "b")),
    ("%foo a \\  \nb", magic("foo", "a \\") + "\nb"),
    ("if 1:\n    %time foo", "if 1:\n    " + magic("time", "foo")),
    (
        "try:\n    %a\nexcept:\n    !b\n",
        "try:\n    " + magic("a") + "\nexcept:\n    " + system("b"),
    ),
    ("class A:\n\n    %foo\n\n    x = 1", "class A:\n\n    " + magic("foo") + "\n\n    x = 1"),
    ("x = [1,\n  2]\n%foo", "x = [1,\n  2]\n" + magic("foo")),
    ("%a\n\n\n%b", magic("a") + "\n\n\n" + magic("b")),
    ("x\n%%bash\nls", "x\n" + magic("%bash") + "\nls"),
    ("x)\n%foo", "x)\n" + magic("foo")),
    ("x = '\n%foo", "x = '\n" + magic("foo")),
]

ASSIGNMENTS = [
    ("x = %time foo", "x = " + magic("time", "foo")),
    ("x=%foo", "x=" + magic("foo")),
    ("a, b = %foo 1", "a, b = " + magic("foo", "1")),
    ("*a, b = !ls", "*a, b = " + output("ls")),
    ("(a, b) = %foo", "(a, b) = " + magic("foo")),
    ("a.b = %foo", "a.b = " + magic("foo")),
    ("a[0] = %foo", "a[0] = " + magic("foo")),
    ("f(a=1)[0] = %foo", "f(a=1)[0] = " + magic("foo")),
    ("x: int = %foo", "x: int = " + magic("foo")),
    ("for i in y:\n  a = %foo", "for i in y:\n  a = " + magic("foo")),
    ("x = %foo \\\n  bar", "x = " + magic("foo", "   bar")),
    ("x = !ls", "x = " + output("ls")),
    ("x = ! ls -l", "x = " + output(" ls -l")),
    ("x = !!ls", "x = " + output("!ls")),
    ("x = !ls \\\n -l", "x = " + output("ls   -l")),
    ("x = !ls;", "x = " + output("ls;")),
    ("x=!a?", "x=" + output("a?")),
]

SHELL = [
    ("!ls", system("ls")),
    ("! ls", system(" ls")),
    ("!!ls", output("ls")),
    ("!ls '*' \"a\"", system("ls '*' \"a\"")),
    ("!ls # a  ", system("ls # a")),
    ("!ls \\\n -l", system("ls   -l")),
    ("!echo \\", system("echo \\")),
    ("if 1:\n    !ls", "if 1:\n    " + system("ls")),
    ("!ls\n!pwd\nx=1", system("ls") + "\n" + system("pwd") + "\nx=1"),
    ("!echo (\n!echo '''\nx=1", system("echo (") + "\n" + system("echo '''") + "\nx=1"),
    ("!ls?", system("ls?")),
    ("!a b?", system("a b?")),
    ("!!a?", output("a?")),
]

HELP = [
    ("?obj", magic("pinfo", "obj")),
    ("??obj", magic("pinfo2", "obj")),
    ("? obj", magic("pinfo", "obj")),
    ("?obj?", magic("pinfo", "obj")),
    ("?obj*", magic("psearch", "obj*")),
    ("??a.b[0]", magic("pinfo2", "a.b[0]")),
    ("?%time", magic("pinfo", "%time")),
    ("?", USAGE),
    ("??", USAGE),
    ("x\n?", "x\n" + USAGE),
    ("if 1:\n    ?obj", "if 1:\n    " + magic("pinfo", "obj")),
    ("obj?", magic("pinfo", "obj")),
    ("obj??", magic("pinfo2", "obj")),
    ("a.b.c?", magic("pinfo", "a.b.c")),
    ("a[0].b?", magic("pinfo", "a[0].b")),
    ("a[-1]?", magic("pinfo", "a[-1]")),
    ("été?", magic("pinfo", "été")),
    ("%magic?", magic("pinfo", "%magic")),
    ("%%magic??", magic("pinfo2", "%%magic")),
    ("%%time?\nfoo", magic("pinfo", "%%time") + "\nfoo"),
    ("*pat*?", magic("psearch", "*pat*")),
    ("a.*?", magic("psearch", "a.*")),
    ("x = a?", magic("pinfo", "a")),
    ("x = a.b??", magic("pinfo2", "a.b")),
    ("x = %foo?", magic("pinfo", "%foo")),
    ("x = %foo a?", magic("pinfo", "a")),
    ("%timeit a b.c??", magic("pinfo2", "b.c")),
    ("import os?", magic("pinfo", "os")),
    ("a; b?", magic("pinfo", "b")),
    ("'#'; a?", magic("pinfo", "a")),
    ('"#"; a?', magic("pinfo", "a")),
    ("a\\\nb?", magic("pinfo", "b")),
    ("a\nb?\nc", "a\n" + magic("pinfo", "b") + "\nc"),
    ("if 1:\n    a?", "if 1:\n    " + magic("pinfo", "a")),
    ("a ?", magic("pinfo", "a")),
    ("a.b ??", magic("pinfo2", "a.b")),
    ("%foo ?", magic("pinfo", "%foo")),
    ("%foo a ?", magic("foo", "a ?")),
    ("/f a?", magic("pinfo", "a")),
]

AUTOCALL = [
    ("/f a b", "f(a, b)"),
    ("/f", "f()"),
    ("/f.g a, b", "f.g(a, b)"),
    ("/f 'a b' (1, 2) c", "f('a b', (1, 2), c)"),
    ("/f a;", "f(a);"),
    (",f a b", 'f("a", "b")'),
    (",f", 'f("")'),
    (',f a"b c\\d', "f('a\"b', 'c\\\\d')"),
    (",f a \\\n b", 'f("a", "b")'),
    (";f a b", 'f("a b")'),
    (";f how are you?", 'f("how are you?")'),
    ("if 1:\n    /f a", "if 1:\n    f(a)"),
]

NOT_ESCAPES = [
    "/",
    ",",
    ";",
    "/ f",
    "/1",
    "/bin/ls -l",
    "a = b = %x",
    "x = y = !ls",
    "x = 1; y = %foo",
    "x += %foo",
    "x == %foo",
    "x = (%foo)",
    "x = %",
    "x = y %foo",
    "print(!ls)",
    "(!ls)",
    "return !ls",
    "if 1: %time foo",
    "x; %a",
    "x = (\n%foo",
    "[\n%foo\n]",
    "f(a?)",
    "(a?)",
    "a?;",
    "1?",
    "x=1?",
    "a? # c",
    "obj???",
    "a?b",
    "a['x']?",
    "a [0]?",
    "f(a)?",
    "'abc'?",
    "a = (1,\n b?)",
    "# a?",
    "x # a?",
    "x = 'a?'",
]


@pytest.mark.parametrize(
    ("typed", "python"), LINE_MAGICS + ASSIGNMENTS + SHELL + HELP + AUTOCALL, ids=lambda text: repr(text)
)
def test_escape_becomes_python(typed: str, python: str) -> None:
    assert transform(typed) == python + "\n"


@pytest.mark.parametrize("typed", NOT_ESCAPES)
def test_what_is_no_escape_is_left_for_the_compiler(typed: str) -> None:
    assert transform(typed) == typed + "\n"


@pytest.mark.parametrize(
    ("typed", "name", "line", "body"),
    [
        ("%%time\nfoo", "time", "", "foo\n"),
        ("%%time  -n 3  \nfoo\nbar\n", "time", " -n 3", "foo\nbar\n"),
        ("%%time", "time", "", ""),
        ("\n\n%%time\nx", "time", "", "x\n"),
        ("%%time a?\nx", "time", "a?", "x\n"),
        ("%%time \\\n foo", "time", "\\", " foo\n"),
        ("%%ti'me a\\b\n'x'", "ti'me", "a\\b", "'x'\n"),
        ("%%writefile a.py\n%foo\n!ls\na?", "writefile", "a.py", "%foo\n!ls\na?\n"),
        ("%%writefile a.rst\n>>> 1 + 1\n... \n2", "writefile", "a.rst", ">>> 1 + 1\n... \n2\n"),
        (" %%time\nfoo", "time", "", "foo\n"),
        ("  %%time\n  if 1:\n    foo", "time", "", "if 1:\n  foo\n"),
        ("    %%bash\n    echo '\n    ls", "bash", "", "echo '\nls\n"),
        (">>> %%time\n... foo", "time", "", "foo\n"),
        ("In [3]: %%time\n   ...: foo", "time", "", "foo\n"),
    ],
)
def test_cell_magic_takes_the_whole_cell(typed: str, name: str, line: str, body: str) -> None:
    assert transform(typed) == f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})\n"


def test_help_about_a_very_long_name_is_found_without_delay() -> None:
    assert escapes.help_before("x" * 200_000, "?") is not None
    assert escapes.help_before("1" * 200_000, "?") is None


def test_quotes_and_line_ends_in_arguments_survive() -> None:
    for text in ("a'b", 'a"b', "a'\"b", "a\\", "a\tb", "\u2028", "{x}"):
        assert eval(escapes.system(text).removeprefix("get_ipython().system")) == text
