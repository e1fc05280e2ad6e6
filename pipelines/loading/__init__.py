"""The loading of a pipeline: files found and imported, steps bound, every mistake collected."""
