"""The way of a cell: its text is transformed, checked for completeness, compiled and run."""
