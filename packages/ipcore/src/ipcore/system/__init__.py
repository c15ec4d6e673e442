"""Commands of the system shell: running them, their output, and Python values in them."""
