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
from .clipboards import ClipboardContract as ClipboardContract
from .commands import CommandContract as CommandContract
from .completers import CompletionProviderContract as CompletionProviderContract
from .display import FormatterContract as FormatterContract
from .display import PublisherContract as PublisherContract
from .editors import EditorContract as EditorContract
from .events import EventListenerContract as EventListenerContract
from .frontends import FrontendContract as FrontendContract
from .highlighters import HighlighterContract as HighlighterContract
from .history import HistoryContract as HistoryContract
from .input import AstTransformerContract as AstTransformerContract
from .input import InputTransformerContract as InputTransformerContract
from .inputhooks import InputHookContract as InputHookContract
from .key_bindings import KeyBindingContract as KeyBindingContract
from .lifecycle import LifecycleContract as LifecycleContract
from .line_magics import LineMagicContract as LineMagicContract
from .pagers import PagerContract as PagerContract
from .plugin import PluginContract as PluginContract
from .policies import PolicyContract as PolicyContract
from .prompts import PromptsContract as PromptsContract
from .themes import ThemeContract as ThemeContract
from .tracebacks import TracebackContract as TracebackContract
