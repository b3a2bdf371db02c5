"""The generator engine: the live part of a microthread is a chain of coroutines.

The one idea: CPython's own coroutines are resumable frames that cost 400 bytes and 20 to 50 ns a switch. The engine
sends into the outermost one; what the innermost hands out comes back. Suspended frames are read through `cr_await`.
Plain functions below native code cannot suspend here; they run to their end.
"""

from __future__ import annotations

from types import CoroutineType
from typing import Any

from migrate.control import PREEMPTED
from migrate.engines.handler import GeneratorHandler
from migrate.engines.stack import Beginning, Call, Rest
from migrate.engines.steps import Failed, Finished, Step, not_begun, while_handling
from migrate.errors import CaptureRefused
from migrate.frame import Frame
from migrate.frame_parts import generator_frame, live_frame, script_generator
from migrate.injector.known import known_code
from migrate.injector.twins import twin


class GeneratorStack:
    """Coroutines, or one generator that a script uses as a handler. `live`: the outermost, once it has begun."""

    __slots__ = ("_beginning", "live")

    def __init__(self, beginning: Beginning) -> None:
        self._beginning: Beginning | None = beginning
        self.live: Any = None

    def resume(self, value: object, error: BaseException | None, handled: BaseException | None) -> Step:
        """See `Stack`."""
        if handled is None:
            return self._resume(value, error)
        return while_handling(handled, self._resume, value, error)

    def _resume(self, value: object, error: BaseException | None) -> Step:
        try:
            if self.live is None:
                ended, value, error = self._begin(value, error)
                if ended is not None:
                    return ended
            live = self.live
            asked = live.send(value) if error is None else live.throw(error)
        except StopIteration as stop:
            return Finished(stop.value)
        except BaseException as raised:  # whatever a script raises ends its call, and its caller decides
            return Failed(raised)
        # A handler that is a generator gives up its slice with a bare `yield`.
        return PREEMPTED if asked is None else asked

    def _begin(
        self, value: object, error: BaseException | None
    ) -> tuple[Step | None, object, BaseException | None]:
        """(how it has ended, if it has; the value and the error to go on with)."""
        beginning, self._beginning = self._beginning, None
        if isinstance(beginning, Rest):
            if beginning.is_generator:
                self.live = GeneratorHandler(beginning.revived_generator())
                return None, value, error
            self.live = beginning.revived("coroutine", value, error)
            return None, None, None
        assert isinstance(beginning, Call), "a microthread that has ended was resumed"
        if error is not None:
            return Failed(error), None, None
        try:
            made = twin(beginning.function)(*beginning.args)
        except TypeError as wrong:
            return not_begun(wrong, beginning.function), None, None
        if script_generator(made):
            made = GeneratorHandler(made)
        elif type(made) is not CoroutineType:
            return Finished(made), None, None
        self.live = made
        return None, None, None

    def frames(self) -> list[Frame]:
        """See `Stack`."""
        if self._beginning is not None:
            return [self._beginning.frame()]
        live = self.live
        if type(live) is GeneratorHandler:
            frame = generator_frame(live.generator)
            return [] if frame is None else [frame]
        found: list[Frame] = []
        while type(live) is CoroutineType:
            known = known_code(live.cr_code)
            if known is not None:
                suspended = live.cr_frame
                if suspended is None or live.cr_running:
                    raise CaptureRefused(
                        "a microthread cannot be captured while it runs: wait until it suspends."
                    )
                found.append(live_frame(known, live.cr_code, suspended.f_lasti, dict(suspended.f_locals)))
            live = live.cr_await
        return found

    def depth(self) -> int:
        """See `Stack`."""
        depth, live = int(self.live is None or type(self.live) is GeneratorHandler), self.live
        while type(live) is CoroutineType:
            depth += known_code(live.cr_code) is not None
            live = live.cr_await
        return depth

    def close(self) -> None:
        """See `Stack`."""
        live, self.live, self._beginning = self.live, None, None
        if live is not None:
            live.close()
