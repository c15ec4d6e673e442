"""Reading the code cells of a notebook file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def code_cells(document: Any) -> list[tuple[int, str]]:
    """Give the code cells of a notebook, formats 3 and 4, each with its place among all cells from 1.

    :param document: the parsed JSON.
    :raises ValueError: if it is no notebook, or one in another language.
    """
    if not isinstance(document, dict) or not ("cells" in document or "worksheets" in document):
        raise ValueError("it has no cells")
    language = _language(document.get("metadata"))
    if language not in ("", "python", "ipython", "python3"):
        raise ValueError(f"its language is {language}, not Python")
    found = []
    for number, cell in enumerate(_cells(document), 1):
        if not isinstance(cell, dict):
            raise ValueError(f"cell {number} is not an object")
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise ValueError(f"cell {number} has no text")
        found.append((number, source))
    return found


def _cells(document: dict[str, Any]) -> Iterator[Any]:
    groups = document.get("worksheets", [document])
    for group in groups if isinstance(groups, list) else []:
        cells = group.get("cells", []) if isinstance(group, dict) else None
        if not isinstance(cells, list):
            raise ValueError("its cells are not a list")
        yield from cells


def _language(metadata: Any) -> str:
    if not isinstance(metadata, dict):
        return ""
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        section = metadata.get(key)
        if isinstance(section, dict) and isinstance(section.get(name), str):
            return str(section[name]).lower()
    return ""
