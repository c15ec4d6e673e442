"""What each escape becomes in Python.

Every function here takes the text of one escape, continuation lines joined and without
its line ending, and gives an expression. Where escapes stand in a cell is the business
of :mod:`ipcore.cells.transform`.
"""

from __future__ import annotations

import re

# The name that stands right before the question marks: dotted, with whole-number
# indexes, wildcards, and the signs of a magic in front.
_HELP_TARGET = re.compile(r"%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?[0-9]+\])*\Z")
_HELP_SUFFIX = re.compile(r"\?\??[ \t\f]*\Z")
_AUTOCALL = re.compile(r"([^\W\d][^\s;/]*)(?:[ \t\f](.*))?", re.DOTALL)
_ARGUMENT_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[()\[\]{}]|\s+|[^\s'"()\[\]{}]+|['"]""")

#: A name that help is asked for is not longer than this; bounds the search for it.
_LONGEST_TARGET = 500


def join_lines(text: str) -> str:
    """Join continuation lines: a space replaces each backslash with its line ending."""
    return text.rstrip("\n").replace("\\\n", " ")


def line_magic(text: str) -> str:
    """Call a line magic.

    :param text: what follows the ``%``: the name, a blank, the rest.
    """
    name, rest = _name_and_rest(text)
    return f"get_ipython().run_line_magic({name!r}, {rest!r})"


def cell_magic(line: str, body: str) -> str:
    """Call a cell magic.

    :param line: what follows the ``%%`` on the first line.
    :param body: all lines below it.
    """
    name, rest = _name_and_rest(line)
    return f"get_ipython().run_cell_magic({name!r}, {rest!r}, {body!r})"


def system(command: str) -> str:
    """Run a command, its output goes to the user."""
    return f"get_ipython().system({command!r})"


def getoutput(command: str) -> str:
    """Run a command and give its output as a list of lines."""
    return f"get_ipython().getoutput({command!r})"


def help_call(target: str, marks: str) -> str:
    """Ask for help about an object.

    :param target: its name; with a ``*`` in it, names that match are listed.
    :param marks: ``?`` or, for the source too, ``??``.
    """
    target = target.strip()
    if not target:
        return "get_ipython().show_usage()"
    magic = "psearch" if "*" in target else "pinfo2" if marks == "??" else "pinfo"
    return f"get_ipython().run_line_magic({magic!r}, {target!r})"


def help_before(text: str, marks: str) -> str | None:
    """Ask for help about the name at the end of a text.

    :param text: a statement up to its question marks; blanks may stand between.
    :returns: the call, or ``None`` if no name stands there.
    """
    match = _search_target(text.rstrip(" \t\f"))
    return help_call(match, marks) if match else None


def escaped_line(text: str) -> str | None:
    """Rewrite a statement that begins with an escape character.

    :returns: the call, or ``None`` if it is no escape after all.
    """
    first = text[0]
    if first == "!":
        if text.startswith("!!"):
            return getoutput(text[2:].rstrip())
        return system(text[1:].rstrip())
    if first == "?":
        marks = "??" if text.startswith("??") else "?"
        return help_call(text.strip(" \t\f?"), marks)
    if first == "%":
        return asked_magic(text) or line_magic(text[1:])
    if first == "/":
        return asked_magic(text) or _autocall(text)
    return _autocall(text)


def asked_magic(text: str) -> str | None:
    """Read ``%magic words?`` and ``/function words?`` as a question about the last word.

    :param text: from the escape character on.
    :returns: the call, or ``None`` if it is no question. A shell command never is:
        its question mark is a wildcard.
    """
    match = _HELP_SUFFIX.search(text)
    if match is None or text[0] not in "%/":
        return None
    before = text[: match.start()]
    if before[-1:] in (" ", "\t", "\f") and re.search(r"\s", before.strip()):
        return None  # "%magic words ?": the question mark is one of the words
    return help_before(before, match.group().strip())


def assigned_escape(text: str) -> str:
    """Rewrite the right-hand side of ``name = %magic`` or ``name = !command``.

    :param text: the right-hand side, from the escape character on.
    """
    if text[0] == "!":
        return getoutput(text[1:].rstrip())
    return line_magic(text[1:])


def _name_and_rest(text: str) -> tuple[str, str]:
    text = text.rstrip()
    blank = re.search(r"\s", text)
    if blank is None:
        return text, ""
    return text[: blank.start()], text[blank.end() :]


def _search_target(text: str) -> str:
    """Give the longest name at the end of a text, or nothing."""
    window = text[-_LONGEST_TARGET:]
    found = ""
    for start in range(len(window) - 1, -1, -1):
        if not (window[start].isalnum() or window[start] in "_*.%[]-"):
            break
        if match := _HELP_TARGET.match(window, start):
            found = match.group()
    return found


def _autocall(text: str) -> str | None:
    """Call a function: ``/f a b``, ``,f a b`` (arguments quoted), ``;f a b`` (as one string)."""
    rest = text[1:].rstrip()
    semicolon = ""
    if text[0] == "/" and rest.endswith(";"):
        rest, semicolon = rest[:-1].rstrip(), ";"
    match = _AUTOCALL.fullmatch(rest)
    if match is None:
        return None
    function, arguments = match.group(1), match.group(2) or ""
    if text[0] == "/":
        inside = ", ".join(_split_arguments(arguments))
    elif text[0] == ",":
        inside = ", ".join(map(_quoted, arguments.split())) or '""'
    else:
        inside = _quoted(arguments)
    return f"{function}({inside}){semicolon}"


def _split_arguments(text: str) -> list[str]:
    """Split at blanks that are neither in a string nor in brackets; commas may separate too."""
    pieces = [""]
    depth = 0
    for token in _ARGUMENT_TOKEN.findall(text):
        if token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
        if token.isspace() and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += token
    return [piece.removesuffix(",") for piece in pieces if piece not in ("", ",")]


def _quoted(text: str) -> str:
    return repr(text) if '"' in text or "\\" in text or not text.isprintable() else f'"{text}"'
