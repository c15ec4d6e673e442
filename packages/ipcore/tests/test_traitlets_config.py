"""traitlets.config is whole for all who use it, and costs those nothing who do not."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGIN = """
import sys, types
import ipcore.shell
assert "traitlets.config.application" not in sys.modules, "nothing was saved"
assert not {"socket", "pickle", "logging.handlers"} & set(sys.modules)
"""
END = """
from traitlets.config import Application, Config, SingletonConfigurable
import traitlets.config
assert Application is sys.modules["traitlets.config.application"].Application
assert "Application" in dir(traitlets.config)
from ipcore.component import Component
assert issubclass(Component, traitlets.config.Configurable)
print("well")
"""
WAYS = {
    "a name": "from traitlets.config import Application",
    "an attribute": "import traitlets.config; traitlets.config.Config",
    "an attribute of traitlets": "import traitlets; traitlets.config.SingletonConfigurable",
    "all names": "from traitlets.config import *\nApplication, Config, Configurable",
    "a submodule": "import traitlets.config.application as a; import traitlets.config; a.Application",
    "a submodule's name": "from traitlets.config.loader import KeyValueConfigLoader",
    "a submodule from the package": "from traitlets.config import manager, argcomplete_config",
    "dir": "import traitlets.config; assert 'Application' in dir(traitlets.config)",
    "reload": "import importlib, traitlets.config; importlib.reload(traitlets.config)",
    "a name that is not there": (
        "import traitlets.config\nassert not hasattr(traitlets.config, 'nosuch')\n"
        "assert not hasattr(traitlets.config, '__wrapped__')"
    ),
    "many threads at once": (
        "import threading, traitlets.config\nbarrier, found = threading.Barrier(8), []\n"
        "def ask():\n    barrier.wait(30)\n    found.append(traitlets.config.Application)\n"
        "threads = [threading.Thread(target=ask) for _ in range(8)]\n"
        "for each in threads: each.start()\n"
        "for each in threads: each.join(30)\n"
        "assert len(found) == 8 and len(set(found)) == 1"
    ),
}


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_the_package_is_whole_whatever_is_asked_of_it_first(way: str) -> None:
    done = run(f"{BEGIN}{way}\n{END}")
    assert (done.stderr, done.stdout) == ("", "well\n")


def test_one_that_is_imported_already_is_left_alone() -> None:
    done = run(
        "import sys, types, traitlets.config as before\nimport ipcore.shell\n"
        f"assert sys.modules['traitlets.config'] is before\n{END}"
    )
    assert (done.stderr, done.stdout) == ("", "well\n")


def test_an_import_that_fails_can_be_tried_again() -> None:
    done = run(
        f"{BEGIN}\nsys.modules['logging.config'] = None\nimport traitlets.config\n"
        "try:\n    traitlets.config.Application\nexcept ImportError:\n    print('failed')\n"
        f"del sys.modules['logging.config']\n{END}"
    )
    assert (done.stderr, done.stdout) == ("", "failed\nwell\n")
