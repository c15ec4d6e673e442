"""Contracts: classes of tests that every plugin of a family passes.

An author derives a class whose name begins with ``Test``, sets what the contract asks for, and pytest
collects the tests it inherits::

    from ipcore.testing.contracts import LineMagicContract

    class TestShout(LineMagicContract):
        plugin = "greeter"
        key = "shout"
        distribution = "greeter"
        examples = {"hello": "HELLO"}
"""

from __future__ import annotations

from .cell_magics import CellMagicContract as CellMagicContract
from .commands import CommandContract as CommandContract
from .inputhooks import InputHookContract as InputHookContract
from .line_magics import LineMagicContract as LineMagicContract
from .plugin import PluginContract as PluginContract
from .prompts import PromptsContract as PromptsContract
from .tracebacks import TracebackContract as TracebackContract
