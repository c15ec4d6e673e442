"""Reminders in ipshell."""
