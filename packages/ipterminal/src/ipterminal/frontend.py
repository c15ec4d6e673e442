"""The front end: its options, and when it is not the one to use."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from traitlets import Any as AnyTrait
from traitlets import Bool, Callable, Dict, Enum, Float, Integer, List, Unicode, observe

from ipcore.component import Component

from .left_prompts import SetPrompts

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.plain.event_loops import HostLoop
    from ipcore.types.prompts import Fragments

    from .editor import Editor
    from .terminal_modes import TerminalModes

#: Kinds of terminals that cannot move their cursor.
_DUMB: Final = frozenset(("", "dumb", "unknown", "cons25", "emacs"))


#: Options that IPython's terminal shell inherits, and that are those of the shell itself here.
_OF_THE_SHELL: Final = (
    "ast_node_interactivity",
    "autoawait",
    "autocall",
    "automagic",
    "cache_size",
    "colors",
    "confirm_exit",
    "editor",
    "history_load_length",
    "loop_runner",
    "separate_in",
    "separate_out",
    "separate_out2",
    "show_rewritten_input",
)


class Terminal(Component):
    """Reads cells by an editor in the terminal; where there is none, as the plain front end does.

    :param parent: the shell that runs the cells.
    """

    options_elsewhere: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(_OF_THE_SHELL, ""),
        "highlighting_style": "InteractiveShell.colors names a theme, highlighting_style_overrides mends it",
        "mime_renderers": "Terminal.images says how images are shown",
        "min_elide": "completions are shown as they are",
    }

    simple_prompt = Bool(
        False, help="Whether lines are read as plain Python reads them, without the editor."
    ).tag(config=True)

    # Completion, documentation, signatures.
    display_completions = Enum(
        ("multicolumn", "column", "readlinelike"),
        default_value="multicolumn",
        help="How completions are shown: as a menu in several columns, as a menu in one that also tells "
        "types and signatures, or as a list in which nothing can be chosen.",
    ).tag(config=True)
    space_for_menu = Integer(6, min=1, help="How many rows of names a menu of completions has at most.").tag(
        config=True
    )
    mouse_support = Bool(False, help="Whether the mouse moves the cursor and chooses completions.").tag(
        config=True
    )
    complete_while_typing = Bool(
        False, help="Whether completions are shown while one types, without Tab."
    ).tag(config=True)
    completion_delay = Float(
        0.15, help="How many seconds no key has to come before completions are shown while one types."
    ).tag(config=True)
    show_documentation = Bool(
        False, help="Whether the documentation of the completion that is chosen is shown without F1."
    ).tag(config=True)
    documentation_rows = Integer(10, help="How many rows the pane of documentation has at most.").tag(
        config=True
    )
    signature_bar = Bool(
        True, help="Whether the signature of the function is shown whose arguments are being typed."
    ).tag(config=True)

    highlight_matching_brackets = Bool(
        True, help="Whether the bracket at the cursor and its partner are marked."
    ).tag(config=True)
    prompt_line_number_format = Unicode(
        help="How lines are numbered before the second and further ones: a format with {line}, "
        "from 1, and {rel_line}, from the cursor's. Empty for no numbers."
    ).tag(config=True)

    # How it looks.
    ask_background = Bool(
        True, help="Whether the terminal is asked for its background, by which colours are chosen."
    ).tag(config=True)
    highlighting_style_overrides = Dict(
        help="Style names, or tokens of pygments, that look otherwise than the theme says."
    ).tag(config=True)
    images = Enum(
        ("auto", "kitty", "iterm2", "off"),
        "auto",
        help="How images are shown: as the terminal can by its environment, by one protocol, or not at all.",
    ).tag(config=True)
    page_long_values = Bool(
        False, help="Whether a value that is longer than the screen is shown by the pager."
    ).tag(config=True)
    prompt = Unicode(
        help="What stands before the cell, in place of In [1]: a text with parts such as {number} and {cwd}."
    ).tag(config=True)
    continuation_prompt = Unicode(
        help="What stands before the further lines of a cell: a text with parts, as for prompt."
    ).tag(config=True)
    prompt_includes_vi_mode = Bool(True, help="Whether the mode of vi stands before the prompt.").tag(
        config=True
    )
    prompts_class = AnyTrait(
        default_value=None,
        allow_none=True,
        help="A class, or its name with its module, that is made with the shell and gives the prompts as "
        "IPython's do, by in_prompt_tokens() and so on; None for InteractiveShell.prompts_name.",
    ).tag(config=True)
    right_prompt = Unicode(
        help="What stands at the right of the prompt: a text with parts such as {duration} and {git}."
    ).tag(config=True)
    term_title = Bool(True, help="Whether the window gets a title.").tag(config=True)
    term_title_format = Unicode("ipshell: {cwd}", help="The title; {cwd} is the working directory.").tag(
        config=True
    )
    toolbar = Unicode(
        help="What stands in the line below the cell: a text with parts, as for right_prompt."
    ).tag(config=True)
    true_color = Bool(
        False, help="Whether the terminal has 16 million colours though it does not say so."
    ).tag(config=True)

    # Earlier cells.
    enable_history_search = Bool(
        True, help="Whether Up looks for cells that begin with what is before the cursor."
    ).tag(config=True)
    history_search = Enum(
        ("picker", "incremental"),
        default_value="picker",
        help="What Ctrl-R is: a list of cells that have the letters typed, or search letter by letter.",
    ).tag(config=True)
    autosuggestions_provider = Enum(
        ("NavigableAutoSuggestFromHistory", "AutoSuggestFromHistory", None),
        default_value="NavigableAutoSuggestFromHistory",
        allow_none=True,
        help="Whether the rest of an earlier line is suggested, and whether one can go from one to another; "
        "None for no suggestions and none of their keys.",
    ).tag(config=True)
    llm_provider_class = Unicode(
        None,
        allow_none=True,
        help="The name, with its module, of a class that gives suggestions from elsewhere; see "
        "ipterminal.suggestion_sources.",
    ).tag(config=True)
    llm_constructor_kwargs: Dict[str, Any] = Dict(help="What that class is made with.").tag(config=True)
    llm_prefix_from_history = Enum(
        ("input_history", "no_prefix"),
        default_value="no_prefix",
        help="Whether it is given the cells of this session too.",
    ).tag(config=True)

    # Enter and the other keys that change the text.
    autoindent = Bool(True, help="Whether new lines are indented.").tag(config=True)
    validate = Bool(
        True, help="Whether Enter shows a mistake that more lines cannot mend, once, before the cell runs."
    ).tag(config=True)
    auto_match = Bool(False, help="Whether brackets and quotes come in pairs.").tag(config=True)
    autoformatter = Enum(
        (None, "black", "ruff", "yapf"),
        default_value=None,
        allow_none=True,
        help="The formatter that Enter, Esc Enter and Ctrl-X F put the cell in order by.",
    ).tag(config=True)
    format_on_enter = Bool(
        True, help="Whether Enter, too, formats a cell that it runs; else Esc Enter and Ctrl-X F alone do."
    ).tag(config=True)
    handle_return = Callable(
        None,
        allow_none=True,
        help="A function of the shell that gives a function of the key's event, to replace Enter.",
    ).tag(config=True)

    # What keys do.
    editing_mode = Enum(("emacs", "vi"), default_value="emacs", help="Whose keys there are.").tag(config=True)
    modal_cursor = Bool(True, help="Whether the cursor's shape shows vi's mode.").tag(config=True)
    timeoutlen = Float(
        0.5, min=0, help="How many seconds keys wait for another one with which they mean something else."
    ).tag(config=True)
    ttimeoutlen = Float(
        0.1,
        min=0,
        help="How many seconds the beginning of a key waits for its rest, which ssh may bring late.",
    ).tag(config=True)
    emacs_bindings_in_vi_insert_mode = Bool(
        True, help="Whether some of Emacs' keys work in vi's insert mode."
    ).tag(config=True)
    extra_open_editor_shortcuts = Bool(
        False, help="Whether v opens the cell in your editor in vi's navigation mode, as F2 does everywhere."
    ).tag(config=True)
    run_after_edit = Bool(
        False, help="Whether a cell runs that comes back from your editor; else it can be seen first."
    ).tag(config=True)
    shortcuts: List[Any] = List(
        help="Changes of the keys: dicts with command, and match_keys, match_filter, new_keys, new_filter, "
        "create. Empty new_keys take a binding away. %keys lists commands and keys."
    ).tag(config=True)

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        # Before options are set: what is done then needs these.
        self.shell = parent
        #: What shows images and long values.
        self.publishers: list[Any] = []
        self.images_tried = False
        super().__init__(parent=parent, **traits)
        #: Whether a person is there, who is greeted.
        self.person = _is_terminal(sys.stdin)
        self._end: Any = None
        #: The prompts that cells have set.
        self.set_prompts = SetPrompts(parent)
        #: The prompt of the shell that stands on the screen already; it is not asked for again.
        self.painted: Fragments | None = None
        #: The user's prompts that know of the editor, and what they look at: ``mode``, ``line``.
        self.lent_to: object = None
        self.followed: frozenset[str] = frozenset()
        #: The editor, while there is one.
        self.editor: Editor | None = None

    def run(self) -> int:
        """Read and run cells until the user leaves.

        Blocks the calling thread, which must be that of the cells.

        :returns: the exit status.
        """
        modes = self._modes()
        if modes is None:
            return self._run_plainly()
        from .conversation import GivenUp, converse

        try:
            return converse(self, modes)
        except GivenUp as given_up:
            self.shell.set_next_input(given_up.text)
        return self._run_plainly()

    async def run_async(self, host: HostLoop) -> None:
        """Read and run cells in a running event loop, which goes on meanwhile.

        :param host: the loop.
        """
        from ipcore.plain.awaiting import AwaitedFrontend

        modes = self._modes() if sys.platform != "win32" else None
        if modes is not None:
            from .awaited import converse_async
            from .conversation import GivenUp

            try:
                await converse_async(self, modes, host)
                return
            except GivenUp as given_up:
                self.shell.set_next_input(given_up.text)
        await AwaitedFrontend(self.shell, host).run_async()

    def plain_because(self) -> str:
        """Say why there can be no editor here; empty if there can."""
        if self.simple_prompt:
            return "simple_prompt is set"
        if os.environ.get("PYTHON_BASIC_REPL"):
            return "PYTHON_BASIC_REPL is set"
        if not _is_terminal(sys.stdin) or not _is_terminal(sys.stdout):
            return "standard input or output is no terminal"
        if sys.platform != "win32" and os.environ.get("TERM", "").lower() in _DUMB:
            return f"the terminal is of the kind {os.environ.get('TERM', '')!r}"
        return ""

    def _modes(self) -> TerminalModes | None:
        """Give who sets the terminal's mode; ``None`` if there can be no editor."""
        if self.plain_because():
            return None
        from .terminal_modes import TerminalModes

        try:
            return TerminalModes(sys.stdin.fileno())
        except (OSError, ValueError):
            return None

    def _run_plainly(self) -> int:
        from ipcore.plain.frontend import PlainFrontend

        return PlainFrontend(self.shell).run()

    @observe("page_long_values")
    def _page_long_values(self, change: object) -> None:
        """Look at values only if that is wanted: it is in the way of each."""
        if self.page_long_values:
            from .long_values import LongValues

            if not any(isinstance(each, LongValues) for each in self.publishers):
                self.publishers.append(LongValues(self))
                self.shell.display.publisher.add(self.publishers[-1])

    @observe("prompts_class")
    def _show_prompts_of_class(self, change: object) -> None:
        if self.prompts_class:
            from .prompt_classes import show_prompts_of

            show_prompts_of(self.prompts_class, self.shell)
        else:
            self.shell.prompts = None

    def take_over(self, name: str, value: Any) -> None:
        """Set an option of the shell that stood in the section of its front end, as IPython has it."""
        trait = self.shell.traits()[name]
        given = getattr(value, "get_value", None)  # of the command line it is text, to be read for its trait
        self.shell.set_trait(name, given(trait) if given is not None else value)

    def on_close(self) -> None:
        """Leave the terminal as it was found, if the shell is closed while the editor has it."""
        if self._end is not None:
            self._end()
        display = self.shell.made_part("display")
        while self.publishers and display is not None:
            display.publisher.remove(self.publishers.pop())

    def at_end(self, function: Any) -> None:
        """Have a function called if the shell is closed from outside; ``None`` for none."""
        self._end = function


def _is_terminal(stream: Any) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (ValueError, AttributeError):  # closed
        return False
