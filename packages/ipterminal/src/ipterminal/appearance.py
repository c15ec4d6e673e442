"""What has to be known about colours before the first prompt is painted: imports nothing of the editor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from ipcore.notices import notice

from .image_protocols import chosen_protocol
from .remembered import hinted

if TYPE_CHECKING:
    from .frontend import Terminal

#: Names of IPython's tokens for prompts → style names.
_PROMPTS: Final = {
    "Prompt": "prompt",
    "PromptNum": "prompt.number",
    "OutPrompt": "prompt.output",
    "OutPromptNum": "prompt.output.number",
}


def prepare(terminal: Terminal) -> None:
    """Have the shell's theme fit the terminal, as far as that is known without asking it."""
    theme = terminal.shell.theme
    if terminal.true_color:
        theme.depth = 24
    if terminal.highlighting_style_overrides:
        override(terminal)
    if not theme.background:
        theme.background = hinted()
    if not terminal.images_tried:
        terminal.images_tried = True
        protocol = chosen_protocol(terminal.images, os.environ)
        if protocol:
            from .images import publish_images

            terminal.publishers.append(publish_images(terminal.shell, protocol))


def override(terminal: Terminal) -> None:
    """Take over the option ``highlighting_style_overrides``; what cannot be read is told."""
    from ipcore.styles import read_style

    styles: dict[str, str] = {}
    for name, text in terminal.highlighting_style_overrides.items():
        try:
            read_style(text)
        except (ValueError, AttributeError) as error:
            notice(f"highlighting_style_overrides, {name}: {error}", once=f"override {name}")
            continue
        styles[style_name(name)] = text
    terminal.shell.theme.override(styles)


def style_name(name: Any) -> str:
    """Give the style name that a name in the configuration stands for: ours, or a token of pygments."""
    text = str(name)
    if not text.startswith("Token") and not text[:1].isupper():
        return text
    from .languages import CLASSES

    words = text.removeprefix("Token").strip(".").split(".")
    if ".".join(words) in _PROMPTS:
        return _PROMPTS[".".join(words)]
    while words:
        found = CLASSES.get(".".join(words))
        if found:
            return f"code.{found}"
        words.pop()
    return "code"
