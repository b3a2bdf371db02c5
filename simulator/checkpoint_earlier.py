"""Records of versions 1 and 2, which had their fields in the heap: what of them is a field now, and what a value.

The one idea: their states are taken apart into the present form, and go through the same checks as it. So nothing else
knows of them; what they did not write was as usual, and is so by the fields' defaults.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from migrate.errors import BadRecord
from simulator.checkpoint_basics import NATURAL_MAX, require, told
from simulator.checkpoint_fields import ObjectFields, ScriptFields, ThreadFields, TimerFields, made
from simulator.checkpoint_record import VERSION, UnitRecord

_OBJECT: Final = frozenset(ObjectFields.__struct_fields__)
_SCRIPT: Final = frozenset(ScriptFields.__struct_fields__) - {"threads", "timers"}
_THREAD: Final = frozenset(ThreadFields.__struct_fields__)
_EMPTY: Final = frozenset({"store", "outgoing", "queue", "leaving"})
"""What the first version wrote as None where there is nothing."""


def fields_of(record: UnitRecord, values: Any) -> tuple[ObjectFields, tuple[ScriptFields, ...]]:
    """Return the fields of an object and of its scripts; `values`, what its heap holds, loses them if it is of an
    earlier version. Raises `BadRecord`.
    """
    if record.version == VERSION:
        if record.fields is None:
            raise BadRecord(f"object {record.object} is without its fields.")
        return record.fields, record.scripts
    try:
        require(values, dict, "what an object keeps")
        body, values["object"] = _parted(values["object"], _OBJECT, ObjectFields)
        scripts = []
        for index, state in enumerate(values["scripts"]):
            fields, values["scripts"][index] = _script_fields(state)
            scripts.append(fields)
        return body, tuple(scripts)
    except BadRecord:
        raise
    except Exception as error:  # noqa: BLE001 - a stranger's classes raise anything
        # What a state lacks, or has in another shape, shows where it is looked at.
        raise BadRecord(f"object {record.object} has a state that can't be read: {told(error)}.") from None


def _script_fields(state: Any) -> tuple[ScriptFields, dict[str, Any]]:
    require(state, dict, "a state")
    threads, kept = [], []
    for each in state.get("threads", ()):
        fields, values = _parted(each, _THREAD, ThreadFields)
        threads.append(fields)
        kept.append(
            tuple(values.pop(name, None) for name in ("frames", "request", "event", "answer", "error"))
        )
    timers = [
        _converted(TimerFields, (*numbers, queued, alive))
        for *numbers, _, queued, alive in state.get("timers", ())
    ]
    functions = [function for _, _, _, function, _, _ in state.get("timers", ())]
    fields, values = _parted(state, _SCRIPT, ScriptFields)
    values |= {"threads": kept, "timers": functions}
    return msgspec.structs.replace(fields, threads=tuple(threads), timers=tuple(timers)), values


def _parted(state: Any, names: frozenset[str], kind: Any) -> tuple[Any, dict[str, Any]]:
    """Part a state into fields of that kind and values."""
    require(state, dict, "a state")
    plain = {name: value for name, value in state.items() if name in names}
    values = {
        name: value
        for name, value in state.items()
        if name not in names and not (value is None and name in _EMPTY)
    }
    return _converted(kind, plain), values


def _converted(kind: Any, plain: Any) -> Any:
    numbers = plain.values() if type(plain) is dict else plain
    if any(type(number) is int and number > NATURAL_MAX for number in numbers):
        raise BadRecord(f"a state has a number beyond {NATURAL_MAX}.")
    return msgspec.convert(plain, kind, dec_hook=made)
