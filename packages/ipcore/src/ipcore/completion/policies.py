"""The option that tells how much may happen to the user's objects when Tab is pressed."""

from __future__ import annotations

from typing import Any, Final

from traitlets import Enum

from ..notices import notice

POLICIES: Final = ("static", "safe", "live")

#: Names that IPython has for the same, or for what comes nearest.
IPYTHON_NAMES: Final = {
    "forbidden": "static",
    "minimal": "static",
    "limited": "safe",
    "unsafe": "live",
    "dangerous": "live",
}


class Policy(Enum[str]):
    """One of the three policies. IPython's names are taken too, and a notice tells what they are here."""

    def __init__(self, **options: Any) -> None:
        super().__init__(POLICIES, default_value="safe", **options)

    def validate(self, obj: Any, value: Any) -> str:
        """Give the policy that a value names."""
        if type(value) is str and value in IPYTHON_NAMES:
            known = IPYTHON_NAMES[value]
            notice(
                f'{type(obj).__name__}.{self.name}: "{value}" is called "{known}" here.',
                once=f"policy {value}",
            )
            value = known
        return str(super().validate(obj, value))
