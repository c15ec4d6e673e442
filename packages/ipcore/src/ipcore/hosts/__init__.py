"""Where cells run: the thread between cells, what wakes it, and the event loop it sits in."""
