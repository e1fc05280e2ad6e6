"""The carrying out of a task: its function is called, what it logs is kept, its document becomes a file."""
