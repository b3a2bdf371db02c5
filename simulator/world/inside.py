"""What the outside world asks scripts by HTTP, and what they answer.

The one idea: a request is an event, and what its handler returns is the answer, as it is for a question of another
object. It belongs to the region that it came to: an object that crosses a border leaves its requests behind, and who
asked is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts_api import HttpAsked, HttpRequest, HttpResponse
from simulator.limits import HTTP_ANSWER_BYTES_MAX

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject
    from simulator.world.world import World


@dataclass(frozen=True, slots=True)
class HttpReply:
    """The answer to a request that came in, once the tick is committed."""

    number: int
    answer: HttpResponse


class Inside:
    """The way into one region. `replies`: what this tick has answered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.replies: list[HttpReply] = []

    def came(self, object: str, number: int, asked: HttpAsked) -> None:
        """Bring a request to the first script of an object that takes such."""
        body, event = self._world.objects.get(object), HttpRequest(asked, number)
        for script in body.scripts if body is not None else ():
            if script.handles(event):
                script.deliver(event)
                return
        self._reply(number, HttpResponse(404, f"no object {object} that answers is in this region."))

    def answered(self, event: HttpRequest, value: Any) -> None:
        """A handler has ended: what it returns is the answer."""
        self._reply(event.number, _response(value))

    def refused(self, event: HttpRequest, reason: str) -> None:
        """Nobody will answer."""
        self._reply(event.number, HttpResponse(503, f"the script {reason}."))

    def left_behind(self, body: WorldObject) -> None:
        """A linkset is about to leave: whoever waits for it here waits no longer."""
        for event in _requests(body):
            self.refused(event, "has left the region")

    def _reply(self, number: int, answer: HttpResponse) -> None:
        if number:
            self.replies.append(HttpReply(number, answer))


def forget(body: WorldObject) -> None:
    """A linkset has come, or its region began anew: who has asked for these is told already, or gone."""
    for each in body.members:
        for script in each.scripts:
            if script.queue:
                script.queue = [event for event in script.queue if type(event) is not HttpRequest] or None
            for thread in script.threads or ():
                if isinstance(thread.event, HttpRequest):
                    thread.event = HttpRequest(thread.event.asked, 0)


def _requests(body: WorldObject) -> list[HttpRequest]:
    found: list[Any] = []
    for each in body.members:
        for script in each.scripts:
            found += [*(script.queue or ()), *(thread.event for thread in script.threads or ())]
    return [event for event in found if type(event) is HttpRequest]


def _response(value: Any) -> HttpResponse:
    if value is None:
        return HttpResponse(204, "")
    if isinstance(value, str):
        value = HttpResponse(200, value)
    if not _is_response(value):
        return HttpResponse(500, "on_http_request must return a text, an HttpResponse or None.")
    if len(value.text.encode("utf-8", "replace")) > HTTP_ANSWER_BYTES_MAX:
        return HttpResponse(500, f"the answer has more than {HTTP_ANSWER_BYTES_MAX} bytes.")
    found: HttpResponse = value
    return found


def _is_response(value: Any) -> bool:
    """Whether every part of an answer can be sent: a script may have made it of anything."""
    if not isinstance(value, HttpResponse) or type(value.status) is not int or not 200 <= value.status <= 599:
        return False
    kind = value.content_type
    return isinstance(value.text, str) and isinstance(kind, str) and kind.isascii() and kind.isprintable()
