"""What cannot travel is refused where it hangs, in the author's words, and the script goes on."""

from __future__ import annotations

import threading
import tracemalloc

import pytest

from migrate import CaptureRefused, Finished, Frame, Microthread, Module
from migrate.codec import encode
from migrate.codec.paths import path_to
from tests.scripts import module_of, slices_of, start, to_end

SOURCE = """
import dataclasses, enum, io, socket, threading

def pause():
    for _ in "x":
        pass

class Logger:
    def __init__(self, sink):
        self.sinks = {"main": [sink]}

def file():
    log = Logger(open("/dev/null"))
    pause()
    return log

def lock_in_a_closure():
    lock = threading.Lock()
    def f():
        pause()
        return lock
    return f()

def socket_in_a_generator():
    def lines():
        s = socket.socket()
        yield 1
        yield s
    held = lines()
    next(held)
    pause()
    return held

def wrapper_in_a_tuple():
    items = [{"a": (1, io.TextIOWrapper(io.BytesIO()))}]
    pause()
    return items

def local_dataclass():
    @dataclasses.dataclass
    class Inner:
        x: int
    thing = Inner(1)
    pause()
    return thing

def local_enum():
    class Inner(enum.Enum):
        A = 1
    thing = Inner.A
    pause()
    return thing

class Base:
    def __init_subclass__(cls):
        pass

def local_with_a_hook():
    class Inner(Base):
        pass
    thing = Inner()
    pause()
    return thing

def lambda_in_an_annotation():
    def inner(x: (lambda: 1)):
        return x
    pause()
    return inner

def decorated_by_a_library():
    import contextlib
    @contextlib.contextmanager
    def inner():
        yield
    pause()
    return inner

class PerThread(threading.local):
    pass

def extends_what_is_written_in_c():
    thing = PerThread()
    pause()
    return thing
"""


def captured(function: str) -> tuple[Microthread, Module, tuple[Frame, ...]]:
    """The microthread, suspended in `pause`."""
    module = module_of(SOURCE)
    thread = start(module, function)
    with slices_of(1):
        thread.resume()
    return thread, module, thread.capture()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("file", r"^local 'log'.sinks\['main'\]\[0\] in file, line 14: an open file cannot travel: close it"),
        (
            "lock_in_a_closure",
            r"^local 'lock' in lock_in_a_closure.<locals>.f, line 20: a lock cannot travel",
        ),
        (
            "socket_in_a_generator",
            r"^local 's' in socket_in_a_generator.<locals>.lines, line 27: a socket cannot travel",
        ),
        ("wrapper_in_a_tuple", r"^local 'items'\[0\]\['a'\]\[1\] in .*: an open file cannot travel"),
        (
            "local_dataclass",
            r"^local .* in local_dataclass, line 44: the class '.*Inner' cannot travel: .* is generated.",
        ),
        ("local_enum", r"^local .* in local_enum, line .* cannot travel: its class is not one of a program"),
        (
            "local_with_a_hook",
            r"^local .* its base 'Base' runs code when it is extended. Move the class statement",
        ),
        (
            "lambda_in_an_annotation",
            r"^local 'inner' annotation of inner in .*, line .*: the function .* stands in an annotation",
        ),
        ("decorated_by_a_library", r"^local 'inner' in .*, line .*: .* Decorate at the top level"),
        (
            "extends_what_is_written_in_c",
            r"^local 'thing' in .*: an instance of 'PerThread' .* keeps what cannot be read",
        ),
    ],
)
def test_the_way_to_the_value_is_told(function: str, message: str) -> None:
    """The local, what hangs on it, the function, the line, and the way out."""
    _, module, frames = captured(function)
    with pytest.raises(CaptureRefused, match=message):
        encode(frames, modules={module.program.hash: module})


def test_a_refused_script_goes_on_where_it_is() -> None:
    """A refusal leaves no trace in the script."""
    thread, module, frames = captured("wrapper_in_a_tuple")
    with pytest.raises(CaptureRefused):
        encode(frames, modules={module.program.hash: module})
    step = to_end(thread)
    assert isinstance(step, Finished)
    assert 1 == step.value[0]["a"][0]  # type: ignore[index]  # what the script returns


@pytest.mark.parametrize(
    ("made", "change"),
    [
        ("{1: 1, 2: 2, 3: 3}", "held[9] = 9"),
        ("{1: 1, 2: 2, 3: 3}", "del held[1]"),
        ("{1: 1, 2: 2, 3: 3}", "del held[1]; held[1] = 1"),
        ("collections.OrderedDict.fromkeys('abc')", "held['d'] = 1"),
        ("{1, 2, 3}", "held.add(9)"),
        ("collections.deque([1, 2, 3])", "held.append(9)"),
        ("collections.deque([1, 2, 3])", "held.append(9); held.pop()"),
    ],
)
def test_what_was_changed_below_a_loop_waits_until_the_loop_knows(made: str, change: str) -> None:
    """Python may raise at the loop's next step, or not, if the change is taken back: only the original knows."""
    source = f"import collections\ndef main():\n held = {made}\n for _ in held:\n  {change}\n  for _ in 'x': pass\n"
    module = module_of(source)
    thread = start(module, "main")
    with slices_of(1):
        thread.resume()
        thread.resume()
    frames = thread.capture()
    with pytest.raises(CaptureRefused, match=r"a loop goes over .* changed meanwhile.*Loop over list"):
        encode(frames, modules={module.program.hash: module})


def test_the_way_is_looked_for_in_what_can_be_gone_through() -> None:
    """Of more than that nothing is noted: a script that keeps a million values would take its region a second."""
    kept = [[None] * 100_000 for _ in range(10)]
    tracemalloc.start()
    assert "" == path_to(threading.Lock(), kept, {})
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 40_000_000
