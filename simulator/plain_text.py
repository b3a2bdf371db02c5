"""Values of scripts as text, for an operator to read, without running anything of a script.

The one idea: only built-in types show what they hold; whatever else there is shows its class. `repr` would
call a script's own `__repr__`, which may never return.
"""

from __future__ import annotations

from scripts_api import TRAVELLING

PLAIN = frozenset({int, float, complex, str, bytes, bool, type(None)})
DEPTH_MAX = 20  # nested deeper it is cut; nobody reads that
_BRACKETS = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("frozenset({", "})")}


def as_plain_text(value: object, depth: int = 0) -> str:
    """Return a value as Python would write it, where it is made of built-in types."""
    kind = type(value)
    if kind in PLAIN or kind in TRAVELLING:
        return repr(value)
    if depth >= DEPTH_MAX:
        return "…"
    if isinstance(value, dict) and kind is dict:
        pairs = (
            f"{as_plain_text(key, depth + 1)}: {as_plain_text(each, depth + 1)}"
            for key, each in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if kind in _BRACKETS:
        return _sequence(value, depth)
    return f"<{kind.__qualname__}>"


def _sequence(value: object, depth: int) -> str:
    assert isinstance(value, (list, tuple, set, frozenset))
    opening, closing = _BRACKETS[type(value)]
    items = ", ".join(as_plain_text(each, depth + 1) for each in value)
    if isinstance(value, (set, frozenset)) and not value:
        return f"{type(value).__name__}()"
    if isinstance(value, tuple) and len(value) == 1:
        items += ","
    return f"{opening}{items}{closing}"
