"""The commands, one module for each noun: each declares its words and its options, and no more."""
