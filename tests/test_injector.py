"""The injector's promises about programs: their hash, their names, their errors, what travels of a frame."""

from __future__ import annotations

import ast
import contextlib
import textwrap
from pathlib import Path
from types import CoroutineType

import pytest

from migrate import Failed, Finished, Module, ScriptSyntaxError, compile_program, format_script_error
from migrate.injector.choice import choose_engine
from migrate.injector.explain import emitted_form, explain, residual_form
from migrate.injector.hashing import program_hash
from migrate.injector.prepare import HEAD
from migrate.script_errors import _carets
from migrate.verify import verify
from tests.scripts import module_of, slices_of, start

SPIRAL = """
def spiral(n):
    total = 0
    while total < n:
        total += step(total)
    return total

def step(x):
    for _ in range(x + 1):
        pass
    return x + 1
"""


def hash_of(source: str) -> str:
    return program_hash(ast.parse(textwrap.dedent(source)))


def test_hash_ignores_comments_layout_and_file_name() -> None:
    """What the program means is hashed, not how or where it is written."""
    other = "# a comment\n" + SPIRAL.replace("total = 0", "total = (0)  # zero").replace("\n\n", "\n\n\n")
    assert compile_program(SPIRAL, "a.py").hash == compile_program(other, "folder/b.py").hash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "y = 1"),
        ("x = 1", "x = 1.0"),
        ("x = 'a'", "x = b'a'"),
        ("f(a, b)", "f(b, a)"),
        ("x = a + b", "x = a - b"),
        ("x = [a, [b]]", "x = [[a], b]"),
        ("def f(a, *, b): pass", "def f(a, b): pass"),
        ("x = f'{a}b'", "x = f'{a}c'"),
        ("x = f'{a!r}'", "x = f'{a!s}'"),
    ],
)
def test_hash_sees_names_constants_and_structure(one: str, other: str) -> None:
    """A program that means something else has another hash."""
    assert hash_of(one) != hash_of(other)


def test_hash_of_an_example_never_changes() -> None:
    """Frames in stores name their program by it: it must be the same for every version of Python and of Gossamer."""
    assert "a8e1098e1fd5642ccc77159c7745911a" == hash_of(SPIRAL + "\nx = f'{spiral(3)!r:>{4}} of {5}'\n")


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("x = (1,\ny = 2\n", 1, 5, "'(' was never closed"),
        ("def f():\n    return 1 +\n", 2, 15, "invalid syntax"),
        ("async def f():\n    pass\n", 1, 1, "scripts need no 'async'"),
        ("def f():\n    return [x async for x in y]\n", 2, 12, "asynchronous comprehension"),
        ("x = 1\nreturn x\n", 2, 1, "'return' outside function"),
    ],
)
def test_syntax_errors_show_the_place(source: str, line: int, column: int, message: str) -> None:
    """File, line, the line's text, a caret, and what is wrong."""
    with pytest.raises(ScriptSyntaxError) as raised:
        compile_program(source, "rocket.py")
    error = raised.value
    assert (line, column) == (error.line, error.column)
    assert message in str(error)
    assert str(error).startswith(
        f"rocket.py, line {line}:\n    {source.splitlines()[line - 1]}\n    {' ' * (column - 1)}^"
    )


def test_a_syntax_error_shows_no_line_of_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of one that has the script's name where Gossamer runs, nor of one that a neighbour names; the caret is
    where the author's line has it.
    """
    (tmp_path / "rocket.py").write_text("ähnlich = 1\n" * 9, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("rocket.py", str(tmp_path / "rocket.py")):
        with pytest.raises(ScriptSyntaxError) as raised:
            compile_program("x = 1\ny = = 2\n", name)
        assert f"{name}, line 2:\n    y = = 2\n        ^\ninvalid syntax" == str(raised.value)


@pytest.mark.parametrize("line", ["x = = 2", "return 2", "async def f(): pass", "x = 1 / 0"])
def test_lines_are_counted_as_python_counts_them(line: str) -> None:
    """A form feed, or a separator of Unicode's in a text, ends no line."""
    source = f"a = 1\n\x0c\nb = 'x\u2028y'\n{line}\n"
    try:
        Module(compile_program(source, "rocket.py"))
    except ScriptSyntaxError as error:
        told = str(error)
    except ZeroDivisionError as error:
        told = format_script_error(error)
    assert "line 4" in told
    assert f"    {line}\n" in told


@pytest.mark.parametrize("line", ["async def f(): pass", "return = 1", "nonlocal nothing"])
def test_lines_behind_a_head_are_numbered_from_the_first_on(line: str) -> None:
    """A function that was taken out of its file keeps its own lines: what is shown there is the author's."""
    with pytest.raises(ScriptSyntaxError) as raised:
        compile_program(f"{HEAD}def live():\n    pass\n    {line}\n", "mine.py")
    assert (2, f"    {line}") == (raised.value.line, raised.value.text.rstrip("\n"))


def test_nesting_beyond_measure_is_refused() -> None:
    """Deep trees overflow recursive visitors: the author is told, nothing crashes."""
    with pytest.raises(ScriptSyntaxError, match="nested too deeply"):
        compile_program("x = " + "-" * 100_000 + "1", "deep.py")


def test_nesting_that_only_cpython_compiles_is_refused() -> None:
    """Our passes go through a tree with calls in Python, which have an end earlier."""
    with pytest.raises(ScriptSyntaxError, match="nested too deeply"):
        compile_program("x = 1" + " + 1" * 20_000, "deep.py")


DEEP_BLOCKS = {
    "for": ("for x in f():",),
    "with": ("with f() as x:",),
    "try": ("try:", "except ValueError:\n{0}    f()\n{0}finally:\n{0}    f()"),
    "handler": ("try:\n{0}    f()\n{0}except ValueError as e:",),
    "final": ("try:\n{0}    f()\n{0}finally:",),
    "star": ("try:\n{0}    f()\n{0}except* ValueError as e:",),
}


def nested_source(kind: str, depth: int) -> str:
    """A function with so many blocks of one kind inside each other, around calls that may suspend."""
    head, *tail = DEEP_BLOCKS[kind]
    heads = [f"{'    ' * n}{head}".format("    " * n) for n in range(1, depth + 1)]
    tails = [f"{'    ' * n}{t}".format("    " * n) for n in range(depth, 0, -1) for t in tail]
    calls = f"{'    ' * (depth + 1)}f(next(g))"
    return "\n".join(
        ["def f(x=0):", "    while x:", "        x -= 1", "def main(g):", *heads, calls, *tails, ""]
    )


def deepest_accepted(kind: str) -> int:
    depth = 1
    with contextlib.suppress(ScriptSyntaxError):
        while True:
            compile_program(nested_source(kind, depth + 1), "deep.py")
            depth += 1
    return depth


@pytest.mark.parametrize("kind", DEEP_BLOCKS)
def test_blocks_nested_too_deeply_are_refused_at_once(kind: str) -> None:
    """CPython nests 20 blocks, and some of the author's are several of ours: the line is told, and what to do."""
    depth = deepest_accepted(kind) + 1
    with pytest.raises(ScriptSyntaxError, match=r"move the inner .* into a function") as raised:
        compile_program(nested_source(kind, depth), "deep.py")
    assert raised.value.line > depth


@pytest.mark.parametrize("kind", DEEP_BLOCKS)
def test_blocks_that_are_accepted_compile_in_every_form(kind: str) -> None:
    """A residual is no deeper than what was looked at when the program was compiled."""
    program = compile_program(nested_source(kind, deepest_accepted(kind)), "deep.py")
    for function in program.functions.values():
        for point in function.points:
            assert program.residual(function, point, "coroutine")
            assert program.residual(function, point, "native")


def test_finally_inside_finally_is_refused_before_cpython_compiles_it() -> None:
    """CPython would be busy for minutes: it compiles each of them twice."""
    lines = [line for n in range(40) for line in (f"{' ' * n}try: pass", f"{' ' * n}finally:")]
    with pytest.raises(ScriptSyntaxError, match="move the inner 'finally' into a function"):
        compile_program("\n".join([*lines, f"{' ' * 40}pass"]), "deep.py")


def test_a_long_expression_is_compiled() -> None:
    """A deep tree that CPython compiles is not too deep for the passes over it."""
    module = module_of("def f(a):\n    return a()" + " + 1" * 900 + "\n")
    assert Finished(903) == start(module, "f", lambda: 3).resume()


def test_points_are_named_by_kind_and_ordinal() -> None:
    """Every call and loop is counted, whether it can suspend or not, so that no later injector renames any."""
    program = compile_program(SPIRAL, "spiral.py")
    assert ["loop:0", "call:0"] == list(program.function("spiral").points)
    assert ["loop:0"] == list(program.function("step").points)


def test_functions_of_one_name_are_told_apart() -> None:
    """The second definition of a name gets a number."""
    source = "def f():\n    pass\ndef f():\n    pass\n"
    assert ["f", "f#2"] == list(compile_program(source, "twice.py").functions)


def test_dead_locals_do_not_travel() -> None:
    """A value that nothing reads any more costs no bytes and stops no capture."""
    module = module_of(
        """
        def run(path):
            file = open(path)
            first = len(file.read())
            file.close()
            for _ in "x":
                pass
            return first
        """
    )
    thread = start(module, "run", __file__)
    with slices_of(1):
        thread.resume()
        (frame,) = thread.capture()
    assert {"$iterator.1", "first"} == set(frame.locals)


def test_a_function_that_looks_at_its_locals_keeps_them_all() -> None:
    """`locals()` after the suspension must show what it would have shown."""
    module = module_of(
        """
        def run():
            unused = 1
            for _ in "x":
                pass
            return sorted(name for name in locals() if name.isidentifier())
        """
    )
    thread = start(module, "run")
    with slices_of(1):
        thread.resume()
        (frame,) = thread.capture()
    assert "unused" in frame.locals


def test_errors_are_shown_in_the_authors_terms() -> None:
    """Their file, line and caret; none of our frames, moved or not."""
    module = module_of(
        """
        def outer(n):
            return inner(n) + 1

        def inner(n):
            for _ in range(2):
                n = n / 0
        """,
        "orbit.py",
    )
    thread = start(module, "outer", 5)
    with slices_of(1):
        thread.resume()
        thread.spill()
        step = thread.resume()
    assert isinstance(step, Failed)
    shown = format_script_error(step.error)
    expected = """\
Traceback (most recent call last):
  File "orbit.py", line 3, in outer
    return inner(n) + 1
           ^^^^^^^^
  File "orbit.py", line 7, in inner
    n = n / 0
        ~~^~~
ZeroDivisionError: division by zero"""
    assert expected == shown


@pytest.mark.parametrize(
    ("line", "carets"),
    [
        ("fail(1, 2)", "^^^^^^^^^^"),
        ("raise ValueError(n)", "^^^^^^^^^^^^^^^^^^^"),
        ("return (n + 1) / (n - n)", "       ~~~~~~~~^~~~~~~~~"),
        ('ü = "ü"; return {"ü": [n]}["ü"][3]', "                ~~~~~~~~~~~~~~~^^^"),
        ("return [fail(1, 2,\n        3)]", "        ^^^^^^^^^^"),
    ],
    ids=["a call", "a statement", "an operator", "an index", "more lines"],
)
def test_there_is_a_caret_under_what_failed(line: str, carets: str) -> None:
    """Under a whole line too, and alike in all versions of Python, which have rules of their own."""
    thread = start(module_of(f"def main(n):\n    {line}\ndef fail(n): pass\n", "orbit.py"), "main", 5)
    step = thread.resume()
    assert isinstance(step, Failed)
    shown = ["Traceback (most recent call last):", '  File "orbit.py", line 2, in main']
    shown += [f"    {line.splitlines()[0]}", f"    {carets}"]
    assert shown == format_script_error(step.error).splitlines()[:-1]


@pytest.mark.parametrize("deep", ["-" * 20_000 + "n", "n" + "[0]" * 200_000], ids=["parser", "tree"])
def test_carets_are_under_all_of_what_is_nested_too_deeply_to_look_at(deep: str) -> None:
    """A report is made deeper in calls than the line was compiled in, and must not fail there."""
    assert "^" * len(deep) == _carets(deep)


def test_errors_of_a_group_are_shown_without_our_frames() -> None:
    """Each with its own place, also where it came through the engine."""
    module = module_of(
        """
        def fail(n):
            for _ in range(2):
                n = 1 / n

        def main(n):
            try:
                fail(n)
            except ZeroDivisionError as error:
                raise ExceptionGroup("all", [error])
        """,
        "orbit.py",
    )
    thread = start(module, "main", 0)
    with slices_of(1):
        thread.resume()
        thread.spill()
        step = thread.resume()
    assert isinstance(step, Failed)
    places = [line.strip(" |") for line in format_script_error(step.error).splitlines() if 'File "' in line]
    through = ['File "orbit.py", line 8, in main', 'File "orbit.py", line 4, in fail']
    assert [*through, 'File "orbit.py", line 10, in main', *through] == places


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            "LIMIT = 1\nTABLE = [LIMIT / n for n in range(3)]\n",
            ["line 2, in <module>", "TABLE = [LIMIT / n", "~~^~~"],
        ),
        (
            "import no_such_module\n",
            ["line 1, in <module>", "import no_such_module", "ModuleNotFoundError: No module"],
        ),
        ("class Orbit:\n    speed = 1 / 0\n", ["line 2, in Orbit", "speed = 1 / 0", "~~^~~"]),
    ],
)
def test_an_error_at_the_top_level_is_shown_at_its_line(source: str, shown: list[str]) -> None:
    """Statements of the module, comprehensions and bodies of classes there: file, line and caret, no frame of ours."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each source raises its own
        module_of(source, "orbit.py")
    report = format_script_error(raised.value)
    assert [part for part in shown if part not in report] == []
    assert report.count("File ") == report.count('File "orbit.py"') > 0


def test_the_engine_is_chosen_from_the_source() -> None:
    """A script that waits in a special method needs a native stack, and `explain` says why."""
    plain = compile_program(SPIRAL, "a.py")
    special = compile_program(
        "class Door:\n    def __len__(self):\n        self.sleep(1)\n        return 3\n", "b.py"
    )
    assert "generator" == choose_engine(plain).engine
    assert "native" == choose_engine(special).engine
    assert "line 2: 'Door.__len__' may wait, and it is a special method" in explain(special)


def test_a_generator_that_yields_what_waits_needs_no_native_stack() -> None:
    """Only a waiting call that stands alone in one does."""
    for line, engine in (("yield self.sleep(1)", "generator"), ("self.sleep(1)\n        yield", "native")):
        program = compile_program(
            f"class Door:\n    def on_touch(self, toucher):\n        {line}\n", "door.py"
        )
        assert engine == choose_engine(program).engine


def test_explain_shows_what_was_made_of_a_script() -> None:
    """Functions, reasons, points; forms and residuals on request."""
    program = compile_program(SPIRAL, "spiral.py")
    assert "spiral (line 2): can suspend: it loops, it calls what may suspend" in explain(program)
    spiral = program.function("spiral")
    assert "total = $old.1" in emitted_form(program, spiral, "coroutine")
    assert "await" not in emitted_form(program, spiral, "native")
    assert "while $$first.1 or total < n:" in residual_form(program, spiral, "call:0", "coroutine")


def test_a_coroutine_form_is_one_even_where_nothing_is_left_that_suspends() -> None:
    """It is compiled as a generator, which a function without a `yield` would not be."""
    program = compile_program(
        "def inner(n):\n    while n:\n        n -= 1\n\ndef outer(n):\n    return inner(n)\n", "last.py"
    )
    rest = Module(program).residual("outer", "call:0", "coroutine")(7, None, {})
    assert CoroutineType is type(rest)
    with pytest.raises(StopIteration) as ended:
        rest.send(None)
    assert 7 == ended.value.value


COUNTING = """
class Steps:
    opened = at = 0
    {defined}

def further(self):
    self.at += 1
    if self.at > 3:
        raise StopIteration
    return self.at

def open(self):
    self.opened += 1
    return self
{after}

def main():
    steps, seen = Steps(), []
    for step in steps:
        seen.append((step, steps.opened))
    seen.append(sum(step for step in steps))
    return seen, steps.opened
"""


@pytest.mark.parametrize(
    ("defined", "after"),
    [
        ("", "Steps.__iter__, Steps.__next__ = open, further"),
        ("", "Steps = type('Steps', (), {'opened': 0, 'at': 0, '__iter__': open, '__next__': further})"),
        ("", "for name, value in [('__iter__', open), ('__next__', further)]: setattr(Steps, name, value)"),
        ("__iter__ = lambda self: open(self)\n    __next__ = lambda self: further(self)", ""),
        ("def __iter__(self): return open(self)\n    def __next__(self): return further(self)", ""),
    ],
)
def test_an_own_iterator_is_opened_once_however_it_is_made(defined: str, after: str) -> None:
    """Loops call `__iter__` once, as Python does, in whatever way the class got its methods."""
    program = compile_program(COUNTING.format(defined=defined, after=after), "steps.py")
    verdict = verify(program, engines=("generator", "native"))
    assert verdict.restores
    assert verdict.equal, verdict.difference


def test_a_generator_of_ones_own_needs_no_care() -> None:
    """Where no class can be an iterator of its own, loops open what they are given as cheaply as Python does."""
    plain = "class Bag:\n    def __iter__(self):\n        yield 1\n"
    cared_for = "class Bag:\n    def __iter__(self):\n        return self\n"
    assert [False, True] == [
        compile_program(s, "a.py").shared.colours.has_own_iterators for s in (plain, cared_for)
    ]
