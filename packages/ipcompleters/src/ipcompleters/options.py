"""Options of magics: ``%timeit -<Tab>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ipcore.types.completion import Completion

from .magic_sources import told_by
from .magic_words import line_of

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.magics import MagicOption
    from ipcore.types.completion import CompletionRequest

#: What argparse would put into a help text: the default value and the like, which is not known here.
_REMARK: Final = re.compile(r"\s*[(\[][^()\[\]]*%\(\w+\)\w[^()\[\]]*[)\]]|[,;]?\s*%\(\w+\)\w")


class OptionProvider:
    """The options of a magic, each with what it is for."""

    name = "options"

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def complete(self, request: CompletionRequest) -> Iterator[Completion]:
        """Propose options where one is begun, but for those that are there already."""
        line = line_of(self._shell, request)
        if line is None or not line.word.startswith("-") or line.quoted:
            return
        told = told_by(self._shell, "cell" if line.cell else "line", line.name)
        given = {word.partition("=")[0] for word in line.words}
        option, _, value = line.word.partition("=")
        for each in told.options:
            if "=" in line.word:
                if option in each.names:
                    yield from _values(request, each, value)
            elif not given.intersection(each.names):
                for name in each.names:
                    if name.startswith(line.word):
                        yield Completion(line.start, request.cursor, name, "param", help_of(each))


def _values(request: CompletionRequest, option: MagicOption, typed: str) -> Iterator[Completion]:
    for choice in option.choices:
        if request.matches(choice, typed):
            yield Completion(request.cursor - len(typed), request.cursor, choice, "param")


def help_of(option: MagicOption) -> str:
    """Give what an option is for, in one line."""
    return _REMARK.sub("", " ".join(option.help.split())).replace("%%", "%")
