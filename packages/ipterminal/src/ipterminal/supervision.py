"""Keeping the editor alive: what breaks in it is told, and it is started again with its text."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from ipcore.notices import notice
from ipcore.plugins.failures import reason_of, traceback_of

from .conversation import GivenUp
from .editor import Editor

if TYPE_CHECKING:
    from .conversation import Conversation

#: How often the editor may break within so many seconds.
MOST_BREAKS: Final = 3
WITHIN: Final = 30.0


async def supervise(conversation: Conversation) -> int:
    """Run the editor until the user leaves; on its loop.

    :returns: the exit status.
    :raises GivenUp: if it breaks again and again.
    """
    breaks: list[float] = []
    text, cursor = conversation.shell.prompting.take_next_input(), None
    while True:
        editor: Editor | None = None
        try:
            editor = Editor(conversation, text, cursor)
            return await editor.run()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            if editor is not None:
                text, cursor = editor.unsent
            now = time.monotonic()
            breaks = [*(each for each in breaks if now - each < WITHIN), now]
            again = len(breaks) < MOST_BREAKS
            if conversation.main.running:  # the terminal is the cell's, until it has ended
                await asyncio.wait([asyncio.wrap_future(conversation.main.call(int))])
            elif editor is not None and editor.returned is not None:  # or a callback's, at the prompt
                await asyncio.wait([asyncio.wrap_future(editor.returned)])
            conversation.new_line()
            what = "It is started again with its text." if again else "The plain prompt takes its place."
            notice(
                f"the editor broke: {reason_of(error).rstrip('.')}. {what}",
                details=traceback_of(error),
            )
            if not again:
                raise GivenUp(text) from error
