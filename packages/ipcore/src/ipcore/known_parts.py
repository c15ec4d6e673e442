"""What the other distributions of the family bring, so that a missing one can be named.

Static on purpose: nothing is guessed and nothing is installed.
"""

from __future__ import annotations

import re
from typing import Final

_MAGICS: Final = {
    "iphistory": "hist history recall rep rerun",
    "iptracebacks": "debug pdb tb xmode",
    "ipdisplay": "page pdef pdoc pfile pprint precision psource",
    "iplogging": "logoff logon logstart logstate logstop",
    "ipterminal": "autoindent cpaste exit_raise keys kill_embedded paste",
    "ipgui": "gui matplotlib pylab",
    "ipkernel-parallel": "autopx px pxconfig pxresult pxrunfile",
    "ipkernel-jupyter": "autosave connect_info notebook qtconsole subshell",
    "ipmagics": (
        "! HTML SVG aimport alias alias_magic autoawait autocall automagic autoreload bash "
        "bookmark capture cat cd clear code_wrap colors conda config dhist dirs doctest_mode ed "
        "edit env file html javascript js killbgscripts latex less load load_ext loadpy lsmagic "
        "macro magic mamba man markdown micromamba more pastebin perl pip popd prun pushd pwd "
        "pycat pypy python python2 python3 quickref rehashx reload_ext reset reset_selective ruby "
        "run save sc script set_env sh store svg sx system time timeit unalias unload_ext uv who "
        "who_ls whos writefile xdel"
    ),
}

_COMMANDS: Final = {"history": "iphistory", "kernel": "ipkernel-jupyter", "cluster": "ipkernel-parallel"}

_INPUTHOOKS: Final = {
    "ipgui": "glut gtk gtk2 gtk3 gtk4 osx pyglet qt qt4 qt5 qt6 tk trio wx",
}


def distribution_of_magic(name: str) -> str:
    """Give the distribution that brings a magic; empty if none of the family does."""
    return next((dist for dist, names in _MAGICS.items() if name in names.split()), "")


def distribution_of_command(name: str) -> str:
    """Give the distribution that brings a sub-command; empty if none of the family does."""
    return _COMMANDS.get(name, "")


def distribution_of_inputhook(name: str) -> str:
    """Give the distribution that brings an event loop; empty if none of the family does."""
    return next((dist for dist, names in _INPUTHOOKS.items() if name in names.split()), "")


def missing_command(source: str, error: BaseException) -> str:
    """Say what would make sense of a line such as ``cd work`` or ``who``, which Python cannot.

    :param source: the text of a cell.
    :param error: what became of it.
    :returns: a sentence; empty if nothing of the family brings such a command.
    """
    line = source.strip()
    name = line.split(None, 1)[0] if line else ""
    if "\n" in line or not re.fullmatch(r"[a-z]\w*", name):
        return ""
    if not (isinstance(error, SyntaxError) or (isinstance(error, NameError) and error.name == name)):
        return ""
    brings = distribution_of_magic(name)
    return f"%{name} comes with {brings}, which is not installed." if brings else ""
