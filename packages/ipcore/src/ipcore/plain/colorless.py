"""The theme without colours: what has to stand out does so by other means."""

from __future__ import annotations

from ..types.themes import Style, Theme


def theme(name: str) -> Theme:
    """Give the theme."""
    bold, reverse = Style(bold=True), Style(reverse=True)
    return Theme(
        name,
        "",
        {
            "code.error": Style(underline=True),
            "match": Style(bold=True, underline=True),
            "match.bad": reverse,
            "selected": reverse,
            "search.match": reverse,
            "menu": reverse,
            "menu.current": Style(bold=True, reverse=False),
            "menu.match": Style(underline=True),
            "signature.current": Style(bold=True, underline=True),
            "toolbar": reverse,
            "message.error": bold,
            "pager.status": reverse,
            "traceback.type": bold,
            "traceback.position": Style(underline=True),
            "heading": bold,
            "debugger.current": bold,
        },
    )
