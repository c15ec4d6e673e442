"""Texts that parameters of well-known names take, where no annotation says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inspect import Signature

#: Encodings that are proposed before anything of one is typed.
_USUAL: Final = ("utf-8", "utf-8-sig", "ascii", "latin-1", "cp1252", "utf-16", "utf-32")

#: What ``codecs`` knows that does not encode texts as bytes.
_NO_TEXT: Final = frozenset(
    ("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec")
)

_ERRORS: Final = (
    "strict",
    "ignore",
    "replace",
    "backslashreplace",
    "namereplace",
    "surrogateescape",
    "surrogatepass",
    "xmlcharrefreplace",
)
_NEWLINES: Final = ("", "\n", "\r\n", "\r")
_MODES: Final = tuple("r w a x rb wb ab xb r+ w+ a+ x+ r+b w+b a+b x+b rb+ wb+ ab+ xb+ rt wt at xt".split())


def known_choices(name: str, signature: Signature, typed: str) -> tuple[str, ...]:
    """Give the texts that are usual for an argument; none for a parameter of another meaning.

    What a parameter is about is told by those beside it: ``errors`` of a function that takes no ``encoding``
    is about something else.

    :param name: the parameter's.
    :param typed: what is typed of the text.
    """
    parameters = signature.parameters
    if name == "encoding":
        return _encodings() if typed else _USUAL
    if "encoding" not in parameters:
        return ()
    if name == "errors":
        return _ERRORS
    if name == "newline":
        return _NEWLINES
    if name == "mode" and ("newline" in parameters or "buffering" in parameters):
        return _MODES if typed else _MODES[:8]
    return ()


def _encodings() -> tuple[str, ...]:
    from encodings.aliases import aliases

    names = {name.replace("_", "-") for name in {*aliases.values()} - _NO_TEXT}
    return tuple(dict.fromkeys((*_USUAL, *sorted(names))))
