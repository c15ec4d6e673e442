"""Looking up what a key is bound to: each condition is asked once per key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.key_binding.key_processor import KeyProcessor

from .bindings import Memory

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_bindings import Binding
    from prompt_toolkit.key_binding.key_processor import KeyPress


class MatchingKeys(KeyProcessor):
    """Looks up bindings."""

    memory = Memory()

    def _get_matches(self, key_presses: list[KeyPress]) -> list[Binding]:
        memory = self.memory
        memory.values.clear()
        memory.on = True
        try:
            return super()._get_matches(key_presses)
        finally:
            memory.on = False

    def _is_prefix_of_longer_match(self, key_presses: list[KeyPress]) -> bool:
        # Nothing has changed since the matches of the same key were looked up.
        memory = self.memory
        memory.on = True
        try:
            return super()._is_prefix_of_longer_match(key_presses)
        finally:
            memory.on = False
