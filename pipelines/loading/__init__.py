"""What happens to a pipeline until it may run: files found and imported, steps bound, every mistake collected."""
