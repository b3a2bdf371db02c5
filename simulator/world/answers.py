"""What a script's requests are answered with.

The one idea: one function for each request of `scripts_api.requests`, in a table. It either wakes the
microthread at once with the answer, or notes what it waits for, or ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scripts_api import Script, ScriptError
from scripts_api.requests import (
    Ask,
    AskGrants,
    Become,
    Die,
    Give,
    GiveUpSlice,
    Http,
    Reset,
    RezItem,
    Send,
    Sense,
    Sleep,
    Stop,
    Teleport,
    Transfer,
    WaitFor,
)
from simulator.world import grants, senders, teleports
from simulator.world.kinds import unfit
from simulator.world.seeing import ANSWER_US_MAX
from simulator.world.threads import ScriptThread

if TYPE_CHECKING:
    from simulator.world.scripts import RunningScript


def answer_request(script: RunningScript, thread: ScriptThread, request: Any) -> None:
    """Do what the microthread asks for."""
    answer = ANSWERS.get(type(request))
    if answer is None:
        thread.wake(
            error=ScriptError(f"yield: {request!r} is no request; write `yield` alone, or wait by a call.")
        )
        return
    try:
        answer(script, thread, request)
    except ScriptError as error:
        thread.wake(error=error)


def _sleep(script: RunningScript, thread: ScriptThread, request: Sleep) -> None:
    if request.duration_us == 0:
        thread.wake()
    else:
        thread.wait(request, request.duration_us)


def _give_up_slice(script: RunningScript, thread: ScriptThread, request: GiveUpSlice) -> None:
    thread.wake()


def _wait_for(script: RunningScript, thread: ScriptThread, request: WaitFor) -> None:
    for index, event in enumerate(script.queue or ()):
        if type(event).__name__ in request.events:
            assert script.queue is not None
            del script.queue[index]
            script.taken(event)
            thread.wake(event)
            return
    thread.wait(request, request.timeout_us)
    script.world.collisions.consider(script.body)


def _sense(script: RunningScript, thread: ScriptThread, request: Sense) -> None:
    world, body = script.world, script.body
    thread.number = 0
    if world.halo.seeing.look(body.position, request.radius_m):
        thread.request, thread.deadline_us = request, world.time_us
        thread.sense_again()
    else:
        thread.wait(request, ANSWER_US_MAX)
        world.halo.seeing.wait(thread)


def _rez(script: RunningScript, thread: ScriptThread, request: RezItem) -> None:
    thread.wake(script.world.contents.rez(script, request))


def _http(script: RunningScript, thread: ScriptThread, request: Http) -> None:
    script.world.outside.ask(script, thread, request)
    thread.wait(request, request.timeout_us)


def _become(script: RunningScript, thread: ScriptThread, request: Become) -> None:
    state: type[Script] = request.state
    if not issubclass(state, script.kind):
        raise ScriptError(
            f"become: {state.__name__} is not derived from {script.kind.__name__}; a state is a class derived from"
            " the script's own."
        )
    if reason := unfit(state):
        raise ScriptError(f"become: {reason}")
    script.become(thread, state)


def _reset(script: RunningScript, thread: ScriptThread, request: Reset) -> None:
    script.reset()


def _stop(script: RunningScript, thread: ScriptThread, request: Stop) -> None:
    script.stop()


def _die(script: RunningScript, thread: ScriptThread, request: Die) -> None:
    script.world.remove(script.body)


# Any: each function takes the request it stands behind, which a dict's type can't say.
ANSWERS: dict[type, Callable[[RunningScript, ScriptThread, Any], None]] = {
    Sleep: _sleep,
    GiveUpSlice: _give_up_slice,
    WaitFor: _wait_for,
    Send: senders.send,
    Give: senders.give,
    Ask: senders.ask,
    Sense: _sense,
    RezItem: _rez,
    Http: _http,
    Teleport: teleports.begin,
    Transfer: grants.transfer,
    AskGrants: grants.ask,
    Become: _become,
    Reset: _reset,
    Stop: _stop,
    Die: _die,
}
