"""``in 3m, tea is ready``: a short notation for ``%plugin_template 3m tea is ready``."""

from __future__ import annotations

from typing import Literal

_MARK = "in "


class Notation:
    """Rewrites cells that begin with ``in``, as no Python does."""

    name = "plugin_template"
    stage: Literal["cleanup", "post"] = "cleanup"

    def applies(self, source: str) -> bool:
        """Tell whether it is such a cell; this runs for every cell, so it is cheap."""
        return source.startswith(_MARK)

    def transform(self, lines: list[str]) -> list[str]:
        """Put the magic's name in place of the mark."""
        return [f"%plugin_template {lines[0].removeprefix(_MARK)}", *lines[1:]]
