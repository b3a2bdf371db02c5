"""Each script's own stream of random numbers: 64 bits of state that travel with it.

The one idea: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014): a
counter with a good mixer behind it. Its state is one integer, where Mersenne Twister's is 2.5 KB in every
script, and it gives the same numbers on every machine and version.

It is not for secrets.
"""

from __future__ import annotations

import hashlib

_MASK = 2**64 - 1
_GAMMA = 0x9E3779B97F4A7C15


def first_state(*names: object) -> int:
    """Return the state of a new stream: the same for the same names."""
    text = "|".join(map(str, names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def next_state(state: int) -> int:
    """Return the state that follows."""
    return (state + _GAMMA) & _MASK


def number_of(state: int) -> float:
    """Return the number of a state, from 0 to below 1."""
    mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((mixed ^ (mixed >> 31)) >> 11) / 2**53
