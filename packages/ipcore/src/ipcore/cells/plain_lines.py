"""The cheapest test of a cell: one line that is plain Python at first sight.

Most cells of one line pass it. The rules of :mod:`ipcore.cells.transform` are imported
for the first cell that does not.
"""

from __future__ import annotations

import re

#: It begins as nothing but Python does, and holds no character that an escape is made of.
_PLAIN_LINE = re.compile(r"""(?!In ?\[)[\w({'"@*+~-][^%!?>\r\n]*\n?\Z""")


def transform(source: str) -> str:
    """Do as :func:`ipcore.cells.transform.transform`, at next to no cost for a plain line.

    :param source: the text of a cell.
    :returns: Python, ending with a newline.
    """
    if _PLAIN_LINE.match(source):
        return source if source.endswith("\n") else source + "\n"
    from .transform import transform

    return transform(source)
