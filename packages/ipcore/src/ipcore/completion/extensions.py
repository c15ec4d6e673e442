"""What extensions complete: functions in lists, called on the thread that asks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ..errors import TryNext
from ..notices import notice

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.completion import CompletionRequest


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


def of_matchers(functions: list[Any], word: str) -> list[str]:
    """Ask the functions of ``custom_matchers``."""
    found: list[str] = []
    for function in tuple(functions):
        try:
            found += [str(each) for each in function(word) or ()]
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            _tell(f"the custom matcher {_name(function)}", error)
    return found


def _tell(what: str, error: BaseException) -> None:
    from ..plugins.failures import reason_of

    notice(f"{what} failed: {reason_of(error)}. The others are asked.", once=f"completion:{what}")


def _name(function: object) -> str:
    return str(getattr(function, "__qualname__", type(function).__name__))
