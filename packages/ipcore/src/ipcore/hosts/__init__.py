"""Where cells run: the thread between cells, what wakes and what interrupts it, and who owns the terminal."""
