"""Trusted mode: what the closed table refuses goes by cloudpickle, between hosts that both allow it."""

from __future__ import annotations

import argparse
import threading
import warnings
from typing import Any

import pytest

from migrate import Module
from migrate.codec import decode, encode
from migrate.errors import BadRecord, CaptureRefused
from migrate.verify import verify
from tests.scripts import module_of

MODULE: Module = module_of(
    """
    import argparse, textwrap

    class Sensor:
        def __init__(self):
            self.readings = argparse.Namespace(all=[])

    def main():
        sensor, wrapper = Sensor(), textwrap.TextWrapper(width=10)
        for n in range(4):
            sensor.readings.all.append(n / 2)
        return sensor.readings.all, wrapper.wrap("more than ten"), type(sensor) is Sensor
    """
)
MODULES = {MODULE.program.hash: MODULE}


def test_programs_with_foreign_values_move() -> None:
    """Objects of libraries that no table names."""
    assert verify(MODULE.program, "main", trusted=True).equal


def test_a_foreign_value_refers_to_the_scripts_own_classes() -> None:
    """They are this program's, not copies that cloudpickle makes of them."""
    holder = Holder()
    holder.kind = MODULE.namespace["Sensor"]
    back = decode(encode(holder, modules=MODULES, trusted=True), modules=MODULES, trusted=True)
    assert back.kind is MODULE.namespace["Sensor"]


class Holder:
    """An object of the host's own."""

    kind: Any = None


def test_a_host_without_trusted_mode_refuses_them() -> None:
    """The bytes could run anything, so they are not looked at."""
    record = encode(argparse.Namespace(one=1.0), modules={}, trusted=True)
    with pytest.raises(BadRecord, match="trusted mode, which is off here: switch it on for both sides"):
        decode(record, modules={})


def test_without_it_nothing_changes() -> None:
    """What the closed table refuses is refused."""
    with pytest.raises(CaptureRefused, match=r"Namespace.* cannot travel"):
        encode(argparse.Namespace(), modules={})


def test_what_no_pickle_holds_is_named() -> None:
    """The attribute that stands in the way, as dill finds it."""
    holder = Holder()
    vars(holder)["generator"] = (n for n in ())
    vars(holder)["lock"] = threading.Lock()
    with pytest.raises(
        CaptureRefused, match=r"Nor in trusted mode: .*inside it: \.generator \(generator\), \.lock"
    ):
        encode(holder, modules={}, trusted=True)


def test_nothing_but_the_refusal_tells_of_it(capfd: pytest.CaptureFixture[str]) -> None:
    """`dill` warns on standard error of each thing that it tries: a region would do so in every tick."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.showwarning = lambda *told, **more: print(*told)
        with pytest.raises(CaptureRefused):
            encode([threading.Lock()], modules={}, trusted=True)
    assert ("", "") == capfd.readouterr()


def test_the_whole_way_to_it_is_named() -> None:
    """Through attributes, lists and dicts, to the innermost value that can't travel."""
    holder, inner = Holder(), Holder()
    vars(holder)["parts"] = [1, {"inner": inner}]
    vars(inner)["lock"] = threading.Lock()
    with pytest.raises(CaptureRefused, match=r"inside it: \.parts\[1\]\['inner'\]\.lock \(lock\)"):
        encode(holder, modules={}, trusted=True)
