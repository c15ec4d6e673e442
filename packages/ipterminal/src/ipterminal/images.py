"""Images in the terminal, where it says that it can: the protocols of kitty and of iTerm2.

What a value gives for ``image/png`` is shown; a terminal that can do neither gets the text, as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.types.display import Output

    from .image_protocols import Protocol

#: Characters of one piece of the kitty protocol.
_PIECE: Final = 4096
#: Bytes of an image that is shown.
LARGEST: Final = 32 << 20
#: What each protocol can show.
TYPES: Final[dict[Protocol, tuple[str, ...]]] = {
    "kitty": ("image/png",),
    "iterm2": ("image/png", "image/jpeg"),
    "": (),
}


def by_kitty(image: bytes) -> str:
    """Give what shows a PNG image by the protocol of kitty, in pieces; it answers nothing (``q=2``)."""
    from base64 import b64encode

    encoded = b64encode(image).decode()
    pieces = [encoded[at : at + _PIECE] for at in range(0, len(encoded), _PIECE)] or [""]
    shown = []
    for number, piece in enumerate(pieces):
        keys = "a=T,f=100,q=2," if number == 0 else ""
        shown.append(f"\x1b_G{keys}m={int(number < len(pieces) - 1)};{piece}\x1b\\")
    return "".join(shown)


def by_iterm2(image: bytes, metadata: Mapping[str, Any]) -> str:
    """Give what shows an image by the protocol of iTerm2."""
    from base64 import b64encode

    size = [
        f"{name}={metadata[name]:d}px" for name in ("width", "height") if isinstance(metadata.get(name), int)
    ]
    keys = ";".join(["inline=1", f"size={len(image)}", *size])
    return f"\x1b]1337;File={keys}:{b64encode(image).decode()}\x07"


class ImagePublisher:
    """Shows outputs that have an image, on a terminal; leaves all others to the next publisher.

    :param shell: whose outputs these are.
    :param protocol: what the terminal speaks.
    """

    def __init__(self, shell: InteractiveShell, protocol: Protocol) -> None:
        self._shell = shell
        self._protocol = protocol

    @property
    def types(self) -> Collection[str] | None:
        """What the terminal can show, if that is where it goes."""
        return TYPES[self._protocol] if _to_terminal() else ()

    def publish(self, output: Output) -> bool:
        """Show an output that has an image."""
        if not _to_terminal():
            return False
        for mime in TYPES[self._protocol]:
            image = _bytes_of(output.data.get(mime))
            if image:
                self._show(image, output.metadata.get(mime), output.number)
                return True
        return False

    def clear(self, wait: bool) -> bool:
        """Leave it to the next publisher."""
        return False

    def _show(self, image: bytes, metadata: Any, number: int | None) -> None:
        from ipcore.cells.displayhook import write_out

        given = metadata if isinstance(metadata, Mapping) else {}
        text = by_kitty(image) if self._protocol == "kitty" else by_iterm2(image, given)
        if number is None:
            write_out(f"{text}\n", flush=True)
        else:
            # The number stands above: an image is no text that could stand behind it.
            shown = self._shell.displayhook.layout(number, f"\n{text}")
            write_out(shown.replace("\n\n", "\n", 1), flush=True)


def _to_terminal() -> bool:
    stream = sys.stdout
    try:
        return stream is not None and stream.isatty()
    except (ValueError, AttributeError):
        return False


def _bytes_of(given: object) -> bytes:
    """Give the bytes of an image, which may come as text too; none for what is none, or too large."""
    if isinstance(given, str):
        from base64 import b64decode

        try:
            given = b64decode(given)
        except ValueError:
            return b""
    return given if isinstance(given, bytes) and len(given) <= LARGEST else b""


def publish_images(shell: InteractiveShell, protocol: Protocol) -> ImagePublisher:
    """Have a shell show images.

    :param protocol: one that its terminal speaks.
    :returns: what was added to the shell's publishers.
    """
    publisher = ImagePublisher(shell, protocol)
    shell.display.publisher.add(publisher)
    return publisher
