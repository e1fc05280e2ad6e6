"""The actions of commands: each opens what it needs, calls the floors below, and has the outcome printed."""
