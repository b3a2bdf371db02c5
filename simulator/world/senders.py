"""Microthreads that send: messages, questions, gifts; and what becomes of those for which there is no room.

The one idea: who finds no room waits with its request, in which lies a copy of what it sends. So it is written down,
travels, and is killed like any other that waits. Whenever there may be room, wherever its object is by then, each tries
once more. Nobody needs to remember who waits for what: the requests tell.

How room shows itself is the exchange's business, notes are `mail`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from scripts_api import ObjectRef, ScriptError
from scripts_api.requests import Ask, Give, Send
from simulator.world import agents
from simulator.world.copies import value_of
from simulator.world.mail import Asked, Sent

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject
    from simulator.world.scripts import RunningScript
    from simulator.world.threads import ScriptThread


def send(script: RunningScript, thread: ScriptThread, request: Send) -> None:
    """Send a message. Raises `ScriptError`, `LimitReached`."""
    data = script.world.mail.payload("send", request.payload)
    _spend(script, request.receiver, "send")
    if _send_now(script, request, data):
        thread.wake()
    else:
        thread.wait(replace(request, payload=value_of(data)), None)


def ask(script: RunningScript, thread: ScriptThread, request: Ask) -> None:
    """Send a question. Raises `ScriptError`, `LimitReached`."""
    _check_other(script, request)
    data = script.world.mail.payload("ask", request.payload)
    _spend(script, request.receiver, "ask")
    thread.number = 0
    if not _ask_now(script, thread, request, data):
        request = replace(request, payload=value_of(data))
    thread.wait(request, request.timeout_us)


def give(script: RunningScript, thread: ScriptThread, request: Give) -> None:
    """Send a copy of something in the contents. Raises `ScriptError`, `LimitReached`."""
    # Somebody's body is found here; where the object may go meanwhile it could not be.
    request = replace(request, receiver=agents.body_of(script.world, request.receiver, "give"))
    script.world.contents.item(script.body, request.name, "give")
    script.world.budgets.spend(script, "give", "give")
    if _give_now(script, request):
        thread.wake()
    else:
        thread.wait(request, None)


def waits_for_room(thread: ScriptThread) -> bool:
    """Whether it waits with something that it could not send yet."""
    request = thread.request
    return isinstance(request, (Send, Give)) or (isinstance(request, Ask) and thread.number == 0)


def room_again(body: WorldObject) -> None:
    """There may be room for what an object sends: its answers, and then each microthread that waits, try once."""
    body.world.mail.flush_answers(body)
    for script in body.scripts:
        for thread in list(script.threads or ()):
            if waits_for_room(thread):
                try:
                    _TRIES[type(thread.request)](script, thread, thread.request)
                except ScriptError as error:
                    thread.wake(error=error)


def _try_to_send(script: RunningScript, thread: ScriptThread, request: Send) -> None:
    if _send_now(script, request, script.world.mail.payload("send", request.payload)):
        thread.wake()


def _try_to_ask(script: RunningScript, thread: ScriptThread, request: Ask) -> None:
    _ask_now(script, thread, request, script.world.mail.payload("ask", request.payload))


def _try_to_give(script: RunningScript, thread: ScriptThread, request: Give) -> None:
    if _give_now(script, request):
        thread.wake()


# Any: each function takes the request it stands behind, which a dict's type can't say.
_TRIES: dict[type, Callable[[RunningScript, ScriptThread, Any], None]] = {
    Send: _try_to_send,
    Ask: _try_to_ask,
    Give: _try_to_give,
}


def _send_now(script: RunningScript, request: Send, data: bytes) -> bool:
    body = script.body
    return body.world.mail.post(body, request.receiver.id, Sent(body.name, data))


def _ask_now(script: RunningScript, thread: ScriptThread, request: Ask, data: bytes) -> bool:
    body = script.body
    number = script.take_number()
    question = Asked(body.name, data, body.scripts.index(script), number)
    if not body.world.mail.post(body, request.receiver.id, question):
        return False
    thread.number = number
    return True


def _give_now(script: RunningScript, request: Give) -> bool:
    body = script.body
    parcel = body.world.contents.parcel(body, request.name)
    return body.world.mail.post(body, request.receiver.id, parcel)


def _spend(script: RunningScript, receiver: ObjectRef, call: str) -> None:
    # What an object sends to itself costs nobody else anything.
    if receiver.id != script.body.id:
        script.world.budgets.spend(script, "messages", call)


def _check_other(script: RunningScript, request: Ask) -> None:
    """A question to oneself would wait for itself: the handler that asks is the one that would answer."""
    if request.receiver.id != script.body.id or script.handler is None:
        return
    takes = next((each for each in script.body.scripts if hasattr(each.instance, "on_message")), None)
    if takes is script:
        raise ScriptError(
            "ask: the receiver is this very script, which would wait for itself; call the method instead."
        )
