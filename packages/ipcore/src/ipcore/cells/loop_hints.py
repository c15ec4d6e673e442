"""What to do where a cell looks for a running event loop and has none."""

from __future__ import annotations

import traceback
from types import TracebackType
from typing import Any, Final

_traceback: Any = BaseException.__dict__["__traceback__"].__get__
_args: Any = BaseException.__dict__["args"].__get__

_MESSAGES: Final = ("no running event loop", "no current event loop")

HINT: Final = (
    "a cell has a running event loop where it awaits something. Await what is begun, or let it go on "
    "behind the cell with a line such as: await asyncio.sleep(0)"
)


def hint_for(error: BaseException, namespace: object) -> str:
    """Give a hint if a cell itself, at its top level, asked asyncio for the running loop.

    :param error: what it raised.
    :param namespace: the globals of cells.
    :returns: one line; empty where the error has other reasons, as inside of a function.
    """
    if type(error) is not RuntimeError:
        return ""
    args = _args(error)
    if not args or type(args[0]) is not str or not args[0].startswith(_MESSAGES):
        return ""
    own: list[str] = []
    found: TracebackType | None = _traceback(error)
    for frame, _ in traceback.walk_tb(found):
        module = frame.f_globals.get("__name__")
        if frame.f_globals is namespace:
            own.append(frame.f_code.co_name)
        elif own and not (type(module) is str and module.partition(".")[0] == "asyncio"):
            return ""
    return HINT if own == ["<module>"] else ""
