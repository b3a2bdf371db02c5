"""What must be true of what few objects have, beside their scripts, before they are let into a region.

The one idea: as in `checkpoint_checks`, which calls it: the kernel can rely on what has passed as if it had made it.
Values are only looked at: nothing is completed or put right.
"""

from __future__ import annotations

from typing import Any

from migrate.errors import BadRecord
from scripts_api import AgentRef, ObjectRef, ScriptError, checks
from scripts_api.budgets import BUDGETS
from scripts_api.grants import GRANTS, KEYS
from scripts_api.limits import GRANTERS_MAX, PATH_LEN_MAX
from simulator.checkpoint_basics import a_list, a_tuple, natural, one_of, reference, require


def check_object(values: Any) -> None:
    """Check what few objects have. Raises `BadRecord`; contents are checked where they are unpacked."""
    require(values, dict, "what an object has")
    if not values:
        return
    if "store" in values:
        require(values["store"], dict, "the store")
        for key, value in values["store"].items():
            require(key, str, "a key of the store")
            require(value, bytes, "a value of the store")
    if "outgoing" in values:
        # However many there are: answers to questions wait there whatever their number.
        for receiver, data in a_list(values["outgoing"], None, "outgoing messages"):
            require(receiver, str, "a receiver")
            require(data, bytes, "a message")
    if "path" in values:
        _check_path(*values["path"])
    _check_extras(values)


def _check_path(legs: Any, at: int, loop: Any, rest_us: Any) -> None:
    require(legs, tuple, "a path")
    if not len(legs) <= PATH_LEN_MAX or natural(at, "a leg") >= len(legs):
        raise BadRecord(f"an object is on leg {at} of a path of {len(legs)}.")
    require(loop, bool, "a flag")
    if rest_us is not None:
        natural(rest_us, "a rest")
    try:
        for place, duration_us, *turns in legs:
            checks.vector("path", place)
            if natural(duration_us, "a leg's time") == 0:
                raise BadRecord("a leg of a path takes no time.")
            for turn in turns:
                checks.rotation("path", turn)
    except ScriptError as error:
        raise BadRecord(f"a path is wrong: {error}") from None


def _check_extras(state: dict[str, Any]) -> None:
    if "budgets" in state:
        require(state["budgets"], dict, "the budgets")
        for name, remaining_us in state["budgets"].items():
            one_of(name, BUDGETS, "a budget")
            natural(remaining_us, "a budget's time")
    if "touching" in state:
        require(state["touching"], tuple, "what it touches")
        for ref in state["touching"]:
            reference(ref, (ObjectRef, AgentRef), "what it touches")
    for name in ("physical", "falls", "bounces"):
        require(state.get(name, False), bool, name)
    if "worn" in state:
        wearer, root = state["worn"]
        reference(ObjectRef(wearer), ObjectRef, "who wears it")
        reference(ObjectRef(root), ObjectRef, "the attachment")
    for key in a_tuple(state.get("keys", ()), "keys"):
        one_of(key, KEYS, "a key")
    _check_grants(state.get("grants", {}))
    if "agent" in state:
        reference(AgentRef(state["agent"]), AgentRef, "whose body it is")
    if "part" in state:
        offset, turn = state["part"]
        try:
            checks.vector("offset", offset)
            checks.rotation("turn", turn)
        except ScriptError as error:
            raise BadRecord(f"a part's place is wrong: {error}") from None


def _check_grants(grants: Any) -> None:
    require(grants, dict, "the grants")
    if len(grants) > GRANTERS_MAX:
        raise BadRecord(f"{len(grants)} agents have granted something; at most {GRANTERS_MAX} are kept.")
    for agent, granted in grants.items():
        reference(AgentRef(agent), AgentRef, "who grants something")
        for grant in a_tuple(granted, "grants"):
            one_of(grant, GRANTS, "a grant")
