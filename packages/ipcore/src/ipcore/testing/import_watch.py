"""Run code or ``ipshell`` with an eye on what is imported: the process that ``assert_lazy`` starts.

    python import_watch.py REPORT NAMES code CODE
    python import_watch.py REPORT NAMES ipshell ARGUMENT...

Whatever it imports itself it could not report, so it imports next to nothing.
"""

from __future__ import annotations

import sys
from typing import Any

#: Between the parts of a line of the report, and of a place in it.
FIELD, PART = "\0", "\1"

_MACHINERY = ("importlib", "runpy")


class Watch:
    """A finder that finds nothing, and writes down who asked it for one of some modules.

    :param report: the file to write to.
    :param names: the modules.
    """

    def __init__(self, report: str, names: list[str]) -> None:
        self._report = report
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Find nothing."""
        wanted = name in self._names
        # Else somebody only asks whether the module is there.
        if wanted and sys._getframe(2).f_code.co_name == "_find_and_load_unlocked":
            self._names.remove(name)
            self.write(name, _importers(sys._getframe(1)))

    def write(self, name: str, places: list[str]) -> None:
        """Write one line; at once, as the process may end in any way."""
        with open(self._report, "a", encoding="utf-8") as file:
            file.write(FIELD.join((name, *places)) + "\n")


def _importers(frame: Any) -> list[str]:
    """Give the places that an import goes back to, the importing one first."""
    places = []
    while frame is not None:
        file = frame.f_code.co_filename
        if file == __file__:
            break
        if not file.startswith("<frozen ") and frame.f_globals.get("__name__") not in _MACHINERY:
            places.append(PART.join((file, str(frame.f_lineno), frame.f_code.co_name)))
        frame = frame.f_back
    return places


def main() -> None:
    """Do what the arguments say."""
    report, names, kind, *rest = sys.argv[1:]
    watch = Watch(report, names.split(","))
    for name in names.split(","):
        if name in sys.modules:
            watch.write(name, [])
    del sys.path[0]  # the folder of this file
    sys.meta_path.insert(0, watch)
    if kind == "ipshell":
        from runpy import run_module

        sys.argv[1:] = rest
        run_module("ipcore", run_name="__main__", alter_sys=True)
    else:
        if not sys.flags.safe_path:
            sys.path.insert(0, "")
        sys.argv[:] = ["-c"]
        exec(compile(rest[0], "<code>", "exec"), {"__name__": "__main__", "__builtins__": __builtins__})


if __name__ == "__main__":
    main()
