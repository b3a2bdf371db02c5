"""The world that runs scripts: regions, their stores, the processes that host them, and the command line."""
