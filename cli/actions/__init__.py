"""The work of commands: each action opens what it needs, calls the floors below, and has the outcome printed."""
