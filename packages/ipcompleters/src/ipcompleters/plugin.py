"""Hooks of the completion providers: each is a plugin of its own, so that one that fails takes none along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipcore import InteractiveShell
    from ipcore.types.completion import CompletionProvider


class _Plugin:
    def __init__(self, key: str) -> None:
        self._key = key

    @hookimpl
    def ipshell_completion_providers(self, shell: InteractiveShell) -> Iterable[CompletionProvider]:
        from .serving import provider

        return [provider(self._key, shell)]


class _JediPlugin(_Plugin):
    @hookimpl
    def ipshell_completion_providers(self, shell: InteractiveShell) -> Iterable[CompletionProvider]:
        from importlib.util import find_spec

        return super().ipshell_completion_providers(shell) if find_spec("jedi") is not None else []


arguments = _Plugin("arguments")
attributes = _Plugin("attributes")
commands = _Plugin("commands")
imports = _Plugin("imports")
jedi = _JediPlugin("jedi")
keys = _Plugin("keys")
literals = _Plugin("literals")
magics = _Plugin("magics")
names = _Plugin("names")
options = _Plugin("options")
paths = _Plugin("paths")
unicode = _Plugin("unicode")
