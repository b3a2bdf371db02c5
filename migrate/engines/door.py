"""What a waiting call does where no engine has rewritten its caller: below native code, or in a special method."""

from __future__ import annotations

from migrate.control import CONTROL
from migrate.errors import CannotWaitHere


def wait_in_plain_code(request: object) -> object:
    """Suspend on the native engine; in a handler that is a generator the request itself, which is to be yielded.

    Raises CannotWaitHere elsewhere on the generator engine.
    """
    if CONTROL.handler is not None:
        return CONTROL.handler.take(request)
    if CONTROL.switch is None:
        name = type(request).__name__
        raise CannotWaitHere(
            f"{name} cannot wait here: the call stands in a special method, a generator or a function that native "
            "code has called. Call it from a plain function or method."
        )
    return CONTROL.switch(request)
