"""The input transformers that plugins contribute: collected, watched, dropped when they fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .plain_lines import transform

if TYPE_CHECKING:
    from ..plugins.declared import Declared
    from ..shell import InteractiveShell
    from ..types.input import InputTransformer

T = TypeVar("T")


class Watched:
    """A plugin's transformer, named when it keeps the user waiting and given up with Ctrl-C then."""

    def __init__(self, plugin: Declared, transformer: InputTransformer) -> None:
        self.plugin = plugin
        self.name = str(getattr(transformer, "name", type(transformer).__name__))
        self.stage: Literal["cleanup", "post"] = transformer.stage
        self.has_side_effects = bool(getattr(transformer, "has_side_effects", False))
        self._transformer = transformer

    def applies(self, source: str) -> bool:
        """Ask the transformer whether it may change a text."""
        return self._run(self._transformer.applies, source)

    def transform(self, lines: list[str]) -> list[str]:
        """Have the transformer rewrite lines."""
        return self._run(self._transformer.transform, lines)

    def _run(self, function: Callable[[Any], T], argument: Any) -> T:
        from ..plugins.watch import watching

        watch = None
        try:
            with watching(f"plugin {self.plugin}, input transformer {self.name}") as watch:
                return function(argument)
        except KeyboardInterrupt:
            if watch is None or not watch.named:
                raise  # the user stops the cell, not the transformer
            from ..plugins.failures import Unfit

            raise Unfit("it was interrupted") from None


class Transformers:
    """The transformers of one shell, loaded at the first cell. Used on the thread that runs cells."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._all: list[Watched] | None = None

    def transform(self, source: str, *, side_effects: bool = True) -> str:
        """Rewrite a cell by the shell's own rules and those of plugins.

        :raises SyntaxError: if a plugin's transformer refuses the cell.
        """
        transformers = self._loaded()
        if not transformers:
            return transform(source)
        from .transform import transform_cell

        return transform_cell(source, transformers, self._drop, side_effects=side_effects)

    def _loaded(self) -> list[Watched]:
        if self._all is None:
            self._all = []
            registry = self._shell.registry
            if registry.declared("input"):
                given = registry.call_each(
                    "input", "ipshell_input_transformers", _check_transformers, shell=self._shell
                )
                self._all = [Watched(item.plugin, each) for item in given for each in item.value]
        return self._all

    def _drop(self, transformer: InputTransformer, error: BaseException) -> None:
        from ..plugins.failures import reason_of

        assert isinstance(transformer, Watched)
        self._all = [each for each in self._loaded() if each.plugin != transformer.plugin]
        self._shell.registry.disable(
            transformer.plugin, f"input transformer {transformer.name}", reason_of(error)
        )


def _check_transformers(value: object) -> str:
    try:
        transformers = list(value)  # type: ignore[call-overload]
    except TypeError:
        return f"it gave {type(value).__name__}, not transformers"
    for each in transformers:
        lacking = [name for name in ("applies", "transform") if not callable(getattr(each, name, None))]
        if lacking:
            return f"its transformer {type(each).__name__} has no {lacking[0]}()"
        if getattr(each, "stage", None) not in ("cleanup", "post"):
            return f'the stage of its transformer {type(each).__name__} is neither "cleanup" nor "post"'
    return ""
