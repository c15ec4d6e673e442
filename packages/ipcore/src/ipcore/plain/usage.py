"""The page that a lone ``?`` shows."""

from __future__ import annotations

from typing import Final

USAGE: Final = """\
ipshell: an interactive Python made of parts

  obj?  obj??         what an object is; its source
  !command            run a command of the system shell
  x = !command        keep what it printed, as a list of lines
  %name  %%name       magics: commands of the shell itself
  In[3]  Out[3]  _    what was typed, what came of it, the last value
  exit                leave

  ipshell --help              options and sub-commands
  ipshell plugins list        the parts that are installed
  ipshell config paths        where configuration is read from
"""
