"""Attributes of what stands before a dot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from traitlets import Bool, Enum

from ipcore.component import Component
from ipcore.types.completion import Completion

from .context import context_of
from .matching import BY_INITIALS, completions, matching

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionRequest, Objects

#: For how many attributes it is looked up what they are, and how they are called: as many as are seen.
TYPED: Final = 200
SIGNED: Final = 8

#: After so many it is asked again whether they are wanted.
_AT_ONCE: Final = 20


class AttributeProvider(Component):
    """Attributes of what stands before a dot."""

    name = "attributes"

    omit__names = Enum(
        (0, 1, 2),
        2,
        help="Which attributes are proposed only once an underscore is typed: 2 for all that begin with one, "
        "1 for those with two, 0 for none.",
    ).tag(config=True)
    private_if_alone = Bool(
        True, help="Whether _private attributes are proposed of an object that has no public ones."
    ).tag(config=True)
    limit_to__all__ = Bool(
        False, help="Whether of a module that has __all__ only what that names is proposed."
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(parent=shell, name="attributes")

    def complete(self, request: CompletionRequest) -> list[Completion]:
        """Propose attributes of the expression before the dot; nothing where it is not known what it is."""
        context = context_of(request)
        if context.place != "code" or context.dotted is None:
            return []
        objects = request.objects
        found, value = objects.find(context.dotted, context.before)
        if not found:
            from .imports import of_module

            return list(of_module(request, context))
        start, end = context.start, request.cursor
        typed = request.text[start:end]
        names = self._shown(objects.attributes(value), typed, objects, value)
        direct, initials = matching(request, names, typed)
        make, proposed = Completion._make, []
        for index, name in enumerate(direct[:TYPED]):
            if not index % _AT_ONCE and request.cancelled():
                break
            kind = objects.type_of_attribute(value, name)
            signature = ""
            if index < SIGNED and kind in ("function", "class"):
                signature = _signature(objects, value, name)
            proposed.append(make((start, end, name, kind, signature, "", 0, self.name)))
        proposed += completions(self.name, start, end, direct[len(proposed) :], "")
        for name in initials:
            kind = objects.type_of_attribute(value, name)
            proposed.append(Completion(start, end, name, kind, rank=BY_INITIALS))
        return proposed

    def _shown(self, names: list[str], typed: str, objects: Objects, value: Any) -> list[str]:
        """Leave out what is not asked for."""
        if self.limit_to__all__:
            allowed = _all_of(objects, value)
            if allowed is not None:
                names = [name for name in names if name in allowed]
        if typed or not self.omit__names:
            return names
        hidden = "_" if self.omit__names == 2 else "__"
        shown = [name for name in names if not name.startswith(hidden)]
        if not shown and self.private_if_alone:
            shown = [name for name in names if not name.startswith("__")]
        return shown


def _signature(objects: Objects, value: Any, name: str) -> str:
    found, attribute = objects.attribute(value, name)
    signature = objects.signature(attribute) if found else None
    return "" if signature is None else str(signature)


def _all_of(objects: Objects, value: Any) -> frozenset[str] | None:
    """Give the names in ``__all__`` of a module."""
    if objects.type_of(value) != "module":
        return None
    found, names = objects.attribute(value, "__all__")
    if not found or type(names) not in (list, tuple):
        return None
    return frozenset(name for name in names if type(name) is str)
