"""Complete texts in one shell and tell what each would become.

    python comparison/complete.py ipshell|ipython|jedi < cases.json > answers.json

``jedi`` is the peer as it comes, ``ipython`` the peer without jedi. Each case is completed in a forked child
with a fresh shell. What is told of a proposal is the text with it in its place, so that it does not matter
how much of the text it stands in place of. POSIX only.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from observe import make_ipython  # type: ignore[import-not-found,unused-ignore]

#: Seconds that one case may take.
DEADLINE = 30

#: What a setup says to our shell, and how the same is said to the peer.
IN_IPYTHON = {
    "from ipcore.magics import *": (
        "from IPython.core.magic import *; from IPython.core.magic_arguments import *"
    ),
    "from ipcore.magics import": "from IPython.core.magic import",
    "magics.register('line', name, print)": "magics_manager.magics['line'].setdefault(name, print)",
    "magics.register('cell', name, print)": "magics_manager.magics['cell'].setdefault(name, print)",
    "magics.register_alias": "magics_manager.register_alias",
    "aliases.define": "alias_manager.define_alias",
    "100 % quiet": "100 %% quiet",
    "class Voices(": "@magics_class\nclass Voices(",
}
#: What only our shell has: nothing can be asked about it elsewhere.
OURS_ALONE = "ShellCompleter"


def make_ipshell() -> Any:
    """Make our shell, with the plugins that are installed."""
    import types

    from ipcore.plugins.discovery import scan, search_path
    from ipcore.plugins.registry import Registry
    from ipcore.shell import InteractiveShell

    module = sys.modules["__main__"] = types.ModuleType("__main__")
    shell = InteractiveShell(user_module=module, registry=Registry(lambda: scan(search_path())))
    shell.start()
    return shell


def by_ipshell(shell: Any, text: str, cursor: int) -> list[str]:
    """Give what a text may become in our shell."""
    found = shell.completer.completions(text, cursor, trigger="tab", timeout=10)
    return [text[: each.start] + each.text + text[each.end :] for each in found]


def by_ipython(shell: Any, text: str, cursor: int) -> list[str]:
    """Give what a text may become in the peer's."""
    from IPython.core.completer import provisionalcompleter, rectify_completions

    with provisionalcompleter(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(rectify_completions(text, shell.Completer.completions(text, cursor)))
    return [text[: each.start] + each.text + text[each.end :] for each in found]


def answer(which: str, case: dict[str, Any], folder: Path) -> list[str] | str:
    """Complete a case in a folder; a text says why it cannot be."""
    for name, content in case["files"].items():
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text(content, encoding="utf-8")
    for name in case["programs"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch(mode=0o755)
    for name, value in case["variables"].items():
        os.environ[name] = value.replace("{here}", str(folder))
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    shell = make_ipshell() if which == "ipshell" else make_ipython()
    setup = case["setup"]
    if which != "ipshell":
        if any(OURS_ALONE in text for text in (case["text"], *case["top"], *case["also"])):
            return "it is about what only our shell has"
        for ours, theirs in IN_IPYTHON.items():
            setup = setup.replace(ours, theirs)
    if setup and not shell.run_cell(setup).success:
        return "the setup fails"
    if which == "ipshell":
        return by_ipshell(shell, case["text"], case["cursor"])
    shell.Completer.use_jedi = which == "jedi"
    return by_ipython(shell, case["text"], case["cursor"])


def in_child(which: str, case: dict[str, Any]) -> list[str] | str:
    """Complete a case in a forked child."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        here = Path(folder) / "golden"  # as where the cases are tried
        here.mkdir()
        child = os.fork()
        if child == 0:
            import signal

            signal.alarm(DEADLINE)
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            try:
                told.write_text(json.dumps(answer(which, case, here)), encoding="utf-8")
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        if not told.exists():
            return "it ended"
        found: list[str] | str = json.loads(told.read_text(encoding="utf-8"))
        return found


def main() -> None:
    """Answer for all cases."""
    which = sys.argv[1]
    # Imported once, for all children.
    import_module("ipcore.shell" if which == "ipshell" else "IPython.terminal.interactiveshell")
    cases = json.load(sys.stdin)
    json.dump({name: in_child(which, case) for name, case in cases.items()}, sys.stdout)


if __name__ == "__main__":
    main()
