"""The options of the command line, as a table.

Most options are another way to write ``--Class.trait=value``. What has no section
is the application's own business, see ``command_line``.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple


class Option(NamedTuple):
    """One option of the command line."""

    names: tuple[str, ...]
    """Its spellings, for example ``("-i",)``."""
    help: str
    """One line for ``--help``."""
    metavar: str = ""
    """How help names its value; empty for an option without one."""
    settings: tuple[tuple[str, str, Any], ...] = ()
    """What it sets: section, trait, and the value where the option has none of its own."""
    part: str = ""
    """The distribution that brings what it sets, if that is not the core."""
    repeats: bool = False
    """Whether each further one adds to a list, instead of taking the former's place."""

    @property
    def key(self) -> str:
        """The longest spelling without its dashes."""
        return max(self.names, key=len).lstrip("-")


class Assignment(NamedTuple):
    """What one option of the command line sets."""

    section: str
    trait: str
    value: Any
    """The value of a switch; text where the user gave it."""
    shown: str
    """The option as the user wrote it."""
    key: str = ""
    """For a dictionary, the key in it."""
    repeats: bool = False
    """Whether a further one of the same trait makes a list, instead of taking this one's place."""


def _switch(name: str, section: str, trait: str, yes: str, no: str, part: str = "") -> tuple[Option, Option]:
    return (
        Option((f"--{name}",), yes, settings=((section, trait, True),), part=part),
        Option((f"--no-{name}",), no, settings=((section, trait, False),), part=part),
    )


_CLASSIC = (
    ("InteractiveShell", "cache_size", 0),
    ("InteractiveShell", "separate_in", ""),
    ("InteractiveShell", "separate_out", ""),
    ("InteractiveShell", "separate_out2", ""),
    ("InteractiveShell", "prompts_name", "classic"),
)

#: Options that the application itself acts on.
OWN: Final = (
    Option(("-h", "--help"), "show this help"),
    Option(("--help-all",), "show every option of every part, with defaults"),
    Option(("-V", "--version"), "show the version"),
    Option(("-i",), "stay interactive after the code, module or file"),
    Option(("-p", "--plugin"), "load a plugin, or with no:NAME do not load it", "NAME|no:NAME"),
    Option(("--no-plugins",), "load nothing but the core"),
    Option(("--profile",), "use the profile of that name", "NAME"),
    Option(("--profile-dir",), "use the profile in that directory", "PATH"),
    Option(("--config",), "read this configuration file too", "FILE"),
    Option(("--init",), "create the profile, with its commented configuration file"),
    Option(("--quick",), "read no configuration files"),
    Option(("--show-config",), "show the effective configuration and leave"),
    Option(("--show-config-json",), "show it as JSON and leave"),
    Option(("--debug",), "show tracebacks of what fails inside ipshell and its plugins"),
    Option(("--quiet",), "show no notices but the one that ends the program"),
    Option(("--log-level",), "show notices from this level on: DEBUG, WARNING, ERROR, a number", "N|NAME"),
)

#: Options that set configuration.
SETTINGS: Final = (
    *_switch(
        "automagic", "InteractiveShell", "automagic", "call magics without %", "call magics with % only"
    ),
    *_switch("banner", "IPShellApp", "display_banner", "show the banner", "show no banner"),
    *_switch("tip", "IPShellApp", "enable_tip", "show a tip in the banner", "show none"),
    *_switch(
        "confirm-exit", "InteractiveShell", "confirm_exit", "ask before leaving", "leave without asking"
    ),
    *_switch(
        "ignore-cwd", "IPShellApp", "ignore_cwd", "keep the working directory off sys.path", "put it there"
    ),
    Option(("--colors", "--theme"), "use these colours", "NAME", (("InteractiveShell", "colors", None),)),
    Option(
        ("--autocall",),
        "call functions without parentheses: 0 off, 1 with arguments, 2 always",
        "0|1|2",
        (("InteractiveShell", "autocall", None),),
    ),
    Option(("--cache-size",), "keep N values in Out", "N", (("InteractiveShell", "cache_size", None),)),
    Option(("--simple-prompt",), "use the plain front end", settings=(("IPShellApp", "frontend", "plain"),)),
    Option(("--frontend",), "use the front end of that name", "NAME", (("IPShellApp", "frontend", None),)),
    Option(
        ("--ext",),
        "load an extension, may be repeated",
        "MODULE",
        (("IPShellApp", "extra_extensions", None),),
        repeats=True,
    ),
    Option(("--nosep",), "print no blank lines between cells", settings=_CLASSIC[1:4]),
    Option(("--classic",), "look like plain Python", settings=_CLASSIC),
)

#: Options that need another distribution.
ELSEWHERE: Final = (
    *_switch("autoindent", "TerminalInteractiveShell", "autoindent", "indent", "do not indent", "ipterminal"),
    *_switch(
        "term-title", "TerminalInteractiveShell", "term_title", "set the title", "leave it", "ipterminal"
    ),
    *_switch(
        "pprint", "PlainTextFormatter", "pprint", "pretty-print values", "show values by repr", "ipdisplay"
    ),
    *_switch(
        "color-info",
        "InteractiveShell",
        "color_info",
        "colour what is shown of an object",
        "do not",
        "ipdisplay",
    ),
    *_switch("pdb", "InteractiveShell", "pdb", "debug after an error", "do not", "iptracebacks"),
    Option(
        ("--logfile",),
        "log the session to FILE",
        "FILE",
        (("InteractiveShell", "logfile", None),),
        "iplogging",
    ),
    Option(
        ("--logappend",), "go on in FILE", "FILE", (("InteractiveShell", "logappend", None),), "iplogging"
    ),
    Option(("--gui",), "run the event loop of a toolkit", "NAME", (("IPShellApp", "gui", None),), "ipgui"),
    Option(("--matplotlib",), "set up matplotlib", "BACKEND", (("IPShellApp", "matplotlib", None),), "ipgui"),
    Option(("--pylab",), "set up pylab", "BACKEND", (("IPShellApp", "pylab", None),), "ipgui"),
)

#: Every option by each of its spellings.
BY_NAME: Final = {name: option for option in (*OWN, *SETTINGS, *ELSEWHERE) for name in option.names}
