"""Languages that cells are written in: pygments' lexers, asked for one line at a time.

A lexer of pygments reads a whole text. Here it gets a line and the stack of states that the line above
has left, and gives the line's fragments and the stack that it leaves itself. Strings, comments and
documents that go over many lines are in these states. What a lexer finds only by looking into the next
line, it does not find.

Lexers are imported by :meth:`Languages.load`, which takes milliseconds and is for a thread of its own;
until then a language is not there and its lines have no colours.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pygments.token import _TokenType

#: A piece of a line: style and text.
Fragment = tuple[str, str]
Fragments = list[Fragment]
#: Names of a lexer's states, the innermost last.
Stack = tuple[str, ...]

#: Characters of a line that are looked at by a lexer. A longer line is shown as it is.
LONGEST_LINE: Final = 2000
#: States that a stack may hold; a lexer that goes deeper begins anew.
DEEPEST: Final = 100

_START: Final[Stack] = ("root",)

#: Where the lexer of each language is.
LEXERS: Final = {
    "bash": "pygments.lexers.shell:BashLexer",
    "css": "pygments.lexers.css:CssLexer",
    "cython": "pygments.lexers.python:CythonLexer",
    "html": "pygments.lexers.html:HtmlLexer",
    "javascript": "pygments.lexers.javascript:JavascriptLexer",
    "json": "pygments.lexers.data:JsonLexer",
    "latex": "pygments.lexers.markup:TexLexer",
    "markdown": "pygments.lexers.markup:MarkdownLexer",
    "perl": "pygments.lexers.perl:PerlLexer",
    "python": "pygments.lexers.python:PythonLexer",
    "r": "pygments.lexers.r:SLexer",
    "ruby": "pygments.lexers.ruby:RubyLexer",
    "sql": "pygments.lexers.sql:SqlLexer",
    "xml": "pygments.lexers.html:XmlLexer",
    "yaml": "pygments.lexers.data:YamlLexer",
}

#: Kinds of tokens and what they are for the eye. A kind that is not here is what its parent is.
CLASSES: Final = {
    "Comment": "comment",
    "Error": "error",
    "Keyword": "keyword",
    "Keyword.Constant": "constant",
    "Keyword.Type": "class",
    "Name": "name",
    "Name.Attribute": "name",
    "Name.Builtin": "builtin",
    "Name.Class": "class",
    "Name.Constant": "constant",
    "Name.Decorator": "decorator",
    "Name.Exception": "builtin",
    "Name.Function": "function",
    "Name.Function.Magic": "function",
    "Name.Tag": "keyword",
    "Number": "number",
    "Literal": "string",
    "Literal.Number": "number",
    "Literal.String": "string",
    "Literal.String.Escape": "escape",
    "Literal.String.Interpol": "interpolation",
    "Operator": "operator",
    "Operator.Word": "keyword",
    "Punctuation": "punctuation",
    "Generic.Deleted": "error",
    "Generic.Error": "error",
    "Generic.Heading": "keyword",
    "Generic.Subheading": "keyword",
}


class Runaway(Exception):
    """A lexer goes round and round on a line."""


def style_of(kind: _TokenType) -> str:
    """Give the style of a kind of token: ``class:code.keyword``; nothing for what is not special."""
    words: tuple[str, ...] = kind
    while words:
        found = CLASSES.get(".".join(words))
        if found:
            return f"class:code.{found}"
        words = words[:-1]
    return ""


class Language:
    """A lexer that is asked line by line.

    :param lexer: one of pygments'; of a kind that keeps no stack of states each line stands for itself.
    """

    #: The stack that a text begins with.
    start: Stack = _START

    def __init__(self, lexer: Any) -> None:
        from pygments.lexer import ExtendedRegexLexer, RegexLexer

        self._lexer = lexer
        self._styles: dict[_TokenType, str] = {}
        reads = type(lexer).get_tokens_unprocessed
        self._tokens: Callable[[str, list[str]], tuple[list[tuple[Any, str]], list[str]]]
        if reads is RegexLexer.get_tokens_unprocessed:
            self._tokens = self._by_rules
        elif reads is ExtendedRegexLexer.get_tokens_unprocessed:
            self._tokens = self._by_context
        else:
            self._tokens = self._alone

    def line(self, text: str, stack: Stack) -> tuple[Fragments, Stack]:
        """Read one line.

        :param text: the line, without its line ending.
        :param stack: what the line above has left, or :attr:`start`.
        :returns: the line in pieces, neighbours of one style joined; and what it leaves.
        :raises Exception: what the lexer raises.
        """
        if len(text) > LONGEST_LINE:
            return [("", text)], stack
        tokens, left = self._tokens(text + "\n", list(stack))
        fragments: Fragments = []
        styles = self._styles
        last, run = "", ""
        for kind, piece in tokens:
            style = styles.get(kind)
            if style is None:
                style = styles[kind] = style_of(kind)
            if style == last:
                run += piece
                continue
            if run:
                fragments.append((last, run))
            last, run = style, piece
        if run.endswith("\n"):
            run = run[:-1]
        if run:
            fragments.append((last, run))
        return fragments, tuple(left) if len(left) <= DEEPEST else _START

    def _by_rules(self, text: str, stack: list[str]) -> tuple[list[tuple[Any, str]], list[str]]:
        """Go by the rules of the lexer as it does itself, but keep the stack.

        Its own reading, ``RegexLexer.get_tokens_unprocessed``, begins with a stack but does not give back
        the one that is left. The table of rules and what a rule's third part means are documented in
        pygments' "Write your own lexer".
        """
        lexer = self._lexer
        table = lexer._tokens
        rules = table[stack[-1]]
        tokens: list[tuple[Any, str]] = []
        at, size = 0, len(text)
        left = 50 + 20 * size
        while True:
            left -= 1
            if left < 0:
                raise Runaway(f"{type(lexer).__name__} does not get beyond {text[at : at + 20]!r}")
            for match, action, then in rules:
                found = match(text, at)
                if found is None:
                    continue
                if action is not None:
                    if isinstance(action, tuple):
                        tokens.append((action, found.group()))
                    else:
                        tokens += [(kind, piece) for _, kind, piece in action(lexer, found)]
                at = found.end()
                if then is not None:
                    _go(stack, then)
                    rules = table[stack[-1]]
                break
            else:
                if at >= size:
                    return tokens, stack
                if text[at] == "\n":
                    stack = ["root"]
                    rules = table["root"]
                    tokens.append(((), "\n"))
                else:
                    tokens.append((("Error",), text[at]))
                at += 1

    def _by_context(self, text: str, stack: list[str]) -> tuple[list[tuple[Any, str]], list[str]]:
        from pygments.lexer import LexerContext

        context = LexerContext(text, 0, stack)
        tokens = [
            (kind, piece) for _, kind, piece in self._lexer.get_tokens_unprocessed(text, context) if piece
        ]
        return tokens, context.stack or ["root"]

    def _alone(self, text: str, stack: list[str]) -> tuple[list[tuple[Any, str]], list[str]]:
        return [(kind, piece) for _, kind, piece in self._lexer.get_tokens_unprocessed(text)], stack


def _go(stack: list[str], then: Any) -> None:
    """Change a stack as a rule says: states to push, ``#push``, ``#pop``, or minus how many to pop."""
    if isinstance(then, int):
        del stack[max(1, len(stack) + then) :]
        return
    for state in then if isinstance(then, tuple) else (then,):
        if state == "#pop":
            if len(stack) > 1:
                stack.pop()
        elif state == "#push":
            stack.append(stack[-1])
        else:
            stack.append(state)


class Languages:
    """The languages that are there, and those that are wanted.

    :meth:`load` is for a thread that does not edit; all else for the one that does.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, Language | None] = {}
        #: Names that were asked for and are not loaded yet.
        self.wanted: set[str] = set()
        #: Changes with every language that is there, or is no more.
        self.generation = 0

    def get(self, name: str) -> Language | None:
        """Give a language, or nothing if it is not loaded; then it is wanted from now on."""
        try:
            return self._loaded[name]
        except KeyError:
            if name in LEXERS:
                self.wanted.add(name)
            return None

    def load(self, name: str) -> None:
        """Import a language's lexer. Blocks for milliseconds; never raises."""
        language: Language | None = None
        try:
            module, _, lexer = LEXERS[name].partition(":")
            language = Language(getattr(import_module(module), lexer)())
            language.line("", language.start)  # its rules are compiled at the first line
        except Exception as error:
            self._tell(name, error)
        self._loaded[name] = language
        self.wanted.discard(name)
        self.generation += 1

    def drop(self, name: str, error: Exception) -> None:
        """Do without a language whose lexer has failed; its lines have no colours."""
        self._tell(name, error)
        self._loaded[name] = None
        self.generation += 1

    def _tell(self, name: str, error: Exception) -> None:
        import logging

        logging.getLogger("ipshell.terminal").warning(
            "%s is shown without colours: %s: %s", name, type(error).__name__, error
        )
