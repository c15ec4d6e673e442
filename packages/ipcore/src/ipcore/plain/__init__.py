"""The plain member of each family: what works with the core alone."""
