"""How a peer's program answers: one line in, one measurement out, until the input ends."""

import sys


def serve(measure):
    """Call `measure()` for each line of standard input and print the number that it returns."""
    for _ in sys.stdin:
        print(measure(), flush=True)
