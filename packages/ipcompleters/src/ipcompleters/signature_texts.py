"""Signatures as short texts, without calling the ``repr`` of anybody's default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from inspect import Signature

#: A longer default is left out.
_LONGEST_DEFAULT: Final = 20
_PLAIN: Final = (int, float, str, bytes, bool, type(None), type(...))


def signature_text(signature: Signature | None) -> str:
    """Give a signature as ``(a, b=2, *, c=...)``; empty if there is none.

    Without annotations. Defaults are shown if they are short and of a builtin type.
    """
    if signature is None:
        return ""
    parts: list[str] = []
    positional_only = seen_star = False
    for name, parameter in signature.parameters.items():
        kind = parameter.kind
        if positional_only and kind is not parameter.POSITIONAL_ONLY:
            parts.append("/")
        positional_only = kind is parameter.POSITIONAL_ONLY
        if kind is parameter.VAR_POSITIONAL:
            seen_star = True
            parts.append(f"*{name}")
        elif kind is parameter.VAR_KEYWORD:
            parts.append(f"**{name}")
        else:
            if kind is parameter.KEYWORD_ONLY and not seen_star:
                seen_star = True
                parts.append("*")
            default = parameter.default
            parts.append(name if default is parameter.empty else f"{name}={_shown(default)}")
    if positional_only:
        parts.append("/")
    return f"({', '.join(parts)})"


def _shown(default: Any) -> str:
    if type(default) not in _PLAIN:
        return "..."
    if type(default) in (str, bytes) and len(default) > _LONGEST_DEFAULT:
        return "..."
    text = repr(default)
    return text if len(text) <= _LONGEST_DEFAULT else "..."
