"""Telling the users of something that it will go, and the project when it has to.

Each use warns with :class:`IPShellDeprecationWarning` at the line of the user. If that is a line of
a plugin, the message names the plugin and its version, and the person at the prompt is told too: in one
line for each distribution and session.

What is marked fails where it is marked as soon as the release has come in which it goes: so nobody
forgets to remove it, nor to tell when that will be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from types import FrameType

    from .plugins.declared import Declared

T = TypeVar("T", bound=Callable[..., Any])

__all__ = [
    "IPShellDeprecationWarning",
    "deprecated",
    "deprecated_argument",
    "deprecated_attributes",
    "deprecation",
]

#: How many releases warn, counted by the second number: 0.3 and 0.4 of what goes in 0.5.
LASTS: Final = 2

#: Frames of these say nothing about who uses a thing: they import modules and make classes for others.
_BETWEEN: Final = ("importlib", "traitlets")


class IPShellDeprecationWarning(DeprecationWarning):
    """Something that a distribution of ipshell offers is used, and will go.

    Like any :class:`DeprecationWarning` it is shown by test runners and for a person's own cells, and else
    left out.
    """

    use: str = ""
    """What is used, since when it is deprecated, when it goes and what to use instead."""


def deprecated(*, since: str, removed_in: str, instead: str = "") -> Callable[[T], T]:
    """Mark a function, a method or a class: each call, instance and subclass warns.

    Stands under ``@property``, ``@classmethod`` and ``@staticmethod``. The release is that of the
    distribution that the function is in.

    :param since: the release that warns first, ``"0.3"``.
    :param removed_in: the release that does not have it any more.
    :param instead: what to use, in words that follow "use".
    :raises RuntimeError: where it is applied, if that release has come.
    :raises ValueError: if it is to go sooner than :data:`LASTS` releases later.
    """

    def decorate(thing: T) -> T:
        what = f"{thing.__module__}.{thing.__qualname__}"
        text = _text(what, thing.__module__, since, removed_in, instead)
        if isinstance(thing, type):
            _mark_class(thing, what, text)
            return thing
        return _warning(thing, lambda args, kwargs: (what, text), text)

    return decorate


def deprecated_argument(name: str, *, since: str, removed_in: str, instead: str = "") -> Callable[[T], T]:
    """Mark one argument of a function: calls that give it warn.

    :param name: the argument; it may be one of those that ``**`` takes.
    :raises RuntimeError: where it is applied, if the release ``removed_in`` has come.
    :raises ValueError: likewise, if the function has no such argument.
    """

    def decorate(function: T) -> T:
        from inspect import CO_VARKEYWORDS, unwrap

        code = unwrap(function).__code__
        named = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        if name not in named and not code.co_flags & CO_VARKEYWORDS:
            raise ValueError(f"{function.__module__}.{function.__qualname__} has no argument {name}")
        positional = code.co_varnames[: code.co_argcount]
        at = positional.index(name) if name in positional else sys.maxsize
        what = f"the argument {name} of {function.__module__}.{function.__qualname__}"
        text = _text(what, function.__module__, since, removed_in, instead)

        def given(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, str] | None:
            return (what, text) if name in kwargs or len(args) > at else None

        return _warning(function, given)

    return decorate


def deprecated_attributes(
    module: str,
    names: Mapping[str, str],
    *,
    since: str,
    removed_in: str,
    instead: str = "",
    otherwise: Callable[[str], object] | None = None,
) -> Callable[[str], object]:
    """Make the ``__getattr__`` of a module some of whose names go.

    :param module: the module, ``__name__``.
    :param names: name → where its value is, ``module:name``.
    :param instead: what to use; by default where the value is.
    :param otherwise: the module's ``__getattr__`` for other names.
    :raises RuntimeError: if the release ``removed_in`` has come.
    """
    texts = {
        name: _text(f"{module}.{name}", module, since, removed_in, instead or place.replace(":", "."))
        for name, place in names.items()
    }

    def __getattr__(name: str) -> object:
        if name in names:
            from importlib import import_module

            _tell(f"{module}.{name}", texts[name])
            home, _, attribute = names[name].partition(":")
            return getattr(import_module(home), attribute)
        if otherwise is not None:
            return otherwise(name)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__


def deprecation(*, since: str, removed_in: str, instead: str = "") -> IPShellDeprecationWarning:
    """Make what ``hookspec`` takes for a hook that goes, ``warn_on_impl``, and ``warn_on_impl_args`` by name.

    Each plugin that implements the hook, or takes the argument, is told with its version when it is loaded.

    :raises RuntimeError: if the release ``removed_in`` has come.
    """
    return IPShellDeprecationWarning(_text("a hook", "ipcore", since, removed_in, instead))


def warning_for(what: str, text: str, plugin: Declared | None) -> IPShellDeprecationWarning:
    """Make the warning for one use.

    :param what: what is used.
    :param text: when it goes, as :func:`deprecation` says it.
    :param plugin: who uses it, if that is known.
    """
    use = f"{what}, which is {text}"
    warning = IPShellDeprecationWarning(f"plugin {plugin} uses {use}" if plugin else f"{what} is {text}")
    warning.use = use
    return warning


# -- what is said ------------------------------------------------------------------


def _text(what: str, module: str, since: str, removed_in: str, instead: str) -> str:
    """Say when something goes.

    :raises RuntimeError: if it should have gone.
    :raises ValueError: if it is to go sooner than is promised.
    """
    if _step(removed_in) < (_step(since)[0], _step(since)[1] + LASTS):
        raise ValueError(
            f"{what}: a deprecation lasts {LASTS} releases, or until a new first number; "
            f"{since} to {removed_in} is less"
        )
    package = module.partition(".")[0]
    version = str(getattr(sys.modules.get(package), "__version__", "0"))
    dist = "ipshell-core" if package == "ipcore" else package.replace("_", "-")
    # A pre-release counts as the release: what goes has to be gone before it is made.
    if _numbers(version) >= _numbers(removed_in):
        raise RuntimeError(
            f"{what} had to go in {dist} {removed_in}, and this is {version}: "
            "remove it, and say so in changes/"
        )
    text = f"deprecated since {dist} {since} and goes in {removed_in}"
    return f"{text}; use {instead} instead" if instead else text


def _step(version: str) -> tuple[int, int]:
    """Give the first and the second number of a release."""
    first, second = (*_numbers(version), 0, 0)[:2]
    return first, second


def _numbers(version: str) -> tuple[int, ...]:
    """Give the numbers that a version begins with, without zeros at the end."""
    found: list[int] = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        found.append(int(digits))
        if digits != part:
            break
    while found and not found[-1]:
        found.pop()
    return tuple(found)


# -- who uses it -------------------------------------------------------------------


def _tell(what: str, text: str) -> None:
    """Warn whoever uses something."""
    import warnings

    frame = _user()
    if frame is None:
        return
    module = str(frame.f_globals.get("__name__", ""))
    shell = _shell()
    plugin = _plugin_of(module, shell.registry.declared()) if shell is not None else None
    warning = warning_for(what, text, plugin)
    if shell is not None and plugin is not None:
        shell.registry.note_deprecated(plugin, warning.use)
    warnings.warn_explicit(
        warning,
        type(warning),
        frame.f_code.co_filename,
        frame.f_lineno,
        module,
        frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _user() -> FrameType | None:
    """Give the innermost frame that is neither here nor of something between a thing and its user."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module != __name__ and module.partition(".")[0] not in _BETWEEN:
            return frame
        frame = frame.f_back
    return None


def _shell() -> Any:
    """Give the shell that runs, without importing it."""
    module: Any = sys.modules.get(f"{__package__}.shell")
    return module.get_ipython() if module is not None else None


def _plugin_of(module: str, plugins: list[Declared]) -> Declared | None:
    """Give the plugin whose module it is, or else one of the same package; the core has none."""
    package = module.partition(".")[0]
    near = [each for each in plugins if not each.core and each.module.partition(".")[0] == package]
    return next((each for each in near if each.module == module), near[0] if near else None)


# -- marks -------------------------------------------------------------------------


def _warning(
    function: T,
    used: Callable[[tuple[Any, ...], dict[str, Any]], tuple[str, str] | None],
    mark: str = "",
) -> T:
    """Make a function that warns first.

    :param used: gives of a call what is used and when that goes, ``None`` if nothing is.
    :param mark: what its attribute ``__deprecated__`` is, where type checkers and documentation look.
    """
    from functools import wraps

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        found = used(args, kwargs)
        if found is not None:
            _tell(*found)
        return function(*args, **kwargs)

    if mark:
        vars(call)["__deprecated__"] = mark
    return call  # type: ignore[return-value]


def _mark_class(kind: Any, what: str, text: str) -> None:
    """Have a class warn where it is called and where it is inherited from."""
    new = kind.__new__
    inherit = kind.__init_subclass__

    def __new__(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
        if cls is kind:  # a subclass has warned where it was made
            _tell(what, text)
        if new is not object.__new__:
            return new(cls, *args, **kwargs)
        if (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError(f"{cls.__name__}() takes no arguments")
        return new(cls)

    def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:
        _tell(what, text)
        getattr(inherit, "__func__", lambda _, **rest: inherit(**rest))(cls, **kwargs)

    kind.__new__ = __new__
    kind.__init_subclass__ = classmethod(__init_subclass__)
    kind.__deprecated__ = text
