"""What a contract tries in a process of its own, where nothing of the plugin is imported yet.

Run as a script, by :mod:`ipcore.testing.contracts.outside`, and so without importing
this package: pytest and what it imports must not be there when a plugin is looked at. It reads
the file that its argument names, and writes the answer beside it, as a plugin may print.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from ipcore.plugins.declared import Declared
    from ipcore.plugins.discovery import Found
    from ipcore.plugins.registry import Registry


def main(file: str) -> None:
    """Do what a file asks for, and write what came of it."""
    request = json.loads(Path(file).read_text(encoding="utf-8"))
    sys.path[:] = request["path"]
    answer = {"list": listed, "block": blocked, "use": used}[request["task"]](request)
    Path(file).with_suffix(".answer").write_text(json.dumps(answer), encoding="utf-8")


def registry_of(request: dict[str, Any], *options: str, without: str = "") -> Registry:
    """Make a registry of what is installed, as the shell does, with values of ``-p``.

    :param without: a family whose plugins are left out, but for the core's own.
    """
    from ipcore.plugins.discovery import scan, search_path
    from ipcore.plugins.registry import Registry
    from ipcore.plugins.switches import Switches

    def found() -> Found:
        everything = scan(search_path())
        return everything._replace(
            declared=tuple(each for each in everything.declared if each.family != without)
        )

    return Registry(found, switches=Switches(options=options))


def find(registry: Registry, request: dict[str, Any]) -> Declared | None:
    """Find the plugin among all that are declared."""
    from ipcore.plugins.declared import normalized

    for plugin in registry.declared(request["family"]):
        same = normalized(plugin.dist) == normalized(request["dist"])
        if same and plugin.key == request["key"]:
            return plugin
    return None


def listed(request: dict[str, Any]) -> dict[str, Any]:
    """Look for the plugin in every list, and for what that imports."""
    from ipcore.shell import InteractiveShell

    # The first completion imports those who propose, and one of them may have the same module.
    registry = registry_of(request, without="" if request["family"] == "completers" else "completers")
    plugin = find(registry, request)
    if plugin is None:
        return {"missing": ["the list of plugins"], "imported": False}
    module = plugin.module
    there = module in sys.modules  # of the core's own
    known = {"registry": registry, "shell": InteractiveShell(registry=registry), "key": plugin.key}
    missing = [place for place, test in request["listings"].items() if not eval(test, known)]
    return {"missing": missing, "imported": module in sys.modules and not there}


def blocked(request: dict[str, Any]) -> dict[str, Any]:
    """Switch the plugin off, and use its family."""
    registry = registry_of(request, f"no:{request['dist']}[{request['key']}]")
    plugin = find(registry, request)
    if plugin is None:
        return {"state": "", "imported": False}
    registry.load(request["family"])
    # Another plugin may have the same module, or one in the same package.
    others = [each for each in registry.declared() if registry.state(each) != "blocked"]
    shared = any((each.module + ".").startswith(plugin.module + ".") for each in others)
    imported = plugin.module in sys.modules and not shared
    return {"state": registry.state(plugin), "imported": imported}


def used(request: dict[str, Any]) -> dict[str, Any]:
    """Import the plugin, and do with it what its first use does; tell what that changes."""
    from ipcore.shell import InteractiveShell

    registry = registry_of(request)
    plugin = find(registry, request)
    if plugin is None:
        return {"found": False}
    shell = InteractiveShell(registry=registry)
    registry.hooks(plugin.family)
    finder = Importers(request["heavy"])
    sys.meta_path.insert(0, finder)
    before = snapshot()
    sys.stdout.flush()
    os.write(1, b"\0")
    registry.load_plugin(plugin)
    names: dict[str, Any] = {"registry": registry, "shell": shell, "key": plugin.key}
    exec(request["first_use"], names)
    after = snapshot()
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(1, b"\0")
    changed = [name for name in before if before[name] != after[name]]
    threads = [each.name for each in threading.enumerate() if is_strangers(each)]
    return {
        "found": True,
        "changed": changed,
        "heavy": {name: who for name, who in finder.found.items() if name in sys.modules},
        "threads": threads,
    }


def is_strangers(thread: threading.Thread) -> bool:
    """Tell whether a thread is neither this one nor the core's."""
    return thread is not threading.current_thread() and not thread.name.startswith("ipshell-")


def snapshot() -> dict[str, Any]:
    """Describe what a plugin has to leave alone when it is imported."""
    import signal
    import warnings

    return {
        "the working directory": os.getcwd(),
        "os.environ": dict(os.environ),
        "sys.path": list(sys.path),
        "sys.argv": list(sys.argv),
        "sys.stdout": id(sys.stdout),
        "sys.stderr": id(sys.stderr),
        "sys.displayhook": id(sys.displayhook),
        "sys.excepthook": id(sys.excepthook),
        "the handler of Ctrl-C": repr(signal.getsignal(signal.SIGINT)),
        "warnings.showwarning": id(warnings.showwarning),
    }


class Importers:
    """A finder that finds nothing, and notes who asks for modules of certain names first.

    :param names: top-level modules.
    """

    def __init__(self, names: list[str]) -> None:
        self._names = set(names)
        #: Name → who imports it.
        self.found: dict[str, str] = {}

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> None:
        """Note a module that is about to be imported."""
        if name not in self._names or name in self.found:
            return
        frame = sys._getframe(1)
        while frame.f_back is not None and (
            "importlib" in frame.f_code.co_filename or frame.f_code.co_name == "find_spec"
        ):
            frame = frame.f_back
        self.found[name] = f"{frame.f_globals.get('__name__')}, line {frame.f_lineno}"


if __name__ == "__main__":
    main(sys.argv[1])
