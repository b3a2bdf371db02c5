"""What someone may grant to an object: the names that `self.request_grants` takes.

The one idea: a grant is of one agent, to one object, for one kind of thing, and lasts until the agent takes it back or
the object gets another owner. It travels with the object.
"""

from __future__ import annotations

from typing import Final

GRANTS: Final = ("attach", "control", "own")
"""`attach`: `object.attach` puts it on. `control`: keys come to `on_control`. `own`: `object.transfer` gives it."""

KEYS: Final = ("forward", "back", "left", "right", "up", "down", "action")
"""What somebody can press, as `on_control` tells it."""
