"""What extensions complete: functions in lists, called on the thread that asks.

A function of ``custom_matchers`` gets the word and gives texts. One whose attribute
``matcher_api_version`` is 2 gets a :class:`MatcherContext` and gives a mapping: ``completions``,
objects with ``text`` and ``type``; ``matched_fragment``, what they stand in place of; ``ordered``,
whether their order is to be kept; ``suppress``, ``True`` or the names of those whose completions are
left out; ``do_not_suppress``, names of those that are asked all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from ..errors import TryNext
from ..notices import notice
from ..types.completion import Completion, CompletionRequest

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: Tells by its name whether a provider is asked.
Others = Callable[[object], bool]

#: Completions that a function may give for one word.
_MOST_MATCHES: Final = 500

#: IPython's own matchers → the providers that do the same.
_PROVIDERS: Final = {
    "config_matcher": ("magics",),
    "custom_completer_matcher": ("commands",),
    "dict_key_matcher": ("keys",),
    "file_matcher": ("paths",),
    "fwd_unicode_matcher": ("unicode",),
    "jedi_matcher": ("jedi",),
    "latex_name_matcher": ("unicode",),
    "magic_color_matcher": ("magics",),
    "magic_config_matcher": ("magics",),
    "magic_matcher": ("magics", "plain magics"),
    "python_func_kw_matcher": ("keyword arguments",),
    "python_matcher": ("names", "attributes", "plain names", "plain attributes"),
    "unicode_name_matcher": ("unicode",),
    "back_latex_name_matcher": ("unicode",),
    "back_unicode_name_matcher": ("unicode",),
}


_ONE_POLICY: Final = "ShellCompleter.policy is all that is to choose"
_PLACES: Final = "each provider has its own places, and ShellCompleter.off switches them off by name"

#: Options that IPython has for its completer → what there is instead; empty for those that are understood.
OPTIONS_OF_IPYTHON: Final = {
    "auto_import_method": _ONE_POLICY,
    "backslash_combining_completions": "it is UnicodeProvider.backslash_combining_completions here",
    "debug": "what fails is told in any case",
    "disable_matchers": "",
    "evaluation": "",
    "greedy": 'ShellCompleter.policy = "live" evaluates whatever stands before the cursor',
    "jedi_compute_type_timeout": "jedi is never waited for long",
    "limit_to__all__": "it is AttributeProvider.limit_to__all__ here",
    "merge_completions": _PLACES,
    "omit__names": "it is AttributeProvider.omit__names here",
    "policy_overrides": _ONE_POLICY,
    "profile_completions": "any profiler can be used on get_ipython().completer.completions(text)",
    "profiler_output_dir": "any profiler can be used on get_ipython().completer.completions(text)",
    "suppress_competing_matchers": _PLACES,
    "use_jedi": "",
}


@dataclass(frozen=True, slots=True)
class MatcherContext:
    """What a function of version 2 is called with."""

    token: str
    """The word."""
    full_text: str
    """The whole cell."""
    cursor_position: int
    """Where the cursor is in its line."""
    cursor_line: int
    """In which line the cursor is, from 0 on."""
    limit: int | None = _MOST_MATCHES
    """Completions that are of use."""

    @property
    def line_with_cursor(self) -> str:
        """The cursor's line."""
        return self.full_text.split("\n")[self.cursor_line]

    @property
    def text_until_cursor(self) -> str:
        """The cursor's line up to the cursor."""
        return self.line_with_cursor[: self.cursor_position]


def of_commands(shell: InteractiveShell, request: CompletionRequest, word: str) -> list[str] | None:
    """Ask the functions set with ``set_hook("complete_command", ...)``; ``None`` if none has an answer.

    :param word: what is to be completed.
    """
    hooks = shell.made_part("hooks")
    dispatch = hooks.strdispatchers.get("complete_command") if hooks is not None else None
    line = request.line
    words = line.split(None, 1)
    if dispatch is None or not words:
        return None
    command = words[0]
    before = request.line_before
    event = SimpleNamespace(line=line, symbol=word, command=command, text_until_cursor=before)
    keys = [command] if command.startswith("%") else [command, f"%{command}"]
    for function in dispatch.matches(*keys, before.lstrip()):
        try:
            found = [str(each) for each in function(event) or ()]
        except TryNext:
            continue
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an extension's sys.exit() must not end the session
            _tell(f"the completion of {command} by {_name(function)}", error)
            continue
        if found:
            folded = word.casefold()
            same = [each for each in found if each.startswith(word)]
            return same or [each for each in found if each.casefold().startswith(folded)]
    return None


def everybody(name: object) -> bool:
    """Tell that a provider is asked, whoever it is."""
    return True


def labels_of(identifiers: Iterable[str]) -> set[str]:
    """Give the names of the providers that are meant by names, IPython's own among them."""
    found: set[str] = set()
    for each in identifiers:
        found.update(_PROVIDERS.get(each.rpartition(".")[2], (each,)))
    return found


def of_matchers(
    functions: list[Any], request: CompletionRequest, start: int, disabled: frozenset[str]
) -> tuple[list[Completion], Others]:
    """Ask the functions of ``custom_matchers``, those of higher ``matcher_priority`` first.

    :param start: where the word begins.
    :param disabled: names of functions that are not asked.
    :returns: what they give, and which providers are asked beside them.
    """
    found: list[Completion] = []
    silent: set[str] = set()
    kept: set[str] = set()
    everything = False
    for function in sorted(functions, key=_priority):
        name = identifier_of(function)
        if name in disabled or name in silent or (everything and name not in kept):
            continue
        try:
            if getattr(function, "matcher_api_version", 1) != 2:
                given = [
                    _completion(each, "", start, request) for each in function(_word(request, start)) or ()
                ]
                found += [each for each in given if each.text]
                continue
            result: Mapping[str, Any] = function(_context(request, start)) or {}
            given = _completions(result, request, start)
            suppress = result.get("suppress", False)
            asked_all_the_same = {str(each) for each in result.get("do_not_suppress") or ()}
            names = set() if isinstance(suppress, bool) else {str(each) for each in suppress or ()}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an extension's sys.exit() must not end the session
            _tell(f"the custom matcher {_name(function)}", error)
            continue
        found += given
        if given and suppress is True:
            everything = True
            kept |= asked_all_the_same
        elif given:
            silent |= names - asked_all_the_same
    if not everything and not silent:
        return found, everybody
    not_asked = labels_of(silent)
    asked = labels_of(kept)
    return found, lambda label: label not in not_asked and (not everything or label in asked)


def identifier_of(function: Any) -> str:
    """Give the name by which a function is switched off."""
    return str(getattr(function, "matcher_identifier", None) or _name(function))


def _priority(function: Any) -> float:
    given = getattr(function, "matcher_priority", 0)
    return -given if isinstance(given, (int, float)) else 0.0


def _word(request: CompletionRequest, start: int) -> str:
    return request.text[start : request.cursor]


def _context(request: CompletionRequest, start: int) -> MatcherContext:
    return MatcherContext(
        token=_word(request, start),
        full_text=request.text,
        cursor_position=request.cursor - request.line_start,
        cursor_line=request.before.count("\n"),
    )


def _completion(text: Any, kind: Any, start: int, request: CompletionRequest, rank: int = 0) -> Completion:
    return Completion(start, request.cursor, str(text), "" if kind is None else str(kind), rank=rank)


def _completions(result: Mapping[str, Any], request: CompletionRequest, start: int) -> list[Completion]:
    fragment = result.get("matched_fragment")
    if fragment and request.before.endswith(fragment):
        start = request.cursor - len(fragment)
    given = list(result.get("completions") or ())[:_MOST_MATCHES]
    rank = len(given) if result.get("ordered", False) else 0
    found = []
    for each in given:
        made = _completion(each.text, getattr(each, "type", ""), start, request, rank)
        if made.text:
            found.append(made)
        rank = max(0, rank - 1)
    return found


def _tell(what: str, error: BaseException) -> None:
    from ..plugins.failures import reason_of

    notice(f"{what} failed: {reason_of(error)}. The others are asked.", once=f"completion:{what}")


def _name(function: object) -> str:
    return str(getattr(function, "__qualname__", type(function).__name__))
