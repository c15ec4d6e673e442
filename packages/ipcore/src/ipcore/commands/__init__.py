"""The core's own sub-commands of ``ipshell``, one file each."""
