"""What agents have granted to objects, and what comes of it: `on_grant`, `on_control`.

The one idea: grants are kept with the object that they are given to, so they travel with it and are there before its
first event in a new region. Keys come to what somebody sits on or wears, which is always where the agent is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from scripts_api import AgentRef, Control, Grant, ScriptError
from scripts_api.limits import GRANTERS_MAX
from scripts_api.requests import AskGrants, Transfer

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject
    from simulator.world.scripts import RunningScript
    from simulator.world.threads import ScriptThread

ASKS: Final = "asks"
"""What a region tells when an object asks for grants: whoever acts for the agent answers by `GrantToObject`."""


def ask(script: RunningScript, thread: ScriptThread, request: AskGrants) -> None:
    """Ask an agent for grants, unless the object has them. Raises `LimitReached`: to a person it is a line of chat."""
    body = script.body
    granted = _granted(body, request)
    if granted == request.grants:
        thread.wake(granted)
        return
    body.world.budgets.spend(script, "chat", "request_grants")
    missing = ", ".join(grant for grant in request.grants if grant not in granted)
    body.world.told(body, ASKS, f"{request.agent.name or request.agent.id} for {missing}")
    thread.wait(request, request.timeout_us)


def transfer(script: RunningScript, thread: ScriptThread, request: Transfer) -> None:
    """Let an agent own the object's linkset from the next frame on. Raises `ScriptError`."""
    agent, body = request.agent, script.body
    if "own" not in body.grants_of(agent.id):
        who = agent.name or repr(agent.id)
        raise ScriptError(
            f'object.transfer: {who} has not granted "own" to {body.name!r}; ask by self.request_grants(agent, "own").'
        )
    thread.wait(request, 0)


def owned_anew(bodies: Iterable[WorldObject], owner: str) -> None:
    """Make somebody the owner of objects that are about to enter the region: what was granted to them ends."""
    for body in bodies:
        if body.agent is None:
            body.owner = owner
            if body.extras is not None:
                body.extras.grants = None


def change(body: WorldObject, agent: AgentRef, grants: Iterable[str]) -> None:
    """An agent grants an object this, and nothing else any more; its scripts are told, and those that asked go on."""
    present, now = body.grants_of(agent.id), tuple(sorted(set(grants)))
    if now != present:
        extras = body.more()
        others = {id: each for id, each in (extras.grants or {}).items() if id != agent.id}
        if "control" in present and "control" not in now:
            let_go_keys(agent.id, [body])
        extras.grants = {**others, agent.id: now} if now else others or None
        body.world.touched(body)
        body.world.tell(body, Grant(agent, now))
        _forget_the_oldest(body)
    for script in body.scripts:
        for thread in list(script.threads or ()):
            if isinstance(thread.request, AskGrants) and thread.request.agent == agent:
                thread.wake(_granted(body, thread.request))


def end_asking(thread: ScriptThread, request: AskGrants) -> None:
    """Nobody has said anything in time: answer with what the object has."""
    thread.wake(_granted(thread.script.body, request))


def _granted(body: WorldObject, request: AskGrants) -> tuple[str, ...]:
    present = body.grants_of(request.agent.id)
    return tuple(grant for grant in request.grants if grant in present)


def _forget_the_oldest(body: WorldObject) -> None:
    extras = body.more()
    while extras.grants and len(extras.grants) > GRANTERS_MAX:
        oldest = next(iter(extras.grants))
        del extras.grants[oldest]
        body.world.tell(body, Grant(AgentRef(oldest, oldest.partition(":")[2]), ()))


def press(agent: WorldObject, keys: Iterable[str]) -> None:
    """Somebody holds these keys down now, and no others."""
    extras, held = agent.more(), tuple(sorted(set(keys)))
    edge = tuple(sorted(set(held) ^ set(extras.keys)))
    if not edge:
        return
    extras.keys = held
    agent.world.touched(agent)
    for body in agent.root.members:
        _tell(body, Control(agent.somebody, held, edge))


def let_go_keys(agent: str, bodies: Iterable[WorldObject]) -> None:
    """Objects hear of an agent's keys no longer: for them it lets go of all that it holds."""
    for body in bodies:
        wearer = body.world.agents.get(agent)
        if wearer is not None and wearer.more().keys:
            _tell(body, Control(wearer.somebody, (), wearer.more().keys))


def _tell(body: WorldObject, event: Control) -> None:
    if "control" in body.grants_of(event.agent.id):
        for script in body.scripts:
            script.deliver_wanted(event)
