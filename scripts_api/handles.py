"""Handles that calls return and by which what they began is ended: a timer, a target, a sensor, a listen.

The one idea: a handle is a number and the way to the world. It travels with its script, means the same after
every crossing and restart, and two handles of one number are equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost


class _Handle:
    """A number that the script's host knows."""

    __slots__ = ("_host", "number")
    __match_args__ = ("_host", "number")

    _host: ScriptHost
    number: int

    def __init__(self, host: ScriptHost, number: int) -> None:
        object.__setattr__(self, "_host", host)
        object.__setattr__(self, "number", number)

    def __setattr__(self, name: str, value: object) -> None:
        # `enabled` is a property, which this leaves alone; the two slots are set once, when it is made.
        if name != "enabled":
            raise AttributeError(f"{type(self).__name__}.{name} can't be set; make another one instead")
        object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.number == self.number and other._host is self._host

    def __hash__(self) -> int:
        return hash(self.number)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.number})"


class Timer(_Handle):
    """A timer made by `every` or `after`.

    Second Life: llSetTimerEvent, of which there is only one.
    """

    __slots__ = ()

    def cancel(self) -> None:
        """Stop it; what it has put into the queue is taken out. Never waits; a second time does nothing.

        Second Life: llSetTimerEvent, with 0.
        """
        self._host.cancel_timer(self.number)

    @property
    def active(self) -> bool:
        """Whether it will still fire.

        Second Life: none.
        """
        return self._host.timer_active(self.number)


class Target(_Handle):
    """A place that `object.target` watches for.

    Second Life: the number that llTarget returns.
    """

    __slots__ = ()

    def cancel(self) -> None:
        """Watch for it no longer. Never waits; a second time does nothing.

        Second Life: llTargetRemove.
        """
        self._host.cancel_target(self.number)

    @property
    def active(self) -> bool:
        """Whether it is watched for.

        Second Life: none.
        """
        return self._host.target_active(self.number)


class Sensor(_Handle):
    """A sensing that repeats, begun by `sense_every`.

    Second Life: llSensorRepeat, of which there is only one.
    """

    __slots__ = ()

    def cancel(self) -> None:
        """Sense no longer; what it has put into the queue is taken out. Never waits; a second time does nothing.

        Second Life: llSensorRemove.
        """
        self._host.cancel_sensor(self.number)

    @property
    def active(self) -> bool:
        """Whether it still senses.

        Second Life: none.
        """
        return self._host.sensor_active(self.number)


class Listen(_Handle):
    """An ear opened by `listen`.

    Second Life: the number that llListen returns.
    """

    __slots__ = ()

    def close(self) -> None:
        """Stop listening. Never waits; a second time does nothing.

        Second Life: llListenRemove.
        """
        self._host.close_listen(self.number)

    @property
    def enabled(self) -> bool:
        """Whether it hears at present.

        Second Life: llListenControl.
        """
        return self._host.listen_enabled(self.number)

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self._host.enable_listen(self.number, bool(enabled))
