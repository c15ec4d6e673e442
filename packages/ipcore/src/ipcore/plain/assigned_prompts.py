"""Prompts that the user puts into ``shell.prompts``: objects as IPython's, or of the family ``prompts``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from ..notices import notice
from ..plugins.failures import reason_of
from .prompts import STYLES, PlainPrompts, columns

if TYPE_CHECKING:
    from ..types.prompts import Fragments, PromptKind

#: What IPython calls the methods, which give lists of tokens and texts.
_METHODS: Final[dict[PromptKind, str]] = {
    "input": "in_prompt_tokens",
    "continuation": "continuation_prompt_tokens",
    "output": "out_prompt_tokens",
    "rewrite": "rewrite_prompt_tokens",
}
#: Tokens of Pygments → style names; of a token that is not here, what it is a kind of decides.
_TOKENS: Final = {
    "Comment": "code.comment",
    "Error": "code.error",
    "Keyword": "code.keyword",
    "Literal.Number": "code.number",
    "Literal.String": "code.string",
    "Name": "code.name",
    "Name.Class": "code.class",
    "Name.Function": "code.function",
    "Operator": "code.operator",
    "OutPrompt": "prompt.output",
    "OutPromptNum": "prompt.output.number",
    "Prompt": "prompt",
    "Prompt.Continuation": "prompt.continuation",
    "Prompt.Mode": "prompt.mode",
    "PromptNum": "prompt.number",
}


class AssignedPrompts(PlainPrompts):
    """What the user's object gives; the plain prompts for what it lacks, and for what fails, which is told.

    :param given: has ``in_prompt_tokens()`` as IPython's objects have it, or ``input()`` as described by
        :class:`ipcore.types.prompts.Prompts`.
    :raises TypeError: if it has neither.
    """

    def __init__(self, given: Any) -> None:
        self.given = given
        self._plain = PlainPrompts()
        self._failed: set[str] = set()
        #: Whether it speaks of tokens.
        self._tokens = callable(getattr(given, "in_prompt_tokens", None))
        #: The number of a cell, and what stands before it, as it was asked for last.
        self._shown: tuple[int, str] | None = None
        if not self._tokens and not callable(getattr(given, "input", None)):
            raise TypeError(
                f"prompts are an object with in_prompt_tokens() or input(), not {type(given).__name__}"
            )

    @property
    def whose(self) -> str:
        """Who gives them, for messages."""
        return type(self.given).__name__

    def input(self, number: int) -> str:
        """Text before the first line of cell ``number``."""
        return _joined(self.styled("input", number))

    def continuation(self, number: int) -> str:
        """Text before each further line."""
        return _joined(self.styled("continuation", number))

    def output(self, number: int) -> str:
        """Text before the value of cell ``number``."""
        return _joined(self.styled("output", number))

    def rewrite(self, number: int) -> str:
        """Text before a line that was rewritten."""
        return _joined(self.styled("rewrite", number))

    def styled(self, kind: PromptKind, number: int) -> Fragments:
        """Give a prompt in pieces, each with its style name."""
        pieces = self._ask(_METHODS[kind] if self._tokens else kind, kind, number)
        if pieces is None and kind == "continuation":  # below what the user has
            return [(STYLES[kind], "...: ".rjust(self._width(number)))]
        if pieces is None:
            pieces = self._plain.styled(kind, number)
        if kind == "input":
            self._shown = number, _joined(pieces)
        return pieces

    def _width(self, number: int) -> int:
        """Tell how wide the prompt is that stands there; one with a clock is not asked for another one."""
        if self._shown is None or self._shown[0] != number:
            self.input(number)
        return columns(self._shown[1]) if self._shown is not None else 0

    def right(self, number: int) -> Fragments:
        """What stands at the right end of the first line."""
        return self._ask("right", "input", number) or []

    def toolbar(self) -> Fragments:
        """What stands in the line below all."""
        return self._ask("toolbar", "input", 0) or []

    def _ask(self, name: str, kind: PromptKind, number: int) -> Fragments | None:
        """Call a method of the object; ``None`` if it has none that can be used."""
        method = getattr(self.given, name, None)
        if name in self._failed or not callable(method) or _is_ipythons_default(method):
            return None
        try:
            return _pieces(self._call(method, name, kind, number), STYLES[kind])
        except (Exception, KeyboardInterrupt) as error:  # the user's: the prompt must come all the same
            self._failed.add(name)
            notice(f"{type(self.given).__name__}.{name}(): {reason_of(error)}; the plain prompt is used")
            return None

    def _call(self, method: Any, name: str, kind: PromptKind, number: int) -> object:
        if name == "toolbar":
            return method()
        if not name.endswith("_tokens"):
            if kind != name or not callable(getattr(self.given, "styled", None)):
                return method(number)
            return self.given.styled(kind, number)
        offered: dict[str, Any] = {"cli": None}  # IPython's objects had that once
        if kind == "continuation":
            width = self._width(number)
            offered |= {"width": width, "lineno": 1, "line_number": 1, "wrap_count": 0, "is_soft_wrap": 0}
        return method(**_taken(method, offered))


def _taken(method: Any, offered: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments that a method of one version of IPython or another takes."""
    try:
        parameters = inspect.signature(method).parameters
    except (TypeError, ValueError):  # it is none of Python's
        return {}
    return {name: value for name, value in offered.items() if name in parameters}


def _is_ipythons_default(method: Any) -> bool:
    """Tell whether a method is that of IPython's base class, which looks into IPython's terminal."""
    function = getattr(method, "__func__", None)
    where = getattr(function, "__module__", None), getattr(function, "__qualname__", "").partition(".")[0]
    return where == ("IPython.terminal.prompts", "Prompts")


def _pieces(given: Any, style: str) -> Fragments:
    """Give texts with style names for what a method gave: a text, or tokens or style names with texts."""
    if isinstance(given, str):
        return [(style, given)] if given else []
    pieces = []
    for token, text in given:
        if not isinstance(text, str):
            raise TypeError(f"it gave {type(text).__name__} for a text")
        if text:
            pieces.append((_style(token, style), text))
    return pieces


def _style(token: Any, style: str) -> str:
    """Give the style name for a token of Pygments; a style name stays as it is."""
    words = str(token).split(".")
    if words[0] != "Token":
        return str(token)
    del words[0]
    while words:
        found = _TOKENS.get(".".join(words))
        if found is not None:
            return found
        words.pop()
    return style


def _joined(pieces: Fragments) -> str:
    return "".join(text for _, text in pieces)
