"""Completion: asks the providers, each kept apart from the others, and sorts what they propose."""
