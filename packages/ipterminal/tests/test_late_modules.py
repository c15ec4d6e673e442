"""Modules that are loaded late are to whoever uses them what they always are."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGINNING = """
import sys
from ipterminal.late_modules import late_modules
with late_modules():
    import asyncio
    import secrets
assert not [each for each in sys.meta_path if type(each).__module__ == "ipterminal.late_modules"]
"""
LATE = BEGINNING + "assert '_ssl' not in sys.modules and '_hashlib' not in sys.modules\n"


def _run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "use",
    [
        "import ssl; assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED",
        "from ssl import SSLContext; assert asyncio.base_events.ssl.SSLContext is SSLContext",
        "from ssl import *; SSLContext",
        "import ssl; assert 'SSLContext' in dir(ssl)",
        "from asyncio import sslproto; assert issubclass(sslproto.SSLProtocol, asyncio.BufferedProtocol)",
        "import hashlib; assert hashlib.new('sha256').name == 'sha256'",
        "assert len(secrets.token_hex(4)) == 8",
        "import ssl, importlib; assert importlib.reload(ssl).SSLContext",
        "import ssl, inspect; assert 'class SSLContext' in inspect.getsource(ssl)",
    ],
)
def test_what_is_loaded_late_is_whole_once_it_is_used(use: str) -> None:
    _run(LATE + use)


def test_once_it_is_used_a_module_is_as_if_it_had_been_loaded_at_once() -> None:
    _run(
        LATE
        + """
import importlib.machinery, ssl
ssl.SSLContext
assert "__getattr__" not in vars(ssl) and "__dir__" not in vars(ssl)
assert type(ssl.__loader__) is type(ssl.__spec__.loader) is importlib.machinery.SourceFileLoader
try:
    ssl.no_such_thing
except AttributeError as error:
    assert str(error) == "module 'ssl' has no attribute 'no_such_thing'"
"""
    )


def test_threads_that_use_a_module_at_the_same_time_all_find_it_whole() -> None:
    _run(
        LATE
        + """
import ssl, threading
start, found = threading.Barrier(8), []
def use():
    start.wait(10)
    found.append(ssl.get_default_verify_paths and ssl.SSLContext)
threads = [threading.Thread(target=use) for _ in range(8)]
for each in threads:
    each.start()
for each in threads:
    each.join(10)
assert len(found) == 8 and len(set(found)) == 1
"""
    )


def test_without_the_library_asyncio_knows_that_there_is_no_encryption() -> None:
    _run(
        """
import importlib.machinery, sys
find = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = classmethod(
    lambda cls, name, *more: None if name == "_ssl" else find(name, *more))
"""
        + BEGINNING
        + "assert asyncio.base_events.ssl is None"
    )


def test_what_fails_to_load_says_so_each_time() -> None:
    _run(
        LATE
        + """
import ssl
sys.modules["_ssl"] = None
for _ in range(2):
    try:
        ssl.SSLContext
    except ImportError:
        continue
    raise AssertionError
del sys.modules["_ssl"]
assert ssl.SSLContext
"""
    )
