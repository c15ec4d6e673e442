"""Hooks of the completion providers: each is a plugin of its own, so that one that fails takes none along."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ipcore.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionProvider


class _Plugin:
    def __init__(self, module: str, provider: str) -> None:
        self._module = module
        self._provider = provider

    @hookimpl
    def ipshell_completion_providers(self, shell: InteractiveShell) -> Iterable[CompletionProvider]:
        module = import_module(self._module)
        return [getattr(module, self._provider)(shell)]


class _JediPlugin(_Plugin):
    @hookimpl
    def ipshell_completion_providers(self, shell: InteractiveShell) -> Iterable[CompletionProvider]:
        from importlib.util import find_spec

        return super().ipshell_completion_providers(shell) if find_spec("jedi") is not None else []


arguments = _Plugin("ipcompleters.arguments", "ArgumentProvider")
attributes = _Plugin("ipcompleters.attributes", "AttributeProvider")
commands = _Plugin("ipcompleters.commands", "CommandProvider")
imports = _Plugin("ipcompleters.imports", "ImportProvider")
jedi = _JediPlugin("ipcompleters.static_analysis", "JediProvider")
keys = _Plugin("ipcompleters.keys", "KeyProvider")
literals = _Plugin("ipcompleters.literals", "LiteralProvider")
magics = _Plugin("ipcompleters.magics", "MagicProvider")
names = _Plugin("ipcompleters.names", "NameProvider")
options = _Plugin("ipcompleters.options", "OptionProvider")
paths = _Plugin("ipcompleters.paths", "PathProvider")
unicode = _Plugin("ipcompleters.unicode_names", "UnicodeProvider")
