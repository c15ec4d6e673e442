"""The application: from the command line to a running shell and an exit status."""
