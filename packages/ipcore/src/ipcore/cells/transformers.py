"""Whoever rewrites cells: the transformers of plugins and of extensions, dropped when they fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from ..notices import notice
from .plain_lines import transform

if TYPE_CHECKING:
    import ast

    from ..plugins.declared import Declared
    from ..shell import InteractiveShell
    from ..types.input import AstTransformer, InputTransformer
    from .completeness import Verdict

    #: What an extension appends to the lists: lines with their endings, to such lines.
    LinesTransformer = Callable[[list[str]], list[str]]

T = TypeVar("T")


class Contributed:
    """A plugin's, named when it keeps the user waiting and given up with Ctrl-C then."""

    kind = "transformer"

    def __init__(self, plugin: Declared, transformer: Any) -> None:
        self.plugin = plugin
        self.name = str(getattr(transformer, "name", type(transformer).__name__))

    @property
    def label(self) -> str:
        """What it is, and its name."""
        return f"{self.kind} {self.name}"

    def _run(self, function: Callable[[Any], T], argument: Any) -> T:
        from ..plugins.watch import watching

        watch = None
        try:
            with watching(f"plugin {self.plugin}, {self.label}") as watch:
                return function(argument)
        except KeyboardInterrupt:
            if watch is None or not watch.named:
                raise  # the user stops the cell, not the transformer
            from ..plugins.failures import Unfit

            raise Unfit("it was interrupted") from None


class Watched(Contributed):
    """A plugin's transformer of text."""

    kind = "input transformer"

    def __init__(self, plugin: Declared, transformer: InputTransformer) -> None:
        super().__init__(plugin, transformer)
        self.stage: Literal["cleanup", "post"] = transformer.stage
        self.has_side_effects = bool(getattr(transformer, "has_side_effects", False))
        self._transformer = transformer

    def applies(self, source: str) -> bool:
        """Ask the transformer whether it may change a text."""
        return self._run(self._transformer.applies, source)

    def transform(self, lines: list[str]) -> list[str]:
        """Have the transformer rewrite lines."""
        return self._run(self._transformer.transform, lines)


class WatchedVisitor(Contributed):
    """A plugin's transformer of parsed cells."""

    kind = "AST transformer"

    def __init__(self, plugin: Declared, transformer: AstTransformer) -> None:
        super().__init__(plugin, transformer)
        self._transformer = transformer

    def visit(self, tree: ast.Module) -> ast.AST:
        """Have the transformer rewrite a cell."""
        return self._run(self._transformer.visit, tree)


class Transformers:
    """The transformers of one shell, those of plugins loaded at the first cell.

    The order: of plugins those of stage ``cleanup``; ``cleanup_transforms``, ``line_transforms``; the other
    escapes; for a cell of one line the prefilter; of plugins those of stage ``post``; the
    shell's ``input_transformers_post``. Extensions append functions from lines to
    lines to these lists; a function that raises ``SyntaxError`` refuses the cell, one that
    raises anything else is told and taken from its list. Used on the thread that runs cells.
    """

    #: What the shell rewrites between the lists, for whoever looks. It is done in one pass over the
    #: text, so nothing can be put in between: append to ``line_transforms`` instead.
    token_transformers: Final = ("magic assignment", "system assignment", "escaped line", "help")

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._all: list[Watched] | None = None
        #: Contributed transformers of parsed cells; empty before the first cell.
        self.visitors: list[WatchedVisitor] = []
        #: The two lists and what they began as, once somebody has asked for one.
        self._lists: tuple[list[LinesTransformer], list[LinesTransformer]] | None = None
        self._first: tuple[list[LinesTransformer], list[LinesTransformer]] | None = None
        self._rewrite_line: Callable[..., str] | None = None

    @property
    def own_alone(self) -> bool:
        """Whether nobody but the shell rewrites cells of several lines. Loads nothing; for any thread."""
        shell = self._shell
        others = bool(shell.registry.declared("input")) if self._all is None else bool(self._all)
        return not others and self._lists == self._first and not shell.input_transformers_post

    @property
    def cleanup_transforms(self) -> list[LinesTransformer]:
        """What runs first, the shell's own step among it, which drops prompts and indentation."""
        return self._made_lists()[0]

    @property
    def line_transforms(self) -> list[LinesTransformer]:
        """What runs next, the shell's own step among it, for cell magics."""
        return self._made_lists()[1]

    def _made_lists(self) -> tuple[list[LinesTransformer], list[LinesTransformer]]:
        if self._lists is None:
            from .transform import cell_magic, leading_clutter

            self._lists = [leading_clutter], [cell_magic]
            self._first = [leading_clutter], [cell_magic]
        return self._lists

    def transform(self, source: str, *, side_effects: bool = True, echo: bool = False) -> str:
        """Rewrite a cell by the shell's own rules and those of plugins and extensions.

        :param echo: whether calls that autocall adds are shown.
        :raises SyntaxError: if a transformer refuses the cell.
        """
        contributed = self._all
        if contributed is None:
            contributed = self._load()
        if contributed or self._lists != self._first:
            from .transform import transform_cell

            def own(text: str) -> str:
                text = transform(text) if self._lists == self._first else self._stepwise(text, side_effects)
                return self._prefiltered(text, side_effects, echo)

            text = transform_cell(source, contributed, self._drop, side_effects=side_effects, own=own)
        else:
            text = self._prefiltered(transform(source), side_effects, echo)
        if self._shell.input_transformers_post:
            text = self._apply_list(checked_list(self._shell, "input_transformers_post"), text, side_effects)
        return text

    def transform_cell(self, cell: str) -> str:
        """Rewrite a cell, and print nothing; as :meth:`transform`, under the name that extensions know.

        :raises SyntaxError: if a transformer refuses the cell.
        """
        return self.transform(cell)

    def check_complete(self, cell: str) -> Verdict:
        """Tell whether a cell is ``complete``, ``incomplete`` or ``invalid``, and how to go on indenting."""
        from .completeness import check_complete

        return check_complete(cell, lambda text: self.transform(text, side_effects=False))

    def _prefiltered(self, text: str, side_effects: bool, echo: bool) -> str:
        """Rewrite a cell of one line by its first word."""
        if "\n" in text.rstrip("\n"):
            return text
        if self._rewrite_line is None:  # kept: importing it for each line would take longer than it does
            from .prefilter import rewrite_line

            self._rewrite_line = rewrite_line
        return self._rewrite_line(text, self._shell, side_effects=side_effects, echo=echo)

    def _stepwise(self, source: str, side_effects: bool) -> str:
        """Do as :func:`ipcore.cells.transform.transform`, with the lists as extensions changed them."""
        from .transform import rewrite_escapes, with_newlines

        text = with_newlines(source)
        for functions in self._made_lists():
            text = self._apply_list(functions, text, side_effects)
        return rewrite_escapes(text)

    def _apply_list(self, functions: list[LinesTransformer], text: str, side_effects: bool) -> str:
        from .transform import sign, split_lines

        for function in functions.copy():
            if not side_effects and getattr(function, "has_side_effects", False):
                continue
            try:
                changed = "".join(function(split_lines(text)))
            except SyntaxError as refused:
                sign(refused, _label(function))
                raise
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # an extension's sys.exit() must not end the session
                from ..plugins.failures import reason_of, traceback_of

                if function in functions:
                    functions.remove(function)
                notice(
                    f"the {_label(function)}: {reason_of(error).rstrip('.')}. "
                    "It is unregistered, and the cell goes on without it.",
                    details=traceback_of(error),
                )
                continue
            text = changed if changed.endswith("\n") else changed + "\n"
        return text

    def _load(self) -> list[Watched]:
        self._all = []
        shell = self._shell
        if shell.config.get("PrefilterManager"):
            shell.part("prefilter_manager")
        if shell.registry.declared("input"):
            call_each = shell.registry.call_each
            texts = call_each("input", "ipshell_input_transformers", _check_transformers, shell=shell)
            self._all = [Watched(item.plugin, each) for item in texts for each in item.value]
            trees = call_each("input", "ipshell_ast_transformers", _check_visitors, shell=shell)
            self.visitors = [WatchedVisitor(item.plugin, each) for item in trees for each in item.value]
            failed = {item.plugin for item in texts if shell.registry.state(item.plugin) == "failed"}
            self._all = [each for each in self._all if each.plugin not in failed]
        return self._all

    def _drop(self, transformer: InputTransformer, error: BaseException) -> None:
        assert isinstance(transformer, Watched)
        self.drop(transformer, error)

    def drop(self, contributed: Contributed, error: BaseException) -> None:
        """Switch off the plugin of a transformer that failed, with all that it contributed here."""
        from ..plugins.failures import reason_of

        plugin = contributed.plugin
        self._all = [each for each in self._all or () if each.plugin != plugin]
        self.visitors = [each for each in self.visitors if each.plugin != plugin]
        self._shell.registry.disable(plugin, contributed.label, reason_of(error))


def _label(function: LinesTransformer) -> str:
    name = getattr(function, "__qualname__", type(function).__name__)
    return f"input transformer {name} of {getattr(function, '__module__', None) or '?'}"


def checked_list(shell: InteractiveShell, name: str) -> list[Any]:
    """Give a list of the shell that an extension may have replaced; what is none is made one.

    A shell with something else there could run no cell, not even the one that puts it right.
    """
    value = getattr(shell, name)
    if not isinstance(value, list):
        value = list(value) if isinstance(value, (tuple, set, frozenset)) else []
        if not value:
            notice(f"InteractiveShell.{name} must be a list; it is empty now.")
        setattr(shell, name, value)
    return value


def _check_visitors(value: object) -> str:
    from ..plugins.registry import check_each

    return check_each(value, "AST transformer", ["visit"])


def _check_transformers(value: object) -> str:
    from ..plugins.registry import check_each

    return check_each(value, "transformer", ["applies", "transform"], _wrong_stage)


def _wrong_stage(transformer: Any) -> str:
    known = getattr(transformer, "stage", None) in ("cleanup", "post")
    return "" if known else 'has a stage that is neither "cleanup" nor "post"'
