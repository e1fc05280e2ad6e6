"""Pipelines that come with Presstime, one file each."""
