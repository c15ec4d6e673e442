"""In and Out: what was typed and what came of it, in the user's namespace."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..shell import InteractiveShell


class Outputs:
    """Keeps ``In``, ``Out``, ``_``, ``_i``, ``_3``, ``_i3`` and their like up to date.

    :param shell: whose namespace to keep them in; ``cache_size`` bounds the values kept.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.inputs: list[str] = [""]
        self.raw_inputs: list[str] = [""]
        self.values: dict[int, Any] = {}
        self._recent: list[Any] = []

    #: Names that are the shell's own in the user's namespace.
    names = ("In", "_ih", "Out", "_oh", "_", "__", "___", "_i", "_ii", "_iii")

    def seed(self) -> None:
        """Give the user's namespace ``In`` and ``Out``; what the user has under these names stays."""
        for name in self.names[:2]:
            self.shell.own_names.setdefault(name, self.inputs)
        for name in self.names[2:4]:
            self.shell.own_names.setdefault(name, self.values)
        namespace = self.shell.namespace
        if namespace is not None and namespace.own_first:
            # The module is another shell's: its values are not to be found under these names.
            self._recent = ["", "", ""]
            for name in self.names[4:]:
                self.shell.own_names.setdefault(name, "")

    def store_input(self, number: int, raw: str, transformed: str) -> None:
        """Take up the text of cell ``number``."""
        self.inputs.append(transformed.rstrip("\n"))
        self.raw_inputs.append(raw.rstrip("\n"))
        ns = self.shell.own_names
        ns["_iii"], ns["_ii"], ns["_i"] = ns.get("_ii", ""), ns.get("_i", ""), self.raw_inputs[-1]
        ns[f"_i{number}"] = self.raw_inputs[-1]

    def store_value(self, number: int, value: Any) -> None:
        """Take up the value that cell ``number`` showed.

        ``_`` and its like are left alone once the user has assigned one of them, or
        has installed ``_`` as a builtin (gettext does).
        """
        ns = self.shell.own_names
        # Not there until there is a value: an empty "_" would hide the builtin that gettext installs.
        last = dict(zip(("_", "__", "___"), self._recent, strict=False))
        ours = all(ns.get(name, self) is last.get(name, self) for name in ("_", "__", "___"))
        if ours and not hasattr(builtins, "_"):
            self._recent = [value, *self._recent[:2]]
            ns.update(zip(("_", "__", "___"), self._recent, strict=False))
        if not number or not self.shell.cache_size:
            return
        if len(self.values) >= self.shell.cache_size:
            self._drop_oldest()
        self.values[number] = ns[f"_{number}"] = value

    def _drop_oldest(self) -> None:
        """Make room by a fifth of the cache, so that it does not happen at every cell."""
        count = max(2, self.shell.cache_size // 5)
        for number in sorted(self.values)[:count]:
            del self.values[number]
            self.shell.own_names.pop(f"_{number}", None)

    def forget(self, value: object) -> int:
        """Let go of one value wherever it is kept: in ``Out``, ``_3`` and ``_`` and its like.

        :returns: in how many places it was; the user's own names are not looked at.
        """
        ns = self.shell.own_names
        numbers = [number for number in self.values if self.values[number] is value]
        for number in numbers:
            del self.values[number]
            ns.pop(f"_{number}", None)
        recent = [name for name in ("_", "__", "___") if ns.get(name, self) is value]
        ns.update(dict.fromkeys(recent, ""))
        self._recent = ["" if each is value else each for each in self._recent]
        return len(numbers) + len(recent)

    def reset(self) -> None:
        """Forget all values and texts; numbers go on where they were."""
        ns = self.shell.own_names
        for number in self.values:
            ns.pop(f"_{number}", None)
        self.values.clear()
        ns.update((name, "") for name in ("_", "__", "___", "_i", "_ii", "_iii") if name in ns)
        self._recent = [""] * len(self._recent)
        for number in range(len(self.inputs)):
            self.inputs[number] = ""
        for number in range(len(self.raw_inputs)):
            self.raw_inputs[number] = ""
            ns.pop(f"_i{number}", None)
