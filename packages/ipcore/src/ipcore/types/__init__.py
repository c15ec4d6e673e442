"""What crosses a hook: records and Protocols, one file per subject.

Nothing here does work; a plugin may import these for annotations alone.
"""
