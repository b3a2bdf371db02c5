"""Microthreads on both engines: running, waiting, capturing, restoring, dropping."""

from __future__ import annotations

import contextlib
import gc
import itertools
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from migrate import PREEMPTED, CaptureRefused, Failed, Finished, Microthread, Pinned
from migrate.engines import Engine
from migrate.errors import BadRecord, CannotWaitHere, UnknownProgram
from migrate.frame import Frame
from scripts_api.waiting import Request, waits
from tests.scripts import ENGINES, module_of, slices_of, stack_of, start, to_end

ROCKET = """
def digits():
    n = 0
    while True:
        yield n
        n += 1

def burn(digit):
    for step in range(digit):
        pass
    return digit

def compute(until):
    total = 0
    for digit in digits():
        if digit > until:
            return total
        total += burn(digit)
"""

ON_BOTH = pytest.mark.parametrize("engine", ENGINES)


class Question(Request[str], frozen=True):
    """A request of these tests."""

    text: str


@waits
def ask_the_test(text: str) -> Request[str]:
    return Question(text)


class Asker:
    """Has a waiting call of one argument, like `sleep`."""

    @waits
    def ask(self, text: str) -> Request[str]:
        """Ask the test."""
        return Question(text)


def waiting_module(source: str) -> Any:
    """A module whose scripts can call `ask_the_test`."""
    module = module_of(source)
    module.namespace["ask_the_test"] = ask_the_test
    return module


def capture_when(thread: Microthread, function: str) -> tuple[Frame, ...]:
    """The frames when `function` is the innermost of them."""
    while thread.resume() is PREEMPTED:
        with contextlib.suppress(Pinned):
            frames = thread.capture()
            if function == frames[-1].function:
                return frames
    raise AssertionError(f"it ended without ever being suspended in {function}")


@ON_BOTH
def test_runs_to_its_end_when_nothing_suspends_it(engine: Engine) -> None:
    """Without a slice's end a microthread is one call."""
    step = start(module_of(ROCKET), "compute", 4, engine=engine).resume()
    assert Finished(10) == step


@ON_BOTH
def test_is_preempted_at_a_loop_edge(engine: Engine) -> None:
    """When the slice is up the next loop edge suspends."""
    thread = start(module_of(ROCKET), "compute", 4, engine=engine)
    with slices_of(1):
        assert thread.resume() is PREEMPTED


@ON_BOTH
def test_captures_the_caller_and_the_called(engine: Engine) -> None:
    """A capture inside a nested call holds both frames, and the generator that the loop is in the middle of."""
    thread = start(module_of(ROCKET), "compute", 4, engine=engine)
    with slices_of(1):
        frames = capture_when(thread, "burn")
    assert [("compute", "call:1"), ("burn", "loop:0")] == stack_of(frames)
    assert {"$iterator.1", "$old.2", "until"} == set(frames[0].locals)
    assert "digits" == frames[0].locals["$iterator.1"].__name__  # type: ignore[attr-defined]  # a generator


@ON_BOTH
def test_goes_on_where_it_was_captured(engine: Engine) -> None:
    """The restored microthread ends as the first would have."""
    module = module_of(ROCKET)
    thread = start(module, "compute", 6, engine=engine)
    with slices_of(7):
        thread.resume()
        restored = Microthread.restore(thread.capture(), {module.program.hash: module}, engine=engine)
        assert Finished(21) == to_end(restored)


@ON_BOTH
def test_changes_its_engine_at_every_suspension(engine: Engine) -> None:
    """Frames belong to no engine."""
    thread = start(module_of(ROCKET), "compute", 6, engine=engine)
    with slices_of(1):
        while (step := thread.resume()) is PREEMPTED:
            with contextlib.suppress(Pinned):
                thread.spill("native" if thread.engine == "generator" else "generator")
    assert Finished(21) == step


@ON_BOTH
def test_hands_out_what_it_waits_for(engine: Engine) -> None:
    """A waiting call gives its request to whoever runs the microthread; the answer becomes its value."""
    module = waiting_module(
        """
        def talk(name):
            answer = ask_the_test("how are you, " + name)
            return answer.upper()
        """
    )
    thread = start(module, "talk", "Ada", engine=engine)
    request = thread.resume()
    assert isinstance(request, Question)
    assert "how are you, Ada" == request.text
    assert Finished("WELL") == thread.resume("well")


@ON_BOTH
def test_raises_an_error_where_it_waits(engine: Engine) -> None:
    """`throw` raises in the script, where its handlers catch it."""
    module = waiting_module(
        """
        def talk():
            try:
                ask_the_test("anyone?")
            except TimeoutError as error:
                return str(error)
        """
    )
    thread = start(module, "talk", engine=engine)
    thread.resume()
    assert Finished("nobody") == thread.throw(TimeoutError("nobody"))


@ON_BOTH
def test_an_error_ends_it(engine: Engine) -> None:
    """What the script does not catch comes out as Failed."""
    module = module_of("def fall():\n    for n in range(3):\n        [][n]\n")
    step = start(module, "fall", engine=engine).resume()
    assert isinstance(step, Failed)
    assert isinstance(step.error, IndexError)


@ON_BOTH
@pytest.mark.parametrize("drop", [Microthread.discard, lambda thread: None], ids=["discarded", "forgotten"])
def test_dropping_runs_nothing_of_the_script(engine: Engine, drop: Callable[[Microthread], None]) -> None:
    """Neither `finally`, `except` nor `with` sees that the microthread is thrown away."""
    module = module_of(
        """
        seen = []

        class Manager:
            def __enter__(self):
                return self
            def __exit__(self, *error):
                seen.append("exit")

        def generate():
            try:
                yield 1
                yield 2
            finally:
                seen.append("generator")

        def run():
            with Manager():
                try:
                    for item in generate():
                        while True:
                            pass
                except BaseException:
                    seen.append("except")
                finally:
                    seen.append("finally")
        """
    )
    thread = start(module, "run", engine=engine)
    with slices_of(5):
        thread.resume()
    assert 1 == thread.depth
    drop(thread)
    del thread
    gc.collect()
    assert [] == module.namespace["seen"]


@ON_BOTH
def test_a_waiting_call_of_one_argument_is_called_like_any_other(engine: Engine) -> None:
    """By place or keyword; one too few or too many is an error that tells the call's own name."""
    module = module_of(
        """
        def talk(asker):
            for wrong in ((), (1, 2)):
                try:
                    asker.ask(*wrong)
                except TypeError as error:
                    told.append(str(error))
            return asker.ask("a") + asker.ask(text="b")
        """
    )
    told = module.namespace["told"] = []
    thread = Microthread(module.namespace["talk"], (Asker(),), engine=engine)
    asked = [thread.resume(), thread.resume("x")]
    assert [Question("a"), Question("b")] == asked
    assert Finished("xy") == thread.resume("y")
    assert "Asker.ask() missing 1 required positional argument: 'text'" == told[0]
    assert "Asker.ask() takes 2 positional arguments but 3 were given" == told[1]


@ON_BOTH
def test_one_call_may_wait_loop_or_just_return(engine: Engine) -> None:
    """By what the object is: of the API's, one that suspends in a method of that name, or one of neither."""
    module = module_of(
        """
        class Looping:
            def ask(self, text):
                for _ in range(3):
                    pass
                return "looped " + text

        class Plain:
            def ask(self, text):
                return "plain " + text

        def talk(asker):
            return [each.ask("a") for each in (asker, Looping(), Plain(), asker)]
        """
    )
    thread = Microthread(module.namespace["talk"], (Asker(),), engine=engine)
    assert Question("a") == thread.resume()
    assert Question("a") == thread.resume("first")
    assert Finished(["first", "looped a", "plain a", "last"]) == thread.resume("last")


class Choosy:
    """Has waiting calls of one argument that need not be given, or not by place."""

    @waits
    def choose(self, text: str = "usual") -> Request[str]:
        """Ask the test."""
        return Question(text)

    @waits
    def insist(self, text: str, *, loud: bool = False) -> Request[str]:
        """Ask the test, or shout."""
        return Question(text.upper() if loud else text)


@ON_BOTH
def test_what_a_waiting_call_may_leave_out_may_be_left_out(engine: Engine) -> None:
    """Defaults and keywords are as in any call, also where the callee is not known before."""
    module = module_of(
        """
        def talk(asker):
            choose, insist = asker.choose, asker.insist
            return asker.choose() + asker.insist("a", loud=True) + choose() + insist("b", loud=True)
        """
    )
    thread = Microthread(module.namespace["talk"], (Choosy(),), engine=engine)
    asked = [thread.resume(), *(thread.resume("x") for _ in range(3))]
    assert [Question(text) for text in ("usual", "A", "usual", "B")] == asked


@ON_BOTH
def test_a_method_of_the_script_that_has_a_request_is_no_waiting_call(engine: Engine) -> None:
    """Functions take attributes; what marks a call of the API marks no function of a script."""
    module = module_of(
        """
        class Own:
            def ask(self, text):
                for _ in range(2):
                    pass
                return "own " + text

        def talk(own):
            ask = own.ask
            return own.ask("a"), ask("b")
        """
    )
    own = module.namespace["Own"]()
    module.namespace["Own"].ask.request = Question
    thread = Microthread(module.namespace["talk"], (own,), engine=engine)
    assert Finished(("own a", "own b")) == thread.resume()


def test_waiting_below_native_code_is_pinned_on_the_native_engine() -> None:
    """A sort key may wait there; the microthread can be captured when the sort is over."""
    module = waiting_module(
        """
        def key(item):
            return ask_the_test("key of " + item)

        def run():
            items = sorted(["b", "a"], key=key)
            ask_the_test("done")
            return items
        """
    )
    thread = start(module, "run", engine="native")
    thread.resume()
    with pytest.raises(Pinned, match="'key' was called by native code from 'run', line 6"):
        thread.capture()
    thread.resume(2)
    thread.resume(1)
    assert [("run", "call:1")] == stack_of(thread.capture())
    assert Finished(["a", "b"]) == thread.resume()


def test_a_native_function_under_another_name_is_not_mistaken_for_a_script() -> None:
    """The call that a frame waits for must be the call of the frame below it."""
    module = waiting_module(
        """
        def key(item):
            return ask_the_test(item)

        def run(arrange):
            return arrange(["b", "a"], key=key)
        """
    )
    thread = start(module, "run", sorted, engine="native")
    thread.resume()
    with pytest.raises(Pinned):
        thread.capture()


def test_waiting_below_native_code_is_refused_on_the_generator_engine() -> None:
    """The author sees where, and what to do."""
    module = waiting_module("def run():\n    return sorted([1, 2], key=lambda n: ask_the_test('x'))\n")
    step = start(module, "run").resume()
    assert isinstance(step, Failed)
    assert isinstance(step.error, CannotWaitHere)


@ON_BOTH
def test_recursion_goes_ten_thousand_calls_deep(engine: Engine) -> None:
    """Neither the C stack nor the limit of CPython stands in the way."""
    module = module_of("def down(n):\n    return 0 if n == 0 else 1 + down(n - 1)\n")
    thread = start(module, "down", 10_000, engine=engine)
    with slices_of(500):
        assert Finished(10_000) == to_end(thread)


def test_deep_calls_move_it_to_the_native_engine_and_back() -> None:
    """The engine follows what the script does; the choice that was made for it stays."""
    module = module_of(
        """
        def down(n):
            for _ in range(3):
                pass
            return 0 if n == 0 else 1 + down(n - 1)

        def run():
            deep = [down(40) for _ in range(30)]
            for _ in range(400):
                pass
            return sum(deep)
        """
    )
    thread = start(module, "run")
    ran_on = []
    with slices_of(5):
        while (step := thread.resume()) is PREEMPTED:
            ran_on.append(thread.runs_on)
    assert Finished(1200) == step
    assert ["generator", "native", "generator"] == [engine for engine, _ in itertools.groupby(ran_on)]
    assert ("generator", 2) == (thread.engine, thread.moves)


def test_deep_callers_become_data() -> None:
    """Coroutines beyond a depth are kept as frames, so that a switch stays cheap."""
    module = module_of("def down(n):\n    return 0 if n == 0 else 1 + down(n - 1)\n")
    thread = start(module, "down", 1_000)
    with slices_of(100):
        for _ in range(8):
            thread.resume()
        assert 800 == thread.depth
        assert Finished(1_000) == to_end(thread)


@ON_BOTH
def test_a_call_that_has_not_begun_can_be_captured(engine: Engine) -> None:
    """It is a frame before its first statement, arguments bound."""
    module = module_of(
        "def add(a, b=2, *rest, c=4, **more):\n    for _ in 'x':\n        pass\n    return a, b, rest, c, more\n"
    )
    frames = start(module, "add", 1, engine=engine).capture()
    assert [("add", "start")] == stack_of(frames)
    restored = Microthread.restore(frames, {module.program.hash: module}, engine=engine)
    assert Finished((1, 2, (), 4, {})) == restored.resume()


def test_a_function_of_no_program_that_has_not_begun_is_refused() -> None:
    """Only scripts have frames that travel."""
    with pytest.raises(CaptureRefused, match="belongs to no program"):
        Microthread(len, ["abc"]).capture()


@ON_BOTH
def test_handlers_may_be_generators(engine: Engine) -> None:
    """A bare yield gives up the slice, a yielded request waits, and both can be captured."""
    module = module_of(
        """
        def handler(request):
            yield
            answer = yield request
            return answer
        """
    )
    request = Question("?")
    thread = start(module, "handler", request, engine=engine)
    assert thread.resume() is PREEMPTED
    restored = Microthread.restore(thread.capture(), {module.program.hash: module}, engine=engine)
    assert request is restored.resume()
    assert Finished("!") == restored.resume("!")


def test_a_frame_of_an_unknown_program_is_refused() -> None:
    """Its source must come first."""
    with pytest.raises(UnknownProgram, match="program abc"):
        Microthread.restore([Frame("abc", "f", "call:0")], {})


@pytest.mark.parametrize(
    ("function", "point"), [("compute", "call:99"), ("nowhere", "loop:0"), ("burn", "yield:0")]
)
def test_a_frame_that_does_not_fit_its_program_is_refused(function: str, point: str) -> None:
    """A record may be damaged or hostile."""
    module = module_of(ROCKET)
    program = module.program.hash
    with pytest.raises(BadRecord):
        Microthread.restore([Frame(program, function, point)], {program: module})


@ON_BOTH
def test_the_exception_that_a_caller_handles_is_seen_by_the_called(engine: Engine) -> None:
    """`sys.exception()` and `__context__` are right in a frame whose caller came as data."""
    module = module_of(
        """
        import sys

        def inner():
            for _ in "x":
                pass
            seen = repr(sys.exception())
            raise KeyError(seen)

        def outer():
            try:
                raise ValueError("first")
            except ValueError:
                inner()
        """
    )
    thread = start(module, "outer", engine=engine)
    with slices_of(1):
        thread.resume()
        thread.spill()
        step = to_end(thread)
    assert isinstance(step, Failed)
    assert "KeyError(\"ValueError('first')\")" == repr(step.error)
    assert "ValueError('first')" == repr(step.error.__context__)


AT_THE_END = """
from migrate import CONTROL, Microthread, Module, compile_program

loop = Module(compile_program("def loop():\\n  while True: pass", "loop.py")).namespace["loop"]
CONTROL.count_slices(1)
left = [Microthread(loop, (), engine="native") for _ in range(3)]
for each in left:
    each.resume()
"""


def test_a_process_may_end_with_microthreads_that_are_suspended() -> None:
    """Greenlets can't be switched to any more then, and nobody is told so."""
    ended = subprocess.run([sys.executable, "-c", AT_THE_END], capture_output=True, text=True, check=True)
    assert ("", "") == (ended.stdout, ended.stderr)


@ON_BOTH
def test_a_preempted_microthread_takes_an_error_where_it_stands(engine: Engine) -> None:
    """Also at a loop edge, which waits for nothing: a host may end what runs there."""
    thread = start(
        module_of("""
        def main():
            try:
                while True:
                    pass
            except TimeoutError as error:
                return str(error)
        """),
        "main",
        engine=engine,
    )
    with slices_of(1):
        assert thread.resume() is PREEMPTED
        assert Finished("enough") == thread.throw(TimeoutError("enough"))
