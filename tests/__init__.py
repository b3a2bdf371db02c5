"""The tests, one file for each unit, named after it."""
