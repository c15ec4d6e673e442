"""The core's clipboard keeps to the contract, and the contract catches those that do not."""

from __future__ import annotations

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.clipboards import ClipboardContract


class TestSystem(ClipboardContract):
    plugin = "ipcore.plain.plugin"
    key = "system"
    distribution = "ipshell-core"


def clipboard(read: str = "return self.text", write: str = "self.text = text") -> str:
    return (
        "import time\nfrom ipcore.errors import TryNext\n\nclass Own:\n    text = ''\n\n"
        f"    def read(self):\n        {read}\n\n    def write(self, text):\n        {write}\n\n"
        "@hookimpl\ndef ipshell_clipboard(name):\n    return Own()\n"
    )


PLUGINS = {
    "good": Plugin(clipboard()),
    "writes_alone": Plugin(clipboard(read="raise TryNext('it cannot be read')")),
    "neither": Plugin(clipboard("raise TryNext('no')", "raise TryNext('no')")),
    "strips": Plugin(
        clipboard(write="self.text = text.strip()"),
        "what_was_written_is_read_again",
        ("after write('two\\nlines\\n'), read() gives 'two\\nlines'",),
    ),
    "ascii": Plugin(
        clipboard(write="self.text = text.encode('ascii').decode()"),
        "what_was_written_is_read_again",
        ("raised UnicodeEncodeError",),
    ),
    "none": Plugin(
        clipboard(read="return None"), "it_can_be_read_in_any_thread", ("read() gives NoneType, not text",)
    ),
    "hangs": Plugin(
        clipboard(write="time.sleep(60)"),
        "what_was_written_is_read_again",
        ("does not come back within 0.5 s",),
        {"deadline": 0.5},
    ),
    "lacking": Plugin(
        clipboard().replace("def write", "def put"),
        "the_shell_knows_it_by_its_name",
        ("has no write()",),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("clipboards"), "ClipboardContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_clipboard(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
