"""The native engine: the live part of a microthread is an ordinary Python stack on a greenlet.

The one idea: plain functions at native speed, any depth, callbacks through native code. Where the slice is up, or the
script waits, it switches to the greenlet of the simulator. The suspended stack is read from outside, frame by frame,
through `gr_frame`. Greenlets are pooled: they cost 4 KB and 6.5 us to make.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from migrate.control import CONTROL
from migrate.engines.callers import require_direct_call
from migrate.engines.stack import Beginning, Call
from migrate.engines.steps import Failed, Finished, Step, not_begun, while_handling
from migrate.errors import CaptureRefused, Pinned
from migrate.frame import Frame
from migrate.frame_parts import live_frame
from migrate.injector.known import known_code
from migrate.injector.reraise import redo
from migrate.limits import POOLED_GREENLETS_MAX

_pool: list[greenlet] = []
"""Greenlets that wait for a call to run."""


def _suspend(request: object) -> object:
    """Called in a script's greenlet: hand out a request, come back with its answer."""
    value, error = getcurrent().parent.switch(request)
    if error is not None:
        redo(error)
    return value


def _serve(job: Any) -> Any:
    """What a pooled greenlet runs: one call after the other."""
    while True:
        step = _call(*job)
        del job
        job = getcurrent().parent.switch(step)


def _call(
    beginning: Beginning, value: object, error: BaseException | None, handled: BaseException | None
) -> Step:
    if handled is None:
        return _called(beginning, value, error)
    return while_handling(handled, _called, beginning, value, error)


def _called(beginning: Beginning, value: object, error: BaseException | None) -> Step:
    try:
        if isinstance(beginning, Call):
            if error is not None:
                raise error
            try:
                return Finished(beginning.function(*beginning.args))
            except TypeError as wrong:
                return not_begun(wrong, beginning.function)
        return Finished(beginning.revived("native", value, error))
    except BaseException as raised:  # a script's error, or the GreenletExit of `close`: its caller decides
        return Failed(raised)


class NativeStack:
    """A greenlet with the script's frames on it."""

    __slots__ = ("_beginning", "_greenlet")

    def __init__(self, beginning: Beginning) -> None:
        self._beginning: Beginning | None = beginning
        self._greenlet: greenlet | None = None

    def resume(self, value: object, error: BaseException | None, handled: BaseException | None) -> Step:
        """See `Stack`."""
        message: tuple[Any, ...] = (value, error)
        if self._greenlet is None:
            beginning, self._beginning = self._beginning, None
            assert beginning is not None, "a microthread that has ended was resumed"
            self._greenlet = _pool.pop() if _pool else greenlet(_serve)
            message = ((beginning, value, error, handled),)
        return self._switch(message)

    def _switch(self, message: tuple[Any, ...]) -> Step:
        live = self._greenlet
        assert live is not None
        live.parent = getcurrent()
        CONTROL.switch = _suspend
        try:
            step: Step = live.switch(*message) if len(message) == 1 else live.switch(message)
        finally:
            CONTROL.switch = None
        if isinstance(step, Finished | Failed):
            self._greenlet = None
            if len(_pool) < POOLED_GREENLETS_MAX:
                _pool.append(live)
        return step

    def frames(self) -> list[Frame]:
        """See `Stack`."""
        if self._beginning is not None:
            return [self._beginning.frame()]
        found: list[Frame] = []
        inner: FrameType | None = None
        for frame in self._script_frames():
            if inner is not None:
                require_direct_call(frame, inner)
            known = known_code(frame.f_code)
            assert known is not None
            if known.function.is_generator:
                raise Pinned(f"the generator '{known.function.name}' is running below native code.")
            found.append(live_frame(known, frame.f_code, frame.f_lasti, dict(frame.f_locals)))
            inner = frame
        return found[::-1]

    def _script_frames(self) -> list[FrameType]:
        """Suspended frames of scripts, innermost first."""
        if self._greenlet is None:
            return []
        frame = self._greenlet.gr_frame
        if frame is None:
            raise CaptureRefused("a microthread cannot be captured while it runs: wait until it suspends.")
        found: list[FrameType] = []
        while frame is not None:
            if known_code(frame.f_code) is not None:
                found.append(frame)
            frame = frame.f_back
        return found

    def depth(self) -> int:
        """See `Stack`."""
        return 1 if self._greenlet is None else len(self._script_frames())

    def close(self) -> None:
        """See `Stack`."""
        live, self._greenlet, self._beginning = self._greenlet, None, None
        # When the interpreter ends no greenlet can be switched to any more, and nothing of a script runs.
        if live and not sys.is_finalizing():
            live.parent = getcurrent()
            live.throw(GreenletExit)
            if not live.dead and len(_pool) < POOLED_GREENLETS_MAX:
                _pool.append(live)
