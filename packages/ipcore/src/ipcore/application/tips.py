"""Tips for the greeting: one a day."""

from __future__ import annotations

import os
from typing import Final

#: Each is one line, and true without any other distribution.
TIPS: Final = (
    "_ is the last value, Out[3] that of cell 3, and In[3] its text.",
    "name? shows what an object is, name?? its source.",
    "*Error? lists the names that end in Error.",
    "!command runs a command of the system shell; files = !ls keeps its lines.",
    "In !command, $name and {expression} stand for values of yours.",
    "A semicolon at the end of a cell keeps its value from being shown.",
    "await works at the prompt, and asyncio.run() does too.",
    "%tasks lists the asyncio tasks that have not ended; %tasks cancel NAME cancels one.",
    "from ipcore import embed; embed() opens a shell in the middle of your program.",
    "await embed_async() opens a shell in a coroutine, and other tasks go on meanwhile.",
    "PYTHONBREAKPOINT=ipcore.embed makes breakpoint() open a shell.",
    "ipshell plugins list shows the parts that are installed, and imports none.",
    "ipshell config explain NAME tells where an option was set, and to what.",
    "ipshell -i FILE runs a file and stays, with its names.",
    "Python files in the folder startup of a profile run at each start; ipshell profile locate finds it.",
    "ipshell --no-tip, or c.IPShellApp.enable_tip = False, greets without a tip.",
)


def tip_of_the_day() -> str:
    """Give the tip of this day, or of the second that ``SOURCE_DATE_EPOCH`` names."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isascii() and given.isdecimal():
        second = int(given)
    else:
        import time

        second = int(time.time())
    return TIPS[second // 86400 % len(TIPS)]
