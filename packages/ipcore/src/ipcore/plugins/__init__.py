"""Plugins: found from metadata, blocked before import, loaded at first use, kept apart.

``discovery`` finds what is declared, ``cache`` remembers it, ``switches`` decides
what may load, ``registry`` loads and calls, ``failures`` says what went wrong and
``watch`` names a plugin that hangs.
"""
