"""Benchmarks: one question a file, the physical limit and what others would use measured in the same run."""
