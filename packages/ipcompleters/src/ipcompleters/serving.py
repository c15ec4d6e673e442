"""Where each provider may have something to propose, told before it is imported.

At one place of a cell most of them have nothing to say. They, and all that they need, are imported when they
first have: a first completion waits for what it needs alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .context import context_of

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.completion import Completion, CompletionProvider, CompletionRequest

    from .context import Context

#: Tells whether a provider may have something to say; that it may costs its import, no more.
Serves = Callable[["CompletionRequest", "Context"], bool]


class DeferredProvider:
    """A provider whose module is imported when it first may have something to propose.

    :param name: the name it has.
    :param module: where its class is.
    :param kind: the name of its class.
    :param serves: where it may have something to propose.
    :param only_with: texts, one of which stands before the cursor wherever it has; empty if none does.
    """

    def __init__(
        self,
        name: str,
        module: str,
        kind: str,
        serves: Serves,
        only_with: tuple[str, ...],
        shell: InteractiveShell,
    ) -> None:
        self.name = name
        self.only_with = only_with
        self._module = module
        self._kind = kind
        self._serves = serves
        self._shell = shell
        self._made: CompletionProvider | None = None
        #: Held while it is made: a front end prepares it on one thread while it is asked on another.
        self._making = threading.Lock()
        if serves is _always:
            self._make()

    def complete(self, request: CompletionRequest) -> Iterable[Completion]:
        """Have the provider propose what it has."""
        made = self._made
        if made is None:
            if not self._serves(request, context_of(request)):
                return ()
            made = self._make()
        return made.complete(request)

    def _make(self) -> CompletionProvider:
        """Make the provider, once whoever asks."""
        kind = getattr(import_module(self._module), self._kind)  # not with the lock: a module may be slow
        with self._making:
            if self._made is None:
                self._made = kind(self._shell)
            return self._made

    def prepare(self) -> None:
        """Import what names and attributes need, which nearly every first completion is one of."""
        if self.name in _USUAL:
            for module in _USUAL[self.name]:
                import_module(module)
            self._make()

    def close(self) -> None:
        """Have the provider let go of what it holds."""
        close: Any = getattr(self._made, "close", None)
        if close is not None:
            close()


def _call(request: CompletionRequest, context: Context) -> bool:
    return context.call is not None and context.dotted is None


def _always(request: CompletionRequest, context: Context) -> bool:
    """Tell that it is made at once: it is small, and its options are to be seen from the beginning."""
    return True


def _behind_a_word(request: CompletionRequest, context: Context) -> bool:
    # The first word may be an alias, or a magic without its mark.
    return context.place in ("shell", "magic") or any(mark in request.line_before.strip() for mark in " \t!%")


def _import(request: CompletionRequest, context: Context) -> bool:
    return context.place == "import"


def _code(request: CompletionRequest, context: Context) -> bool:
    return context.place == "code"


def _key(request: CompletionRequest, context: Context) -> bool:
    if context.place == "nothing":  # a number may be the beginning of a key
        return True
    return context.dotted is None and (context.subscript is not None or context.call is not None)


def _value(request: CompletionRequest, context: Context) -> bool:
    return context.dotted is None and (context.call is not None or context.assigned is not None)


def _word(request: CompletionRequest, context: Context) -> bool:
    return context.dotted is None


def _option(request: CompletionRequest, context: Context) -> bool:
    return "-" in request.line_before


def _path(request: CompletionRequest, context: Context) -> bool:
    if context.place == "string" or any(mark in request.line_before for mark in "/\\~"):
        return True
    return _behind_a_word(request, context)


def _magic(request: CompletionRequest, context: Context) -> bool:
    return _word(request, context) or _behind_a_word(request, context)


#: Behind these there may be an argument: of a command, a magic or an alias.
_ARGUMENTS: Final = (" ", "\t", "!", "%")

#: Behind these there may be a key; those that end with a bracket are methods that take one.
_BEFORE_KEYS: Final = (
    *("[", "get(", "getenv(", "group(", "pop(", "setdefault("),
    *("groupby(", "set_index(", "sort_values("),
)

#: Providers that are asked nearly everywhere, and what they import when they are.
_USUAL: Final[dict[str, tuple[str, ...]]] = {
    "attributes": (
        "ipcompleters.statements",
        "ipcore.completion.shown",
        "ipcore.completion.signatures",
        "ipcore.output.causes",
    ),
    "magics": ("ipcore.magics.registry", "ipcompleters.magic_words"),
    "names": (),
}

#: Entry point → name, module and class of the provider, where it serves, and the texts it is asked only with.
PROVIDERS: Final[dict[str, tuple[str, str, str, Serves, tuple[str, ...]]]] = {
    "arguments": ("keyword arguments", "arguments", "ArgumentProvider", _call, ("(",)),
    "attributes": ("attributes", "attributes", "AttributeProvider", _always, (".",)),
    "commands": ("commands", "commands", "CommandProvider", _behind_a_word, _ARGUMENTS),
    "imports": ("imports", "imports", "ImportProvider", _import, ("import", "from")),
    "jedi": ("jedi", "static_analysis", "JediProvider", _code, ()),
    "keys": ("keys", "keys", "KeyProvider", _key, _BEFORE_KEYS),
    "literals": ("literals", "literals", "LiteralProvider", _value, ("(", "=", "in")),
    "magics": ("magics", "magics", "MagicProvider", _magic, ()),
    "names": ("names", "names", "NameProvider", _word, ()),
    "options": ("options", "options", "OptionProvider", _option, ("-",)),
    "paths": ("paths", "paths", "PathProvider", _path, ("'", '"', "/", "\\", "~", *_ARGUMENTS)),
    "unicode": ("unicode", "unicode_names", "UnicodeProvider", _always, ("\\",)),
}


def provider(key: str, shell: InteractiveShell) -> DeferredProvider:
    """Make the provider of an entry point."""
    name, module, kind, serves, only_with = PROVIDERS[key]
    return DeferredProvider(name, f"{__package__}.{module}", kind, serves, only_with, shell)
