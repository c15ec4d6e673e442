"""From what is typed to Python: prompts, indentation and escapes of a cell.

:func:`transform` is the shell's own part; :func:`transform_cell` runs the transformers
that plugins contribute around it. Most cells are plain Python: a few scans at the speed
of C find that out and the text is given back as it is. The others are read once, line
by line, however many escapes they hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from os.path import commonprefix

from ..types.input import InputTransformer
from . import escapes
from .logical_lines import BLANK, ESCAPE, HELP, scan, string_end

#: Told about a transformer that failed, and with what; it is skipped for this cell.
OnFailure = Callable[[InputTransformer, BaseException], object]

_BLANK_LINES = re.compile(r"(?:[ \t\f]*\n)+")
_IPYTHON_PROMPT = r"(?:\[(?:ins|nav)\] )?In \[\d+\]:(?: |(?=\n))"
_CONTINUATION_PROMPT = r"\.{3,}:(?: |(?=\n)|(?=\S))"
_PROMPT = re.compile(rf"[ \t]*(?:{_IPYTHON_PROMPT}|{_CONTINUATION_PROMPT})")
_PROMPT_ON_SECOND_LINE = re.compile(rf"[^\n]*\n[ \t]*{_CONTINUATION_PROMPT}")
_DOCTEST = re.compile(r"^[ \t]*>>>", re.MULTILINE)
_DOCTEST_PROMPT = re.compile(r"[ \t]*(?:>>> ?|\.\.\.(?: |(?=\n)))")
_DOCTEST_IN_STRING = re.compile(r"[ \t]*\.\.\. ?")
_QUOTE_OR_COMMENT = re.compile(r"""['"#]""")
_INDENTED = re.compile(r"(?:[ \t\f]*(?:#[^\n]*)?\n)*[ \t]+[^\s#]")
_CELL_MAGIC = re.compile(r"[ \t\f]*%%(?!\S+\?\??[ \t\f]*\n)")

# The cheap test. Patterns that begin with a literal character are searched for with memchr.
_ESCAPE_AT_START = re.compile(r"[ \t\f]*[%!?/,;]")
_ESCAPE_ON_LINE = re.compile(r"\n[ \t\f]*[%!?/,;]")
_ASSIGNED_ESCAPE = re.compile(r"=[ \t]*[%!]")
_QUESTION = re.compile(r"\?[ \t\f]*\n")


def transform(source: str) -> str:
    """Turn the shell's notation into Python.

    Leading blank lines, common indentation and copied prompts are dropped, escapes
    (``%magic``, ``!command``, ``object?`` and so on) become calls of the shell. Plain Python
    comes out as it went in, but for a missing newline at its end and for line endings,
    which become newline characters.

    Never raises, whatever the text; what is no escape is left for the compiler to judge.

    :param source: the text of a cell.
    :returns: Python, ending with a newline.
    """
    source = clean(with_newlines(source))
    if not _may_hold_escapes(source):
        return source
    if _CELL_MAGIC.match(source):
        return _cell_magic_call(source)
    return _rewrite(source)


def with_newlines(source: str) -> str:
    """Give a text whose lines all end with a newline character."""
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    return source if source.endswith("\n") else source + "\n"


# The steps of transform(), for the lists that extensions change: lines to lines.


def leading_clutter(lines: list[str]) -> list[str]:
    """Drop leading blank lines, copied prompts and common indentation."""
    return split_lines(clean("".join(lines))) if lines else lines


def cell_magic(lines: list[str]) -> list[str]:
    """Turn a cell that begins with ``%%name`` into the call of the cell magic."""
    source = "".join(lines)
    return [_cell_magic_call(source)] if _CELL_MAGIC.match(source) else lines


def rewrite_escapes(source: str) -> str:
    """Turn the other escapes into calls."""
    return _rewrite(source) if _may_hold_escapes(source) else source


def _cell_magic_call(source: str) -> str:
    first, body = source.split("\n", 1)
    return escapes.cell_magic(first.strip()[2:], body) + "\n"


def transform_cell(
    source: str,
    transformers: Iterable[InputTransformer],
    on_failure: OnFailure,
    *,
    side_effects: bool = True,
    own: Callable[[str], str] = transform,
) -> str:
    """Turn a cell into Python with the shell's own rules and those of plugins.

    Order: transformers of stage ``cleanup``, the shell's own, those of stage ``post``.
    One that fails, or gives back something else than lines of text, is reported and
    skipped; the text goes on as it was before it.

    :param source: the text of a cell.
    :param transformers: in the order they are to run.
    :param on_failure: called with a transformer and its error.
    :param side_effects: false leaves out transformers that declare ``has_side_effects``.
    :param own: the shell's own rules.
    :returns: Python, ending with a newline.
    :raises SyntaxError: from a transformer that refuses the cell.
    """
    todo = [t for t in transformers if side_effects or not getattr(t, "has_side_effects", False)]
    if not todo:
        return own(source)
    if not source.endswith("\n"):
        source += "\n"
    for transformer in todo:
        if transformer.stage == "cleanup":
            source = _apply(transformer, source, on_failure)
    source = own(source)
    for transformer in todo:
        if transformer.stage == "post":
            source = _apply(transformer, source, on_failure)
    return source


def clean(source: str) -> str:
    """Drop leading blank lines, copied prompts and common indentation.

    :param source: a text whose lines end with newline characters, the last one too.
    """
    if source[0] in " \t\f\n" and (blank := _BLANK_LINES.match(source)):
        source = source[blank.end() :] or "\n"
    if not _CELL_MAGIC.match(source):
        if _PROMPT.match(source) or (_PROMPT_ON_SECOND_LINE.match(source) and not _opens_string(source)):
            source = "".join(_PROMPT.sub("", line, count=1) for line in split_lines(source))
        elif ">>>" in source and _has_doctest(source):
            source = _without_doctest_prompts(source)
    return _dedent(source) if _INDENTED.match(source) else source


def _may_hold_escapes(source: str) -> bool:
    """Tell cheaply whether a text must be read line by line; never wrongly false."""
    if _ESCAPE_AT_START.match(source) or _ESCAPE_ON_LINE.search(source):
        return True
    if ("%" in source or "!" in source) and _ASSIGNED_ESCAPE.search(source):
        return True
    return "?" in source and any(
        not _in_comment(source, match.start()) for match in _QUESTION.finditer(source)
    )


def _in_comment(source: str, position: int) -> bool:
    """Tell whether a place surely is in a comment: a line without quotes before the ``#``."""
    before, sharp, _ = source[source.rfind("\n", 0, position) + 1 : position].partition("#")
    return bool(sharp) and "'" not in before and '"' not in before


def _rewrite(source: str) -> str:
    """Replace every escape, in one pass."""
    pieces: list[str] = []
    done = 0
    for kind, _, code, mark, end, _ in scan(source):
        if kind < ESCAPE:
            continue
        text = source[code:end]
        call: str | None
        if kind == ESCAPE:
            call = escapes.escaped_line(escapes.join_lines(text))
        elif kind == HELP:
            call = escapes.help_before(source[code:mark], source[mark:end].strip())
        else:
            right = escapes.join_lines(source[mark:end])
            call = escapes.asked_magic(right) or source[code:mark] + escapes.assigned_escape(right)
        if call is not None:
            pieces += source[done:code], call, "\n"
            done = end
    pieces.append(source[done:])
    return "".join(pieces)


def _apply(transformer: InputTransformer, source: str, on_failure: OnFailure) -> str:
    try:
        if not transformer.applies(source):
            return source
        lines = transformer.transform(split_lines(source))
        changed = "".join(lines)
    except SyntaxError as refused:
        sign(refused, getattr(transformer, "label", f"input transformer {type(transformer).__name__}"))
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin's sys.exit() must not end the session
        on_failure(transformer, error)
        return source
    return changed if changed.endswith("\n") else changed + "\n"


def sign(refused: SyntaxError, label: str) -> None:
    """Note which transformer refused a cell: one that refuses them all leaves no other way to find it."""
    note = f"(refused by the {label})"
    with suppress(Exception):  # an error that takes no notes
        if note not in getattr(refused, "__notes__", ()):
            refused.add_note(note)


def split_lines(source: str) -> list[str]:
    """Split at newline characters alone; ``str.splitlines`` also splits at form feeds and more."""
    lines = [line + "\n" for line in source.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _opens_string(source: str) -> bool:
    """Tell whether the first line ends inside a triple-quoted string."""
    return bool(_open_quote(source[: source.index("\n") + 1]))


def _open_quote(line: str) -> str:
    """Give the quotes of the triple-quoted string that is open at a line's end, if one is."""
    position = 0
    while match := _QUOTE_OR_COMMENT.search(line, position):
        if match.group() == "#":
            return ""
        position = string_end(line, match.start())
        if position < 0:
            return match.group() * 3
    return ""


def _has_doctest(source: str) -> bool:
    """Tell whether a statement begins with ``>>>``, which in Python none does."""
    return bool(_DOCTEST.search(source)) and any(source.startswith(">>>", line.code) for line in scan(source))


def _without_doctest_prompts(source: str) -> str:
    """Remove ``>>>`` and ``...``.

    A string that begins on a line with a prompt has prompts on its other lines too;
    any other string keeps what looks like prompts in it.
    """
    lines: list[str] = []
    quote = ""
    prompted = False
    for line in split_lines(source):
        if quote:
            bare = _DOCTEST_IN_STRING.sub("", line, count=1) if prompted else line
            closing = string_end(quote + bare, 0)
            quote = quote if closing < 0 else _open_quote((quote + bare)[closing:])
        else:
            bare = _DOCTEST_PROMPT.sub("", line, count=1)
            prompted = bare != line
            is_escape = line.lstrip().startswith(">>>") and bare.lstrip()[:1] in ("%", "!")
            quote = "" if is_escape else _open_quote(bare)
        lines.append(bare)
    return "".join(lines)


def _dedent(source: str) -> str:
    """Remove the indentation that all statements have in common."""
    if _CELL_MAGIC.match(source):  # its body is not Python
        lines = [line for line in split_lines(source) if line.strip()]
        margins = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines]
    else:
        margins = [source[line.start : line.code] for line in scan(source) if line.kind != BLANK]
    margin = commonprefix(margins)  # noqa: RUF071  # character by character is what is meant
    return re.sub(rf"^{margin}", "", source, flags=re.MULTILINE) if margin else source
