"""The tables: those that IPython reads and writes, as it makes them, and ours beside them.

IPython's are left exactly as they are, so that both programs can use one file at the same time.
What we know beyond them stands in tables of our own that IPython does not look at, and that are made
anew where a tool of IPython has written the file without them.
"""

from __future__ import annotations

from typing import Final

#: IPython's own words for its tables.
PEER: Final = (
    """CREATE TABLE IF NOT EXISTS sessions (session integer primary key autoincrement, start timestamp,
       end timestamp, num_cmds integer, remark text)""",
    """CREATE TABLE IF NOT EXISTS history (session integer, line integer, source text, source_raw text,
       PRIMARY KEY (session, line))""",
    """CREATE TABLE IF NOT EXISTS output_history (session integer, line integer, output text,
       PRIMARY KEY (session, line))""",
)

#: Ours. ``uid`` ties a session's spool to its number, so that moving it twice does no harm.
OURS: Final = (
    """CREATE TABLE IF NOT EXISTS ipshell_sessions (session INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE,
       host TEXT, pid INTEGER)""",
    "CREATE TABLE IF NOT EXISTS ipshell_folders (folder INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE)",
    """CREATE TABLE IF NOT EXISTS ipshell_cells (session INTEGER, line INTEGER, folder INTEGER, started REAL,
       duration REAL, outcome TEXT, PRIMARY KEY (session, line)) WITHOUT ROWID""",
)

#: The columns that we know, by table. A later version may add some, so they are always named.
COLUMNS: Final = {
    "sessions": "session, start, end, num_cmds, remark",
    "history": "session, line, source, source_raw",
    "output_history": "session, line, output",
    "ipshell_sessions": "session, uid, host, pid",
    "ipshell_folders": "folder, path",
    "ipshell_cells": "session, line, folder, started, duration, outcome",
}
