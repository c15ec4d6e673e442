"""How the test that runs has gone so far: for fixtures that keep something for the next test."""

from __future__ import annotations

import pytest

#: Whether the test itself has failed. Set by conftest.py when it is over, before fixtures are torn down.
#: pytest's own count of failures does not know of those that are tried again.
FAILED: pytest.StashKey[bool] = pytest.StashKey()
