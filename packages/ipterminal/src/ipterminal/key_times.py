"""How long keys take, from being read until the screen shows what they did."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding.key_processor import KeyProcessor

#: So many of the last times are kept.
KEPT: Final = 1000
#: Milliseconds at which classes of the histogram end; the last class has no end.
EDGES: Final = (0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256)


class KeyTimes:
    """Times of keys, in seconds."""

    def __init__(self) -> None:
        self.last: deque[float] = deque(maxlen=KEPT)
        self.classes = [0] * (len(EDGES) + 1)
        self.most = 0.0
        self._since = 0.0
        self._watched: Application[Any] | None = None

    def watch(self, app: Application[Any]) -> None:
        """Measure an application; at each prompt, as keys that end a cell are not painted."""
        self._since = 0.0
        if self._watched is not app:
            self._watched = app
            app.key_processor.before_key_press += self._pressed
            app.key_processor.after_key_press += self._looked_up
            app.after_render += self._painted

    def _pressed(self, _: object) -> None:
        self._since = self._since or time.perf_counter()

    def _looked_up(self, processor: KeyProcessor) -> None:
        if processor.key_buffer:  # it waits for a further key, as Ctrl-X does: that is the user's time
            self._since = 0.0

    def _painted(self, _: object) -> None:
        if self._since:
            self.add(time.perf_counter() - self._since)
            self._since = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.last.append(seconds)
        self.most = max(self.most, seconds)
        milliseconds = seconds * 1000
        index = next((at for at, edge in enumerate(EDGES) if milliseconds < edge), len(EDGES))
        self.classes[index] += 1

    def lines(self) -> list[str]:
        """Give the histogram and what the last keys took, for people."""
        count = sum(self.classes)
        if not count:
            return ["no key has been measured yet"]
        ordered = sorted(self.last)

        def part(share: float) -> str:
            return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000:.1f}"

        keys = "1 key" if count == 1 else f"{count} keys"
        lines = [
            f"key to screen, {keys}: half within {part(0.5)} ms, 95 % within {part(0.95)}, "
            f"99 % within {part(0.99)}, longest {self.most * 1000:.1f}"
        ]
        widest = max(self.classes)
        for index, number in enumerate(self.classes):
            if number:
                edge = f"< {EDGES[index]:g}" if index < len(EDGES) else f">= {EDGES[-1]:g}"
                lines.append(f"{edge:>8} {number:>7} {'#' * max(1, round(30 * number / widest))}")
        return lines
