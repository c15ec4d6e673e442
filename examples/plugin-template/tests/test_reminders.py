"""What a reminder is."""

from __future__ import annotations

import pytest
from ipcore.errors import UserError

from plugin_template.reminders import parse


@pytest.mark.parametrize(
    ("line", "seconds", "text"),
    [
        ("90s stretch", 90, "stretch"),
        (" 3m, tea is ready ", 180, "tea is ready"),
        ("1h line one\nline two\n", 3600, "line one\nline two"),
    ],
)
def test_a_reminder_is_a_duration_and_a_text(line: str, seconds: int, text: str) -> None:
    assert parse(line) == (seconds, text)


@pytest.mark.parametrize("line", ["", "3m", "tea", "m tea", "3 tea", "3d tea"])
def test_anything_else_is_a_mistake_that_says_what_to_write(line: str) -> None:
    with pytest.raises(UserError, match="such as: 3m tea is ready"):
        parse(line)
