"""Messages, questions and answers between objects, wherever they are.

The one idea: what is sent is a copy, made when it is sent, of plain values and values of `scripts_api` only,
so the receiver needs no program of the sender's. The exchange delivers it exactly once and in order; where it
has no room, the microthread that sends waits (`senders`).

Answers are messages too: they find their microthread by the number of the question. Where there is no room for one, it
waits with the object, and travels with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from migrate.errors import BadRecord, UnknownProgram
from scripts_api import (
    Message,
    NoAnswer,
    ObjectRef,
    Question,
    ScriptError,
    Undeliverable,
    checks,
)
from scripts_api.requests import Ask
from simulator.world.copies import copied, value_of
from simulator.world.objects import WorldObject

if TYPE_CHECKING:
    from migrate.exchange import Exchange
    from simulator.world.world import World


class Sent(msgspec.Struct, frozen=True, array_like=True, tag="sent"):
    """A message. `payload`: a record of the codec, of plain values."""

    sender_name: str
    payload: bytes


class Asked(msgspec.Struct, frozen=True, array_like=True, tag="asked"):
    """A question of the sender's script number `script`."""

    sender_name: str
    payload: bytes
    script: int
    number: int


class Answered(msgspec.Struct, frozen=True, array_like=True, tag="answered"):
    """What came of a question; `payload` is the answer, or the reason why there is none."""

    payload: bytes
    script: int
    number: int
    good: bool


class Given(msgspec.Struct, frozen=True, array_like=True, tag="given"):
    """Something out of the sender's contents. `payload`: the item. `sources`: file and text of its programs."""

    sender_name: str
    payload: bytes
    name: str
    sources: tuple[tuple[str, str], ...]


class Declined(msgspec.Struct, frozen=True, array_like=True, tag="declined"):
    """What was given could not be taken. `payload`: its name."""

    payload: bytes
    reason: str


Note: TypeAlias = Sent | Asked | Answered | Given | Declined

_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Note] = msgspec.msgpack.Decoder(Note)
SCRIPT_BITS = 8
"""A question's number in the receiver's event carries the asking script's in its last bits."""


class Mail:
    """The mail of one region's objects: out to the exchange, in to their scripts."""

    def __init__(self, world: World, exchange: Exchange) -> None:
        self._world, self._exchange = world, exchange

    # --- Out ---

    def post(self, body: WorldObject, receiver: str, note: Note) -> bool:
        """Send a note for one of an object's microthreads; False: there is no room, it must wait and try again."""
        if any(receiver == each for each, _ in body.outgoing or ()):
            return False  # An answer to that receiver waits for room already, and was there first.
        if not self._exchange.send(body.id, receiver, _encode(note)):
            return False
        self._world.touched(body)
        return True

    def reply(self, body: WorldObject, question: Question, good: bool, value: object) -> None:
        """Answer a question, or say why there is no answer."""
        try:
            payload = self.payload("on_message", value)
        except ScriptError as error:
            good, payload = False, copied("on_message", str(error))
        script, number = question.number % 2**SCRIPT_BITS, question.number >> SCRIPT_BITS
        self._answer(body, question.sender.id, Answered(payload, script, number, good))

    def payload(self, call: str, payload: object) -> bytes:
        """Return a payload as bytes. Raises `ScriptError` if it can't travel or is too large."""
        data = copied(call, payload)
        if len(data) > self._world.limits.payload_bytes_max:
            raise ScriptError(
                f"{call}: the payload has {len(data)} bytes; at most {self._world.limits.payload_bytes_max} can be"
                " sent at once. Send it in parts."
            )
        return data

    def flush_answers(self, body: WorldObject) -> None:
        """Send the answers of an object that have waited for room, until there is none again."""
        while body.outgoing:
            receiver, data = body.outgoing[0]
            if not self._exchange.send(body.id, receiver, data):
                return
            del body.outgoing[0]
            self._world.touched(body)
        body.outgoing = None

    def _answer(self, body: WorldObject, receiver: str, note: Note) -> None:
        """Send what no microthread waits with. As much of it can wait as was asked, which windows bound."""
        data = _encode(note)
        if body.outgoing or not self._exchange.send(body.id, receiver, data):
            body.outgoing = [*(body.outgoing or ()), (receiver, data)]
        self._world.touched(body)

    # --- In ---

    def arrived(self, sender: str, receiver: str, data: bytes) -> None:
        """An event has come for an object of this region; what can't be read is counted."""
        body, note = self._world.objects.get(receiver), self._read(data)
        if body is None or note is None:
            # Without an object: its own row could not be read when the region was loaded, which was told
            # then.
            self._world.counts.events_unread += 1
        elif isinstance(note[0], Given):
            self._given(body, sender, note[0], note[1])
        elif isinstance(note[0], Declined):
            self._world.tell(body, Undeliverable(ObjectRef(sender), note[1], note[0].reason))
        elif isinstance(note[0], Answered):
            self._answered(body, note[0], note[1])
        else:
            message, payload = note
            ref = ObjectRef(sender, message.sender_name)
            if isinstance(message, Sent):
                self._world.tell(body, Message(ref, payload))
            else:
                self._asked(body, Question(ref, payload, message.number << SCRIPT_BITS | message.script))

    def returned(self, sender: str, receiver: str, data: bytes, reason: str) -> None:
        """An event has come back: its receiver is gone for ever."""
        body, note = self._world.objects.get(sender), self._read(data)
        if body is None or note is None:
            self._world.counts.events_unread += 1
            return
        message, payload = note
        if isinstance(message, Asked):
            thread = self._asking(body, message.script, message.number)
            if thread is not None:
                thread.wake(error=NoAnswer(f"ask: {receiver} can't be reached: {reason}."))
        elif isinstance(message, Sent):
            self._world.tell(body, Undeliverable(ObjectRef(receiver), payload, reason))
        elif isinstance(message, Given):
            self._world.tell(body, Undeliverable(ObjectRef(receiver), message.name, reason))

    def _read(self, data: bytes) -> tuple[Any, Any] | None:
        """A message and its payload, or None: a neighbour may send what it likes."""
        limits = self._world.limits
        try:
            note = _decoder.decode(data)
            bytes_max = 2 * limits.contents_bytes_max if isinstance(note, Given) else limits.payload_bytes_max
            return (note, value_of(note.payload)) if len(note.payload) <= bytes_max else None
        except (msgspec.DecodeError, BadRecord, UnknownProgram):
            return None

    def _asked(self, body: WorldObject, question: Question) -> None:
        for script in body.scripts:
            if script.handles(question):
                script.deliver(question)
                return
        self.reply(body, question, False, f"no script of {body.name!r} takes messages")

    def _given(self, body: WorldObject, sender: str, given: Given, item: Any) -> None:
        try:
            name = checks.item_name("give", given.name)
        except ScriptError as error:
            name, reason = "", str(error)
        else:
            reason = self._world.contents.take_in(body, name, item, given.sources) or ""
        if reason:
            self._answer(body, sender, Declined(copied("give", name), reason))

    def _answered(self, body: WorldObject, note: Answered, value: Any) -> None:
        thread = self._asking(body, note.script, note.number)
        if thread is None:
            return  # It has given up, or was reset.
        if note.good:
            thread.wake(value)
        else:
            thread.wake(error=NoAnswer(f"ask: {value}."))

    def _asking(self, body: WorldObject, script: int, number: int) -> Any:
        if script >= len(body.scripts):
            return None
        threads = body.scripts[script].threads or ()
        return next(
            (each for each in threads if isinstance(each.request, Ask) and each.number == number), None
        )
