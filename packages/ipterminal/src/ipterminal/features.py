"""The subjects of the editor: what each module adds to it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from ipcore.notices import notice

if TYPE_CHECKING:
    from .editor import Editor

#: Modules with a function ``install(editor)``, in this order: bindings of later ones win.
SUBJECTS: Final = (
    "ipterminal.themes",
    "ipterminal.background",
    "ipterminal.title",
    "ipterminal.prompts",
    "ipterminal.key_conditions",
    "ipterminal.editing_modes",
    "ipterminal.line_commands",
    "ipterminal.clipboard_keys",
    "ipterminal.transcript_keys",
    "ipterminal.external_editor",
    "ipterminal.session_keys",
    "ipterminal.key_help",
    "ipterminal.leaving",
    "ipterminal.entering",
    "ipterminal.indentation",
    "ipterminal.pairs",
    "ipterminal.pasting",
    "ipterminal.formatting_keys",
    "ipterminal.recalling",
    "ipterminal.suggestions",
    "ipterminal.history_keys",
    "ipterminal.incremental_search",
    "ipterminal.completing",
    "ipterminal.documentation_keys",
    "ipterminal.signature_bar",
    "ipterminal.paste_mode",
    "ipterminal.options",
    "ipterminal.mouse",
    "ipterminal.plugin_keys",
    "ipterminal.key_table",
)


def install(editor: Editor) -> None:
    """Have every subject add what it has; one that fails is told and left out."""
    for name in SUBJECTS:
        try:
            import_module(name).install(editor)
        except Exception as error:  # whatever it is: the prompt stands without it
            from ipcore.plugins.failures import reason_of, traceback_of

            subject = name.rpartition(".")[2]
            notice(
                f"the editor goes without {subject}: {reason_of(error).rstrip('.')}.",
                details=traceback_of(error),
                once=f"ipterminal {subject}",
            )
