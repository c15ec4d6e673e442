"""Lines that mean something else than they say: the chain of checkers, and the handlers that rewrite.

A checker looks at a line and names the handler that takes it; the first that does so, by
priority, decides. Extensions register their own in ``shell.prefilter_manager``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from traitlets import Bool, Dict, Int, TraitError, observe

from ..component import Component
from ..notices import notice
from .displayhook import write_out
from .line_info import LineInfo, has_static, static_attribute
from .prefilter import PYTHON, command_in, magic_call, prefilter_mark

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: What follows a name and makes the line Python: operators, brackets of a call, words. A dot with a
#: digit begins a number.
_OPERATOR: Final = re.compile(
    r"[!=()<>,+*/%^&|@:;-]|\.(?!\d|\.\.)|(?:is|not|in|and|or|if|else|for|from|import|as)\b"
)
#: What follows an object that is always called, and makes the line Python all the same.
_NO_ARGUMENT: Final = re.compile(rf"{PYTHON}|\(|\.(?!\d|\.\.)|;.")
#: ``type Name = …``, a statement from Python 3.12 on.
_TYPE_STATEMENT: Final = re.compile(r"[^\W\d]\w*\s*[=\[]")

_FAILED: Final[Any] = object()


class Checker:
    """One of the shell's own checkers.

    :param name: how the configuration knows it.
    :param priority: the smallest is asked first.
    :param check: gives the name of the handler that takes the line; empty for none.
    """

    def __init__(
        self, name: str, priority: int, check: Callable[[LineInfo], str], *, enabled: bool = True
    ) -> None:
        self.name = name
        self.priority = priority
        self.enabled = enabled
        self._check = check
        self.handlers: dict[str, Any] = {}

    def check(self, line_info: LineInfo) -> Any:
        """Give the handler that takes a line, or ``None``."""
        name = self._check(line_info)
        return self.handlers.get(name) if name else None

    def __repr__(self) -> str:
        return f"<checker {self.name}, priority {self.priority}{'' if self.enabled else ', off'}>"


class Handler:
    """One of the shell's own handlers.

    :param handle: gives the text that takes the line's place, without line ending.
    """

    def __init__(self, name: str, handle: Callable[[LineInfo], str]) -> None:
        self.handler_name = name
        self.handle = handle

    def __repr__(self) -> str:
        return f"<handler {self.handler_name}>"


class PrefilterManager(Component):
    """Rewrites cells of one line by their first word.

    Used on the thread that runs cells. What is registered here are plain objects; a
    checker, handler or transformer that raises is told in one line and unregistered, but
    for ``SyntaxError``, which refuses the cell. One with a true ``has_side_effects`` is left out where
    a text is only asked whether it is complete.
    """

    enabled: Dict[str, Any] = Dict(
        help="Checkers to switch on or off by name: emacs, macro, autocalled, assignment, automagic, "
        "operators, autocall."
    ).tag(config=True)
    priorities: Dict[str, Any] = Dict(
        help="Other priorities of checkers, by name; the smallest is asked first."
    ).tag(config=True)

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        self._shell = parent
        #: Whether anything differs from what a new manager does; while it does not, most lines need none.
        self.changed = False
        self._checkers: list[Any] = [
            Checker("emacs", 100, _for_emacs, enabled=False),
            Checker("macro", 250, self._is_macro),
            Checker("autocalled", 300, self._is_autocalled),
            Checker("assignment", 600, _is_assignment),
            Checker("automagic", 700, self._is_magic),
            Checker("operators", 900, _is_operation),
            Checker("autocall", 1000, self._is_call),
        ]
        self._transformers: list[Any] = []
        own = (
            Handler("normal", lambda info: info.line),
            Handler("emacs", lambda info: info.line),
            Handler("macro", self._expand),
            Handler("magic", self._call_magic),
            Handler("auto", self._call),
        )
        self._own: dict[str, Any] = {each.handler_name: each for each in own}
        self._handlers = dict(self._own)
        self._esc_handlers: dict[str, Any] = {}
        for checker in self._checkers:
            checker.handlers = self._handlers
        self._echo = ""
        super().__init__(parent=parent, **traits)

    @observe("enabled", "priorities")
    def _configure(self, change: Any) -> None:
        by_name = {each.name: each for each in self._checkers if isinstance(each, Checker)}
        trait = f"PrefilterManager.{change['name']}"
        for name, value in change["new"].items():
            if name not in by_name:
                there = ", ".join(by_name)
                notice(f"{trait}: there is no checker {name!r}; there are {there}.", once=f"checker {name}")
            elif change["name"] == "enabled":
                by_name[name].enabled = _read(Bool(), value, by_name[name].enabled, f"{trait}, {name}")
            else:
                by_name[name].priority = _read(Int(), value, by_name[name].priority, f"{trait}, {name}")
        self.changed = True

    # -- what is registered ----------------------------------------------------

    @property
    def checkers(self) -> list[Any]:
        """The checkers, in the order in which they are asked."""
        self.changed = True  # whoever has them may set their priority, or switch them off
        return self._sorted(self._checkers)

    @property
    def transformers(self) -> list[Any]:
        """The transformers, in the order in which they run."""
        return self._sorted(self._transformers)

    @property
    def handlers(self) -> dict[str, Any]:
        """The handlers by name."""
        return dict(self._handlers)

    @property
    def esc_handlers(self) -> dict[str, Any]:
        """Handlers by what a line they take begins with."""
        return dict(self._esc_handlers)

    def register_checker(self, checker: Any) -> None:
        """Have a checker asked about each cell of one line.

        :param checker: has ``check(line_info)``, which gives a handler or ``None``; ``priority``, 100 by
            default; and ``enabled``, true by default.
        :raises TypeError: if it has no ``check()``, or a priority that is no number.
        """
        self._register(self._checkers, checker, "check")

    def unregister_checker(self, checker: Any) -> None:
        """Ask a checker no more; does nothing if it is not registered."""
        self._unregister(self._checkers, checker)

    def register_transformer(self, transformer: Any) -> None:
        """Have a transformer rewrite each cell of one line, before the checkers see it.

        :param transformer: has ``transform(line, continue_prompt)``, which gives the line; ``priority`` and
            ``enabled`` as a checker has them.
        :raises TypeError: if it has no ``transform()``, or a priority that is no number.
        """
        self._register(self._transformers, transformer, "transform")

    def unregister_transformer(self, transformer: Any) -> None:
        """Have a transformer rewrite nothing more; does nothing if it is not registered."""
        self._unregister(self._transformers, transformer)

    def register_handler(self, name: str, handler: Any, esc_strings: Iterable[str] = ()) -> None:
        """Name a handler, so that checkers can give it; it takes the place of one of that name.

        :param handler: has ``handle(line_info)``, which gives the text to run instead.
        :param esc_strings: it also takes the lines that begin with one of these, if no checker
            gives another handler. Not with what begins an escape of the shell, which is rewritten before.
        :raises TypeError: if it has no ``handle()``.
        """
        _require(handler, "handle")
        self.changed = True
        self._handlers[name] = handler
        self._esc_handlers.update(dict.fromkeys(esc_strings, handler))

    def unregister_handler(self, name: str, handler: Any, esc_strings: Iterable[str] = ()) -> None:
        """Forget a handler; does nothing if another one has the name by now. The shell's own comes back."""
        if self._handlers.get(name) is handler and name not in self._own:
            del self._handlers[name]
        elif self._handlers.get(name) is handler:
            self._handlers[name] = self._own[name]
        for esc in esc_strings:
            if self._esc_handlers.get(esc) is handler:
                del self._esc_handlers[esc]

    def get_handler_by_name(self, name: str) -> Any:
        """Give a handler; ``None`` if there is none of that name."""
        return self._handlers.get(name)

    def get_handler_by_esc(self, esc_str: str) -> Any:
        """Give the handler of lines that begin so; ``None`` if there is none."""
        return self._esc_handlers.get(esc_str)

    def _register(self, into: list[Any], given: Any, method: str) -> None:
        _require(given, method)
        self.changed = True
        if given not in into:
            into.append(given)

    @staticmethod
    def _unregister(where: list[Any], given: Any) -> None:
        if given in where:
            where.remove(given)

    @staticmethod
    def _sorted(given: list[Any]) -> list[Any]:
        return sorted(given, key=lambda each: getattr(each, "priority", 100))

    # -- rewriting -------------------------------------------------------------

    def prefilter_line(self, line: str, continue_prompt: bool = False) -> str:
        """Give what a line means, without line ending; prints nothing.

        :param continue_prompt: whether it is a later one of several lines, which are taken as they are.
        :raises SyntaxError: if what somebody registered refuses the line.
        """
        return line if continue_prompt else self.rewrite(line, side_effects=True, echo=False).rstrip("\n")

    def prefilter_lines(self, lines: str, continue_prompt: bool = False) -> str:
        """Give what a text means: one of several lines is taken as it is."""
        return lines if "\n" in lines.rstrip("\n") else self.prefilter_line(lines, continue_prompt)

    def rewrite(self, source: str, *, side_effects: bool, echo: bool) -> str:
        """Rewrite a one-line cell; see :func:`ipcore.cells.prefilter.rewrite_line`."""
        line = source.rstrip("\n")
        for each in self._active(self._transformers, side_effects):
            given = self._ask(each, "transform", _no_text, line, False)
            if given is _FAILED:
                self._unregister(self._transformers, each)
            else:
                line = given
        if not line.strip():
            return source
        info = LineInfo(line)
        handler, checker = self._find(info, side_effects)
        self._echo = ""
        text = line
        if handler is not None:
            given = self._ask(handler, "handle", _no_text, info)
            if given is _FAILED:
                self._forget(handler, checker)
            else:
                text = given
        if self._echo and echo and self._shell.show_rewritten_input:
            from ..plain.prompts import painted

            write_out(f"{painted(self._shell, 'rewrite', 0)}{self._echo}\n")
        return text if text.endswith("\n") else text + "\n"

    def find_handler(self, line_info: LineInfo) -> Any:
        """Give the handler that takes a line; ``None`` if it stays as it is."""
        return self._find(line_info, side_effects=True)[0]

    def _find(self, info: LineInfo, side_effects: bool) -> tuple[Any, Any]:
        """Give the handler that takes a line, and the checker that gave it."""
        for each in self._active(self._checkers, side_effects):
            handler = self._ask(each, "check", _no_handler, info)
            if handler is _FAILED:
                self._unregister(self._checkers, each)
            elif handler is not None:
                return handler, each
        for esc, handler in self._esc_handlers.items():
            if info.line.startswith(esc):
                return handler, None
        return None, None

    def _forget(self, handler: Any, checker: Any) -> None:
        """Use a handler no more; one without a name goes with the checker that gives it."""
        named = [name for name, each in self._handlers.items() if each is handler]
        for name in named:
            self.unregister_handler(name, handler, list(self._esc_handlers))
        if not named:
            self._unregister(self._checkers, checker)

    def _active(self, given: list[Any], side_effects: bool) -> list[Any]:
        return [
            each
            for each in self._sorted(given)
            if getattr(each, "enabled", True)
            and (side_effects or not getattr(each, "has_side_effects", False))
        ]

    def _ask(self, each: Any, method: str, wrong: Callable[[Any], str], *arguments: Any) -> Any:
        """Call what may be a stranger's.

        :param wrong: says what is wrong with what it gives; empty if nothing is.
        :returns: what it gives; ``_FAILED``, told to the user, for the caller to unregister it.
        """
        details = ""
        try:
            given = getattr(each, method)(*arguments)
            reason = wrong(given)
            if not reason:
                return given
        except (SyntaxError, KeyboardInterrupt):
            raise
        except BaseException as error:  # a stranger's sys.exit() must not end the session
            from ..plugins.failures import reason_of, traceback_of

            reason, details = reason_of(error), traceback_of(error)
        notice(
            f"{type(each).__name__}, registered with prefilter_manager: {reason.rstrip('.')}. "
            "It is unregistered, and the line stays as it is.",
            details=details,
        )
        return _FAILED

    # -- the shell's own checkers ----------------------------------------------

    def _is_macro(self, info: LineInfo) -> str:
        if "." in info.ifun or prefilter_mark(self._shell.user_ns.get(info.ifun)) != "macro":
            return ""
        rest = info.arguments
        return "" if _OPERATOR.match(rest) or rest[:1] in ("[", ".") else "macro"

    def _is_autocalled(self, info: LineInfo) -> str:
        if "." in info.ifun or prefilter_mark(self._shell.user_ns.get(info.ifun)) != "auto":
            return ""
        return "" if _NO_ARGUMENT.match(info.arguments) else "auto"

    def _is_magic(self, info: LineInfo) -> str:
        command = command_in(info.line.lstrip(), self._shell)
        return "magic" if command is not None and magic_call(*command, self._shell) else ""

    def _is_call(self, info: LineInfo) -> str:
        """Tell whether a function's name and what follows is to become its call."""
        level = self._shell.autocall
        if not level or not info.ifun:
            return ""
        rest = info.arguments
        if (not rest and level < 2) or _OPERATOR.match(rest):
            return ""
        if info.touching and rest:  # an index, or a string with its prefix
            return ""
        if info.ifun == "type" and _TYPE_STATEMENT.match(rest):
            return ""
        found, value = info.ofind(self._shell)
        if not found or not callable(value) or (rest.startswith("[") and _takes_brackets(value)):
            return ""
        return "auto"

    # -- the shell's own handlers ----------------------------------------------

    def _expand(self, info: LineInfo) -> str:
        """Give a macro's text; escapes in it are rewritten, as it may have been kept as it was typed."""
        from .transform import transform

        return transform(str(self._shell.user_ns[info.ifun]))

    def _call_magic(self, info: LineInfo) -> str:
        name, rest = command_in(info.line.lstrip(), self._shell) or (info.ifun, info.the_rest)
        return f"{info.pre}get_ipython().run_line_magic({name!r}, {rest!r})"

    def _call(self, info: LineInfo) -> str:
        """Give the call; it is shown unless the object has a false ``rewrite``."""
        call = f"{info.ifun}({info.arguments}){info.semicolon}{info.comment}"
        if static_attribute(info.ofind(self._shell).obj, "rewrite") is not False:
            self._echo = call
        return info.pre + call


def _no_text(given: Any) -> str:
    return "" if isinstance(given, str) else f"it gave {type(given).__name__}, not a line"


def _no_handler(given: Any) -> str:
    fit = given is None or callable(getattr(given, "handle", None))
    return "" if fit else f"it gave {type(given).__name__}, which has no handle()"


def _read(trait: Any, value: Any, otherwise: Any, place: str) -> Any:
    """Give a value of the configuration, which the command line gives as text; or say what it should be."""
    try:
        return trait.from_string(value) if isinstance(value, str) else trait.validate(None, value)
    except (TraitError, ValueError):
        notice(f"{place}: {value!r} should be {trait.info()}; {otherwise!r} is kept.")
        return otherwise


def _for_emacs(info: LineInfo) -> str:
    return "emacs" if info.line.endswith("# PYTHON-MODE") else ""


def _is_assignment(info: LineInfo) -> str:
    return "normal" if info.the_rest.startswith(("=", ",")) else ""


def _is_operation(info: LineInfo) -> str:
    return "normal" if info.the_rest.startswith(tuple("!=()<>,+*/%^&|")) else ""


def _takes_brackets(value: Any) -> bool:
    """Tell whether ``value[...]`` means something."""
    names = ("__getitem__", "__class_getitem__") if isinstance(value, type) else ("__getitem__",)
    return any(has_static(each, name) for each in (value, type(value)) for name in names)


def _require(given: Any, method: str) -> None:
    """Check that an object has a method, and a priority that others can be compared with.

    :raises TypeError: if it has not.
    """
    if not callable(getattr(given, method, None)):
        raise TypeError(f"{type(given).__name__} has no method {method}()")
    if not isinstance(getattr(given, "priority", 100), (int, float)):
        raise TypeError(f"the priority of {type(given).__name__} is not a number: {given.priority!r}")
