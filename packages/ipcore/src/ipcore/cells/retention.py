"""What ``In`` and ``Out`` keep, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..notices import notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..shell import InteractiveShell

#: A cache of fewer values is of no use: it is off.
FEWEST_VALUES: Final = 3


class Held(NamedTuple):
    """One thing that the shell keeps alive."""

    name: str
    """Where it is, for example ``Out[3]``."""
    kind: str
    """The type of the value."""
    size: int
    """Bytes, estimated."""
    why: str
    """Why it is kept, and until when."""


class Retention:
    """The one policy of what cells leave behind: by count, and by size.

    :param shell: its ``cache_size``, ``cache_bytes`` and ``last_error_cells`` are the limits,
        read whenever they are needed.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    @property
    def most_values(self) -> int:
        """How many values ``Out`` keeps; 0 for none."""
        wanted = self._shell.cache_size
        if wanted >= FEWEST_VALUES:
            return wanted
        if wanted > 0:
            notice(
                f"InteractiveShell.cache_size is {wanted}, and no values are kept in Out: "
                f"a cache takes {FEWEST_VALUES} or more.",
                once="cache_size",
            )
        return 0

    @property
    def most_bytes(self) -> int:
        """How many bytes the values in ``Out`` may take together; 0 for any number."""
        return max(0, self._shell.cache_bytes)

    @property
    def error_cells(self) -> int:
        """How many successful cells the last error outlives; negative for all."""
        return self._shell.last_error_cells

    def takes(self, size: int) -> bool:
        """Tell whether a value of that many bytes may go into ``Out`` at all."""
        return self.most_values > 0 and not (0 < self.most_bytes < size)

    def is_full(self, count: int, size: int) -> bool:
        """Tell whether values have to go before another one comes.

        :param count: of the values that are there.
        :param size: of all, with the one to come.
        """
        return count >= self.most_values or 0 < self.most_bytes < size

    def surplus(self, sizes: Mapping[int, int], size: int) -> list[int]:
        """Say which values have to go before another one comes, oldest first.

        When ``Out`` is full, a fifth goes, so that it does not happen at every cell.

        :param sizes: of the values that are there, by cell number.
        :param size: of the one to come.
        """
        oldest = sorted(sizes)
        going: list[int] = []
        if len(oldest) >= self.most_values:
            count = max(2, self.most_values // 5, len(oldest) - self.most_values + 1)
            going, oldest = oldest[:count], oldest[count:]
            notice(
                f"Out held {self.most_values} values, as many as InteractiveShell.cache_size allows; "
                f"the oldest {len(going)} were dropped, and older ones will be.",
                once="Out is full",
            )
        if self.most_bytes:
            left = sum(sizes[number] for number in oldest) + size
            too_many = 0
            while left > self.most_bytes and too_many < len(oldest):
                left -= sizes[oldest[too_many]]
                too_many += 1
            if too_many:
                going += oldest[:too_many]
                notice(
                    f"the values in Out took more than {in_words(self.most_bytes)}, as much as "
                    f"InteractiveShell.cache_bytes allows; the oldest {too_many} were dropped, "
                    "and older ones will be.",
                    once="Out is large",
                )
        return going


def in_words(size: int) -> str:
    """Give a number of bytes for people, for example ``1.5 GB``."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} TB"
