"""Magics: ``%name`` and ``%%name``. What their authors need, and what finds and calls them.

.. code-block:: python

    from ipcore.magics import Magics, line_magic, magics_class

The names are imported when they are first asked for: a session without magics of this
kind does not pay for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import lazy_names

if TYPE_CHECKING:
    from ..errors import UsageError
    from .arguments import argument, argument_group, defaults, kwds, magic_arguments, parse_argstring
    from .authoring import (
        Magics,
        cell_magic,
        line_cell_magic,
        line_magic,
        magics_class,
        needs_local_scope,
        no_var_expand,
        output_can_be_silenced,
        register_cell_magic,
        register_line_cell_magic,
        register_line_magic,
        skip_doctest,
    )
    from .completion import MagicOption, magic_options, option_names, options_in_source
    from .options import Options, parse_options
    from .registry import MagicsManager

_MODULES = {
    "..errors": "UsageError",
    ".arguments": "argument argument_group defaults kwds magic_arguments parse_argstring",
    ".authoring": (
        "Magics cell_magic line_cell_magic line_magic magics_class needs_local_scope no_var_expand "
        "output_can_be_silenced register_cell_magic register_line_cell_magic register_line_magic skip_doctest"
    ),
    ".completion": "MagicOption magic_options option_names options_in_source",
    ".options": "Options parse_options",
    ".registry": "MagicsManager",
}

#: Public name → module that defines it.
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = [
    "MagicOption",
    "Magics",
    "MagicsManager",
    "Options",
    "UsageError",
    "argument",
    "argument_group",
    "cell_magic",
    "defaults",
    "kwds",
    "line_cell_magic",
    "line_magic",
    "magic_arguments",
    "magic_options",
    "magics_class",
    "needs_local_scope",
    "no_var_expand",
    "option_names",
    "options_in_source",
    "output_can_be_silenced",
    "parse_argstring",
    "parse_options",
    "register_cell_magic",
    "register_line_cell_magic",
    "register_line_magic",
    "skip_doctest",
]


if not TYPE_CHECKING:  # type checkers are to tell of a name that is not there
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
