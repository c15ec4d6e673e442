"""Directories, profiles and configuration: where they are, what they say, where it was said."""
