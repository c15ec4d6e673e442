"""``Configurable`` of traitlets, without the rest of ``traitlets.config``.

Importing the package imports its ``Application``, which nothing here uses, and with that the handlers
of logging, sockets and pickle: 22 modules, a ninth of all that a start needs. So the package is entered into
``sys.modules`` in a form that runs its own ``__init__`` when somebody first asks it for a name.
"""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from typing import Any, Final

import traitlets

_NAME: Final = "traitlets.config"
_loading: Final = threading.RLock()


class _Package(ModuleType):
    """The package until its ``__init__`` has run; its submodules can be imported meanwhile."""

    _begun = False

    def __getattr__(self, name: str) -> Any:
        with _loading:
            if not self._begun and (name == "__all__" or not name.startswith("__")):
                self.__dict__["_begun"] = True
                try:
                    self.__spec__.loader.exec_module(self)  # type: ignore[union-attr]
                except BaseException:
                    del self.__dict__["_begun"]
                    raise
                self.__class__ = ModuleType  # type: ignore[assignment]
            if name in self.__dict__:
                return self.__dict__[name]
        raise AttributeError(f"module {_NAME!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        _ = getattr(self, "Application", None)
        return sorted(self.__dict__)


def _defer() -> None:
    from importlib.util import find_spec, module_from_spec

    spec = find_spec(_NAME)
    if spec is None or spec.loader is None:
        return  # the import below says what is wrong
    package = module_from_spec(spec)
    package.__class__ = _Package
    sys.modules[_NAME] = package
    traitlets.__dict__["config"] = package


if _NAME not in sys.modules:
    _defer()

from traitlets.config.configurable import Configurable  # noqa: E402

__all__ = ["Configurable"]
