"""Events that bring words and values: chat, messages and questions of objects, requests from outside."""

from __future__ import annotations

from typing import Any, ClassVar

from scripts_api.events.base import Event
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.web import HttpAsked


class Heard(Event, frozen=True):
    """A listen has heard a line of chat.

    Second Life: listen.
    """

    channel: int
    speaker: ObjectRef | AgentRef
    text: str

    handler: ClassVar[str] = "on_listen"

    def arguments(self) -> tuple[Any, ...]:
        """The message itself: channel, speaker, text."""
        return (self,)


class Message(Event, frozen=True):
    """Another object has sent something.

    Second Life: link_message, email.
    """

    sender: ObjectRef
    payload: Any

    handler: ClassVar[str] = "on_message"

    def arguments(self) -> tuple[Any, ...]:
        """Who sent it, and what."""
        return self.sender, self.payload


class Question(Event, frozen=True):
    """Another object asks, and waits for what `on_message` returns.

    Second Life: none.
    """

    sender: ObjectRef
    payload: Any
    number: int

    handler: ClassVar[str] = "on_message"

    def arguments(self) -> tuple[Any, ...]:
        """Who asks, and what."""
        return self.sender, self.payload


class HttpRequest(Event, frozen=True):
    """Somebody outside asks by HTTP, at `object.http_address`, and gets what `on_http_request` returns: a text, an
    `HttpResponse`, or None for an empty answer. It waits half a minute; who crosses a border leaves it behind.

    Second Life: http_request, and llHTTPResponse.
    """

    asked: HttpAsked
    number: int

    handler: ClassVar[str] = "on_http_request"

    def arguments(self) -> tuple[Any, ...]:
        """What is asked: method, path, query, body."""
        return (self.asked,)


class Undeliverable(Event, frozen=True):
    """What this object has sent came back: the receiver is gone for ever.

    Second Life: none; it is lost silently.
    """

    receiver: ObjectRef
    payload: Any
    reason: str

    handler: ClassVar[str] = "on_undeliverable"

    def arguments(self) -> tuple[Any, ...]:
        """To whom it was sent, what, and why it came back."""
        return self.receiver, self.payload, self.reason
