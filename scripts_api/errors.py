"""What a script's author can get from the calls of this package, under one base.

The one idea: a message says what was wrong, the value, the limit and what to do, and it is raised at the
author's own line. Whoever wants to carry on catches `ScriptError`.
"""

from __future__ import annotations


class ScriptError(Exception):
    """A call was given something it can't do. Nothing of it was done."""


class LimitReached(ScriptError):
    """There are as many of these as one script or object may have. Close or cancel some first."""


class HttpFailed(ScriptError):
    """`http`: no answer in time, or one that is too large, or the object has crossed a border meanwhile."""


class TeleportFailed(ScriptError):
    """`object.teleport`: the region has refused, or something else has moved the object; the message says which."""


class NoAnswer(ScriptError):
    """`ask`: no answer in time, the other object is gone, or its script failed; the message says which."""
