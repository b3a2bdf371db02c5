"""What scripts ask of the outside world by HTTP.

The one idea: the kernel only writes down what is wanted and waits for a command that brings the answer. Who asks
whom, in which thread, is the host's business (`simulator.fetching`). What an object has asked for does not travel:
when it crosses, or its region starts anew, the script is told so at the line that waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scripts_api import HttpFailed, HttpResponse, ScriptError
from scripts_api.requests import Http

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject
    from simulator.world.scripts import RunningScript
    from simulator.world.threads import ScriptThread
    from simulator.world.world import World

LEFT_BEHIND = (
    "http: the object has crossed a border, or its region was started anew, while it waited; ask again."
)


@dataclass(frozen=True, slots=True)
class HttpWanted:
    """A request that is to be sent once the tick is committed. `script`: its index in the object."""

    object: str
    script: int
    number: int
    request: Http


class Outside:
    """The way out of one region. `wanted`: what this tick's scripts have asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.wanted: list[HttpWanted] = []

    def ask(self, script: RunningScript, thread: ScriptThread, request: Http) -> None:
        """Note a request. Raises `ScriptError`, `LimitReached`."""
        world, hosts = self._world, self._world.limits.http_hosts
        if not hosts:
            raise ScriptError(
                "http: this world lets no script out. Whoever runs it can allow addresses in its file, as"
                ' http = ["api.example.org"] under [world].'
            )
        if not is_allowed(request.url, hosts):
            raise ScriptError(
                f"http: {request.url} is not allowed in this world; allowed are {', '.join(hosts)}."
            )
        world.budgets.spend(script, "http", "http")
        thread.number = script.take_number()
        body = script.body
        self.wanted.append(HttpWanted(body.id, body.scripts.index(script), thread.number, request))

    def answer(self, object: str, script: int, number: int, answer: HttpResponse | str) -> None:
        """Bring an answer, or why there is none, to the microthread that waits for it, if it still does."""
        body = self._world.objects.get(object)
        if body is None or script >= len(body.scripts):
            return
        for thread in body.scripts[script].threads or ():
            if isinstance(thread.request, Http) and thread.number == number:
                if isinstance(answer, str):
                    thread.wake(error=HttpFailed(answer))
                else:
                    thread.wake(answer)
                return


def left_behind(body: WorldObject) -> None:
    """Tell the scripts of a linkset that no answer will come: it is somewhere else now, or the region began anew."""
    for each in body.members:
        for script in each.scripts:
            for thread in script.threads or ():
                if isinstance(thread.request, Http):
                    thread.wake(error=HttpFailed(LEFT_BEHIND))


def is_allowed(url: str, hosts: tuple[str, ...]) -> bool:
    """Return whether an address is one of these hosts', by http or https, at the usual port or the one named."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None or parts.hostname is None:
        return False
    return (parts.hostname if port is None else f"{parts.hostname}:{port}") in hosts
