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
        self._recent: list[Any] = ["", "", ""]
        shell.own_names.update(
            {
                "In": self.inputs,
                "_ih": self.inputs,
                "Out": self.values,
                "_oh": self.values,
                **dict.fromkeys(("_", "__", "___", "_i", "_ii", "_iii"), ""),
            }
        )

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
        names = ("_", "__", "___")
        if all(
            ns.get(name, self) is last for name, last in zip(names, self._recent, strict=True)
        ) and not hasattr(builtins, "_"):
            self._recent = [value, *self._recent[:2]]
            ns.update(zip(names, self._recent, strict=True))
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
