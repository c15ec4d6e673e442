"""What cells call to show something: ``display()`` and its like."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from ..shell import get_ipython
from .publishing import clear_line


def display(
    *objs: Any,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    transient: Mapping[str, Any] | None = None,
    display_id: bool | str | None = None,
    raw: bool = False,
    clear: bool = False,
    update: bool = False,
) -> DisplayHandle | None:
    """Show objects, each in the richest form that the front end can show.

    There without import in cells. Outside of a shell the objects are printed. Can be called from any thread.

    :param objs: what to show; with ``display_id`` and no objects a place is kept free for an update.
    :param include: the MIME types to compute, no others.
    :param exclude: MIME types not to compute.
    :param metadata: more about the representations, by MIME type.
    :param transient: what front ends are told but do not store.
    :param display_id: a name that the output can be updated by; ``True`` makes one.
    :param raw: whether the objects are representations by MIME type themselves.
    :param clear: whether what was shown before is to make room for this.
    :param update: whether this takes the place of the outputs of the same ``display_id``.
    :returns: with a ``display_id``, what updates the output; else ``None``.
    :raises TypeError: if there is something to update, but no ``display_id``.
    """
    extra = dict(transient or {})
    if display_id:
        extra["display_id"] = os.urandom(16).hex() if display_id is True else display_id
    if update and "display_id" not in extra:
        raise TypeError("an update needs the display_id of what is to be updated")
    if not objs and display_id:
        objs, raw = ({},), True
    shell = get_ipython()
    if shell is None:
        _print(objs, raw)
    else:
        if clear:
            clear_output(wait=True)
        for obj in objs:
            if raw:
                data, more = obj, dict(metadata or {})
            else:
                data, found = shell.display.format(obj, include, exclude)
                if not data:
                    continue  # it has shown itself, or there is no such representation
                more = {**found, **(metadata or {})}
            shell.display.publisher.publish(data, more, transient=extra, update=update)
    return DisplayHandle(extra["display_id"]) if display_id else None


def update_display(obj: Any, *, display_id: str, **options: Any) -> None:
    """Show an object in place of the outputs that have a ``display_id``.

    A plain terminal, where what is printed stays, shows it anew.

    :param options: as for :func:`display`.
    """
    display(obj, display_id=display_id, update=True, **options)


def clear_output(wait: bool = False) -> None:
    """Clear what the running cell has shown; on a plain terminal, the line that the cursor is in.

    :param wait: clear only when there is something new to show; a plain terminal does not wait.
    """
    shell = get_ipython()
    if shell is None:
        clear_line()
    else:
        shell.display.publisher.clear_output(wait)


def publish_display_data(
    data: Mapping[str, Any],
    metadata: Mapping[str, Any] | None = None,
    source: str = "",
    *,
    transient: Mapping[str, Any] | None = None,
    update: bool = False,
) -> None:
    """Show something of which the representations are at hand.

    :param data: the representations by MIME type.
    :param metadata: more about them, by MIME type.
    :param source: not used; there for callers that give it.
    :param transient: what front ends are told but do not store.
    :param update: whether this takes the place of the outputs of the same ``display_id``.
    :raises TypeError: if data or metadata is no mapping.
    """
    shell = get_ipython()
    if shell is None:
        _print((data,), raw=True)
    else:
        shell.display.publisher.publish(data, metadata, source, transient=transient, update=update)


class DisplayHandle:
    """An output that can be updated.

    :param display_id: its name; a new one by default.
    """

    def __init__(self, display_id: str | None = None) -> None:
        self.display_id = display_id or os.urandom(16).hex()

    def __repr__(self) -> str:
        return f"<DisplayHandle display_id={self.display_id}>"

    def display(self, obj: Any, **options: Any) -> None:
        """Show an object as a further output of this name."""
        display(obj, display_id=self.display_id, **options)

    def update(self, obj: Any, **options: Any) -> None:
        """Show an object in place of the outputs of this name."""
        update_display(obj, display_id=self.display_id, **options)


def _print(objs: Collection[Any], raw: bool) -> None:
    """Show objects where there is no shell."""
    if raw:
        objs = [obj["text/plain"] for obj in objs if "text/plain" in obj]
    if objs:
        print(*objs)
