"""What the shell owes to the process, the terminal and the program it runs in."""
