"""How the documentation is built: ``sphinx-build -W -b html docs docs/_build/html``."""

from __future__ import annotations

import sys
from pathlib import Path

from ipcore import __version__

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "ipshell"
author = "The ipshell developers"
project_copyright = "The ipshell developers"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "contract_pages", "hook_pages", "session_lexer"]
exclude_patterns = ["_build", "tests"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Quotes in tables and messages are what is to be typed.
smartquotes = False

# Protocols and records are not called by readers.
autodoc_class_signature = "separated"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# Imported for annotations alone, so that autodoc does not find them by itself.
autodoc_type_aliases = {
    "SList": "ipcore.system.slist.SList",
    "LSString": "ipcore.system.slist.LSString",
}
python_use_unqualified_type_names = True
toc_object_entries = False

# Every reference must lead somewhere, but for types of the standard library and of traitlets, whose
# documentation is elsewhere (a build reads nothing from the network), and for what is not public.
nitpicky = True
nitpick_ignore_regex = [
    (
        "py:.*",
        r"(argparse|ast|collections|concurrent|contextlib|inspect|pathlib|re|subprocess|sys|traitlets|types|typing)\..*",
    ),
    (
        "py:.*",
        r"(t\.Any|ipcore\.(component|deprecation|magics\.\w+)\.[A-Z]|IPShellApp|ipcore\.configuration|ipcore\.parts\..*)",
    ),
    (
        "py:.*",
        r"(Function|HostLoop|Kind|LinesTransformer|M|PathLike|T|Verdict|ipcore\.hosts\.main_thread\.T)",
    ),
    (
        "py:.*",
        r"(AbstractContextManager|Any|Callable|Config|Future|Iterable|Iterator|Literal|Mapping|NoReturn|Protocol|Sequence|Task)",
    ),
    ("py:.*", r"(Signature|Told|Trigger|ast)"),
    ("py:.*", r"(FrameType|ModuleType|MutableMapping|TracebackType)"),
    ("py:.*", r"(bool|bytes|dict|float|int|list|object|set|str|tuple|type|None)"),
    ("py:exc", r"(BaseException|ImportError|KeyError|OSError|RuntimeError|SyntaxError|TypeError|ValueError)"),
    ("py:exc", r"(IndexError|NameError)"),
    ("py:class", r"(BaseException|Exception)"),
    # They have sections of their own, and are no objects to Sphinx.
    ("py:class", r"\w+Contract"),
    ("py:.*", r"(multiprocessing|pathlib\.Path|subprocess|time\.monotonic)"),
    ("py:.*", r"(ipcore\.InteractiveShell\.run_cell|ipcore\.plugins\.declared\.Declared)"),
]

html_theme = "furo"
html_title = f"ipshell {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sourcelink = False
pygments_style = "friendly"
