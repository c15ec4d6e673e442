"""Colours of cells: what is coloured how, and that a change costs only what it changes."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipterminal.languages import LEXERS, LONGEST_LINE, Language, Languages
from ipterminal.layout import Loading
from ipterminal.lexing import TOP, Lexing


@pytest.fixture(scope="module")
def languages() -> Languages:
    loaded = Languages()
    for name in ("python", "bash", "html", "sql", "latex", "ruby", "perl", "javascript"):
        loaded.load(name)
    return loaded


def classes(languages: Languages, text: str) -> list[list[tuple[str, str]]]:
    """Give every line's pieces that have a class, by its short name."""
    lexing = Lexing(languages)
    lines = text.split("\n")
    lexing.update(lines)
    return [
        [(style.removeprefix("class:code."), piece) for style, piece in lexing.line(number) if style]
        for number in range(len(lines))
    ]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("return None", [("keyword", "return"), ("constant", "None")]),
        ("def f(): 1", [("keyword", "def"), ("function", "f"), ("punctuation", "():"), ("number", "1")]),
        ("class A: ...", [("keyword", "class"), ("class", "A"), ("punctuation", ":"), ("operator", "...")]),
        ("@cached", [("decorator", "@cached")]),
        ("len(x) or 1.5", [
            ("builtin", "len"), ("punctuation", "("), ("name", "x"), ("punctuation", ")"),
            ("keyword", "or"), ("number", "1.5"),
        ]),
        ("'a\\n' # why", [("string", "'a"), ("escape", "\\n"), ("string", "'"), ("comment", "# why")]),
        ("f'{x!r}'", [("string", "f'"), ("interpolation", "{"), ("name", "x"), ("interpolation", "!r}"),
                      ("string", "'")]),
        ("%cd ~/data", [("magic", "%cd")]),
        ("  %timeit f(1)", [("magic", "%timeit"), ("name", "f"), ("punctuation", "("), ("number", "1"),
                            ("punctuation", ")")]),
        ("!echo $HOME", [("shell", "!"), ("builtin", "echo"), ("name", "$HOME")]),
        ("!!ls", [("shell", "!!")]),
        ("files = !echo x", [("name", "files"), ("operator", "="), ("shell", "!"), ("builtin", "echo")]),
        ("t = %time 3", [("name", "t"), ("operator", "="), ("magic", "%time"), ("number", "3")]),
        ("x?", [("name", "x"), ("magic", "?")]),
        ("a.b??", [("name", "a"), ("operator", "."), ("name", "b"), ("magic", "??")]),
        ("?x", [("magic", "?")]),
        ("%cd?", [("magic", "%cd?")]),
        ("/f x", [("magic", "/")]),
        ("a = b % c", [("name", "a"), ("operator", "="), ("name", "b"), ("operator", "%"), ("name", "c")]),
        ("a != b", [("name", "a"), ("operator", "!="), ("name", "b")]),
        ("'x?'", [("string", "'x?'")]),
        ("# what?", [("comment", "# what?")]),
    ],
)  # fmt: skip
def test_a_line_is_coloured_by_what_it_says(languages: Languages, text: str, pieces: object) -> None:
    assert classes(languages, text) == [pieces]


def test_a_string_goes_on_in_the_lines_below(languages: Languages) -> None:
    found = classes(languages, 'x = """one\ntwo\nthree""" + y')
    assert found[1] == [("string", "two")]
    assert found[2] == [("string", 'three"""'), ("operator", "+"), ("name", "y")]


def test_a_percent_sign_inside_brackets_is_no_magic(languages: Languages) -> None:
    assert classes(languages, "x = (a\n %b)")[1] == [("operator", "%"), ("name", "b"), ("punctuation", ")")]
    assert classes(languages, "x = a\n%b")[1] == [("magic", "%b")]
    assert classes(languages, "x = a \\\n%b")[1] == [("operator", "%"), ("name", "b")]


def test_a_command_goes_on_behind_a_backslash(languages: Languages) -> None:
    assert classes(languages, "!echo a \\\n  && echo b\nx")[1:] == [
        [("operator", "&&"), ("builtin", "echo")],
        [("name", "x")],
    ]


@pytest.mark.parametrize(
    ("first", "body", "piece"),
    [
        ("%%bash", "for x in *; do", ("keyword", "for")),
        ("%%sh -e", "echo 1", ("builtin", "echo")),
        ("%%html", "<b>x</b>", ("keyword", "b")),
        ("%%js", "let x = 1", ("keyword", "let")),
        ("%%perl", "my $x;", ("keyword", "my")),
        ("%%ruby", "def f", ("keyword", "def")),
        ("%%latex", "\\alpha % no", ("comment", "% no")),
        ("%%sql", "SELECT 1", ("keyword", "SELECT")),
        ("%%writefile a/b.sh", "echo 1", ("builtin", "echo")),
        ("%%writefile new.py", "import x", ("keyword", "import")),
        ("%%timeit", "import x", ("keyword", "import")),
        ("%%unheard_of", "import x", ("keyword", "import")),
    ],
)
def test_the_body_of_a_cell_magic_has_its_own_language(
    languages: Languages, first: str, body: str, piece: object
) -> None:
    above, below = classes(languages, f"{first}\n{body}")
    assert above[0] == ("magic", first.partition(" ")[0])
    assert piece in below


def test_a_cell_magic_is_one_only_at_the_top(languages: Languages) -> None:
    assert classes(languages, "\n%%bash\nfor x in y") == [[], [("magic", "%%bash")], [
        ("keyword", "for"), ("keyword", "in")]]  # fmt: skip
    assert classes(languages, "x\n%%bash\nimport os")[2][0] == ("keyword", "import")


@pytest.mark.parametrize("name", sorted(LEXERS))
def test_every_language_reads_lines_whole(name: str) -> None:
    languages = Languages()
    languages.load(name)
    language = languages.get(name)
    assert language is not None
    stack = language.start
    for text in ["", "  x = 1", "<a href='b'>\t{", "'''", "é文 \u0301 $", "# <<EOF", "%", "\\", "}" * 30]:
        fragments, stack = language.line(text, stack)
        assert "".join(piece for _, piece in fragments) == text


# -- what changes --------------------------------------------------------------------------

_LINES = st.sampled_from(
    [
        "", "x = 1", "def f(a, b):", "    return (a", '"""', "'''doc", "f'{", "}'", "x = [", "]", ")", "%b",
        "%%bash", "!ls \\", "!ls", "a \\", "x?", "# (", "'(", "echo $HOME", "  % c", "y = !ls", "((((", "<b>",
        "%%html", "%time (",
    ]
)  # fmt: skip


@st.composite
def _edits(draw: st.DrawFn) -> list[list[str]]:
    """Texts, each made from the one before by replacing a few lines."""
    lines = draw(st.lists(_LINES, min_size=1, max_size=12))
    texts = [list(lines)]
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(lines)))
        end = draw(st.integers(start, min(len(lines), start + 3)))
        lines = [*lines[:start], *draw(st.lists(_LINES, max_size=3)), *lines[end:]] or [""]
        texts.append(list(lines))
    return texts


def everything(lexing: Lexing, count: int) -> list[object]:
    return [(lexing.line(number), lexing.brackets(number), lexing.summary(number)) for number in range(count)]


@settings(deadline=None)
@given(_edits(), st.data())
def test_after_any_changes_all_is_as_if_read_anew(
    languages: Languages, texts: list[list[str]], data: st.DataObject
) -> None:
    lexing = Lexing(languages)
    for text in texts:
        lexing.update(text)
        lexing.line(data.draw(st.integers(0, len(text) - 1)))  # no more is looked at than what is shown
    scratch = Lexing(languages)
    scratch.update(texts[-1])
    count = len(texts[-1])
    assert everything(lexing, count) == everything(scratch, count)
    assert ["".join(piece for _, piece in lexing.line(number)) for number in range(count)] == texts[-1]


@settings(deadline=None)
@given(_edits())
def test_what_there_was_no_time_for_is_read_later(languages: Languages, texts: list[list[str]]) -> None:
    lexing = Lexing(languages)
    for text in texts:
        lexing.update(text, seconds=-1)
        shown = [lexing.line(number) for number in range(len(text))]
        assert ["".join(piece for _, piece in line) for line in shown] == text
    lexing.carry_on(10)
    scratch = Lexing(languages)
    scratch.update(texts[-1])
    assert everything(lexing, len(texts[-1])) == everything(scratch, len(texts[-1]))


class Counting(Language):
    """Notes the lines that it reads."""

    read: list[str]

    def line(self, text: str, stack: tuple[str, ...]) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
        self.read.append(text)
        return super().line(text, stack)


@pytest.fixture
def counted() -> tuple[Lexing, list[str]]:
    from pygments.lexers.python import PythonLexer

    languages = Languages()
    counting = Counting(PythonLexer())
    counting.read = []
    languages._loaded["python"] = counting
    return Lexing(languages), counting.read


def test_a_change_has_one_line_read_again(counted: tuple[Lexing, list[str]]) -> None:
    lexing, read = counted
    lines = [f"name_{number} = call({number})" for number in range(500)]
    lexing.update(lines)
    lexing.line(499)
    assert len(read) == 500
    for changed in (
        [*lines[:250], lines[250] + "x", *lines[251:]],
        [*lines[:250], "new", *lines[250:]],
        [*lines[:250], *lines[260:]],
        [*lines[:250], "call(", *lines[251:]],  # a bracket that is open changes no colour below
    ):
        lexing.update(lines)
        lexing.line(len(lines) - 1)
        read.clear()
        before = lexing.line(499)
        lexing.update(changed)
        assert lexing.line(len(changed) - 1) is before
        assert len(read) <= 1


def test_a_line_that_is_read_again_and_looks_the_same_is_the_same(languages: Languages) -> None:
    lexing = Lexing(languages)
    lexing.update(["a = 1"])
    before = lexing.line(0)
    lexing.update(["b = 2", "a = 1"])  # no cell magic can stand there any more
    assert lexing.line(1) is before


def test_lines_below_what_is_shown_are_not_read(counted: tuple[Lexing, list[str]]) -> None:
    lexing, read = counted
    lines = [f"name_{number} = call({number})" for number in range(500)]
    lexing.update(lines)
    lexing.line(30)
    assert len(read) == 31
    lexing.update(["'''", *lines])
    read.clear()
    lexing.line(30)
    assert len(read) == 31


# -- what may go wrong ---------------------------------------------------------------------


class Broken(Language):
    def line(self, text: str, stack: tuple[str, ...]) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
        if "crash" in text:
            raise RecursionError("too deep")
        return super().line(text, stack)


def test_a_lexer_that_raises_leaves_the_text_without_colours(languages: Languages) -> None:
    from pygments.lexers.python import PythonLexer

    own = Languages()
    own._loaded["python"] = Broken(PythonLexer())
    lexing = Lexing(own)
    lexing.update(["x = 1", "crash"])
    assert lexing.line(0) != [("", "x = 1")]
    assert lexing.line(1) == [("", "crash")]
    lexing.update(["x = 1", "crash now"])
    assert lexing.line(0) == [("", "x = 1")]


def test_a_lexer_that_goes_round_in_circles_is_stopped() -> None:
    from pygments.lexer import RegexLexer
    from pygments.token import Text

    class Circles(RegexLexer):
        tokens = {"root": [(r"a", Text), (r"(?=b)", Text)]}

    own = Languages()
    own._loaded["python"] = Language(Circles())
    lexing = Lexing(own)
    lexing.update(["aab"])
    assert lexing.line(0) == [("", "aab")]


def test_a_lexer_that_cannot_be_imported_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LEXERS, "python", "no.such.module:Lexer")
    languages = Languages()
    lexing = Lexing(languages)
    lexing.update(["import os"])
    assert lexing.line(0) == [("", "import os")]
    assert languages.wanted == {"python"}
    languages.load("python")
    lexing.update(["import os"])
    assert lexing.line(0) == [("", "import os")]
    assert not languages.wanted


def test_colours_come_when_the_lexer_is_there() -> None:
    languages = Languages()
    lexing = Lexing(languages)
    texts = ["import os"]
    lexing.update(texts)
    assert lexing.line(0) == [("", "import os")]
    languages.load("python")
    lexing.update(texts)
    assert lexing.line(0)[0] == ("class:code.keyword", "import")


def test_a_very_long_line_has_no_colours_and_costs_nothing(languages: Languages) -> None:
    lexing = Lexing(languages)
    long = "x = '" + "a" * LONGEST_LINE
    lexing.update([long, "import os"])
    assert lexing.line(0) == [("", long)]
    assert lexing.line(1)[0] == ("class:code.keyword", "import")


def test_it_is_known_what_stands_at_a_place(languages: Languages) -> None:
    lexing = Lexing(languages)
    lexing.update(["f('a(b') # c", "'''", "x"])
    assert lexing.style_at(0, 3) == "class:code.string"
    assert lexing.style_at(0, 10) == "class:code.comment"
    assert lexing.style_at(0, 99) == ""
    assert lexing.state_before(0) == TOP
    assert lexing.state_before(1).stack == ("root",)
    assert lexing.state_before(2).stack != ("root",)


def test_lexers_are_loaded_in_a_thread_that_ends() -> None:
    languages = Languages()
    assert languages.get("python") is languages.get("bash") is languages.get("no such language") is None
    loaded: queue.Queue[str] = queue.Queue()
    loading = Loading(languages, lambda: loaded.put(threading.current_thread().name))
    loading.load()
    assert {loaded.get(timeout=30), loaded.get(timeout=30)} == {"ipshell-lexers"}
    for thread in threading.enumerate():
        if thread.name == "ipshell-lexers":
            thread.join(30)
            assert not thread.is_alive()
    assert languages.get("python")
    assert languages.get("bash")
    assert not languages.wanted


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_waits_for_the_lexer_that_is_being_loaded_and_for_no_more() -> None:
    program = """if True:
        import os, threading
        names = []
        os.register_at_fork(before=lambda: names.extend(each.name for each in threading.enumerate()))
        from ipterminal.layout import Loading
        begun, go_on = threading.Event(), threading.Event()
        class Languages:
            wanted = {"a", "b"}
            def load(self, name):
                begun.set()
                assert go_on.wait(30)
                self.wanted.discard(name)
        class Told(Loading):
            def tell_to_end(self):
                thread = super().tell_to_end()
                go_on.set()  # not before: it would go on with the next lexer
                return thread
        loading = Told(Languages(), lambda: None)
        loading.load()
        assert begun.wait(30)
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        print(names, Languages.wanted)
        loading.load()
        loading._thread.join(30)
        print(Languages.wanted)
    """
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", program], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.split("\n") == ["['MainThread'] {'b'}", "set()", ""], done.stderr
    assert not done.stderr
