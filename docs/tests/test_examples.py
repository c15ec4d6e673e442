"""What the pages show is what happens: every file, command, session and program in them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from docs.tests.pages import Block, blocks, name_of, pages
from docs.tests.sandbox import Reader, compare

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the pages show a Linux terminal")

WITH_EXAMPLES = [
    page for page in pages() if any(block.directive in ("", "code-block") for block in blocks(page))
]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name_of)
def test_the_examples_of_a_page_do_what_it_says(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    try:
        for block in blocks(page):
            reader.follow(block)
    finally:
        reader.close()


def test_a_wrong_output_is_noticed() -> None:
    compare("one\ntwo  \nthree\n", "one\n...\nthree", "here")
    with pytest.raises(AssertionError, match="here"):
        compare("one\ntwo\n", "one\nthree\n", "here")


def test_what_completes_may_be_slow_on_the_readers_machine(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    page = WITH_EXAMPLES[0]
    try:
        reader.follow(
            Block(page, 1, "", "ipshell", "", "In [1]: get_ipython().completer.timeout\nOut[1]: 30.0\n")
        )
    finally:
        reader.close()
