"""The core's own plugins: the plain member of each family, and the core's commands.

They go through the registry like everybody else's, so that ``-p no:NAME`` works on
them too. A table instead of entry points, so that they stand without metadata.
"""

from __future__ import annotations

from typing import Final

from .. import __version__
from .declared import CORE, Declared

_PLAIN: Final = "ipcore.plain.plugin"
_COMMANDS: Final = "ipcore.commands.plugin"
_COMPLETION: Final = "ipcore.completion.plain"

_TABLE = (
    ("prompts", "plain", _PLAIN),
    ("prompts", "classic", _PLAIN),
    ("frontends", "plain", _PLAIN),
    ("clipboards", "system", _PLAIN),
    ("themes", "nocolor", _PLAIN),
    ("inputhooks", "asyncio", _PLAIN),
    ("tracebacks", "plain", _PLAIN),
    ("display", "plain", _PLAIN),
    ("line_magics", "pinfo", _PLAIN),
    ("line_magics", "pinfo2", _PLAIN),
    ("line_magics", "psearch", _PLAIN),
    ("line_magics", "rewind", _PLAIN),
    ("line_magics", "tasks", _PLAIN),
    ("completers", "names", f"{_COMPLETION}:names"),
    ("completers", "attributes", f"{_COMPLETION}:attributes"),
    ("completers", "magics", f"{_COMPLETION}:magics"),
    ("commands", "completion", _COMMANDS),
    ("commands", "config", _COMMANDS),
    ("commands", "locate", _COMMANDS),
    ("commands", "plugins", _COMMANDS),
    ("commands", "profile", _COMMANDS),
)

BUILTIN: Final = tuple(
    Declared(family, key, value, CORE, __version__, "the core of ipshell") for family, key, value in _TABLE
)
