"""Modules of the standard library with CPython's own tests of them, joined into programs that can move.

The one idea: module and tests become one source, so that a move may find the module's functions on the stack below the
tests' methods. `unittest.case`, on which they stand, is a program of its own. A test's outcome is compared with that of
the same source in plain Python, so tests that cannot pass when joined count for nothing on either side.
"""

from __future__ import annotations

import ast
import random
import sys
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import GeneratorType, ModuleType
from typing import Any

from migrate import CONTROL, CaptureRefused, Failed, Finished, Microthread, Module, Pinned, compile_program
from migrate.codec import decode, encode
from migrate.engines import Engine
from migrate.frame_parts import drop_generators
from migrate.injector.changes import changes_of, put_changes

LIBRARY = Path(unittest.__file__).parents[1]

MOVES_MAX = 25
"""A test that is longer runs on without moving: what it does by then it has mostly done before."""

EDGES_MAX = 12

DRIVER = """
def run_one(kind, name):
    kind.setUpClass()
    case = kind(name)
    case.setUp()
    try:
        getattr(case, name)()
    finally:
        case.tearDown()
        case.doCleanups()
        kind.tearDownClass()
"""

NAMESPACE = """
class _Namespace:
    def __getattr__(self, name):
        try:
            return globals()[name]
        except KeyError:
            raise AttributeError(name) from None
    def __setattr__(self, name, value):
        globals()[name] = value
    def __delattr__(self, name):
        del globals()[name]
module_under_test = _Namespace()
def _fresh(name, fresh=(), blocked=()):
    return None if fresh or name != "{name}" else module_under_test
"""


@dataclass(slots=True)
class Tally:
    """How tests ended. `refused`: test -> the refusal; `different`: test -> both outcomes."""

    equal: int = 0
    moves: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    different: dict[str, str] = field(default_factory=dict)


def has_tests() -> bool:
    """Whether this Python came with its own tests."""
    return (LIBRARY / "test" / "test_textwrap.py").exists()


JSON_TESTS = """
import unittest
class PyTest(unittest.TestCase):
    json, JSONDecodeError = module_under_test, staticmethod(JSONDecodeError)
    loads, dumps = staticmethod(loads), staticmethod(dumps)
class CTest:
    pass
"""


def joined(module: str) -> str:
    """The module's source and its tests' as one."""
    if module == "json":
        # Its parts refer to each other as modules.
        parts = [LIBRARY / "json" / f"{part}.py" for part in ("scanner", "decoder", "encoder", "__init__")]
        tests = sorted(
            path for path in (LIBRARY / "test" / "test_json").glob("test_*.py") if path.stem != "test_tool"
        )
        return _one_source(module, parts, tests, JSON_TESTS)
    return _one_source(module, [LIBRARY / f"{module}.py"], [LIBRARY / "test" / f"test_{module}.py"], "")


def _one_source(module: str, parts: list[Path], tests: list[Path], between: str) -> str:
    own = [ast.unparse(_without_main(_pure(ast.parse(path.read_text())))) for path in parts]
    others = [
        ast.unparse(_without_main(_Renamed(module).visit(ast.parse(path.read_text())))) for path in tests
    ]
    before = [NAMESPACE.format(name=module)] + (
        ["decoder = encoder = scanner = module_under_test"] if module == "json" else []
    )
    return "\n".join([*before, *own, between, *others])


def _pure(tree: ast.Module) -> ast.Module:
    """Without what replaces functions by their twins in C, and without what the other parts of a package hold."""
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Try) and _imports_twin(node):
            body += node.handlers[0].body
        elif not isinstance(node, ast.ImportFrom) or not (node.level or node.module == "json"):
            body.append(node)
    tree.body = body
    return tree


def _imports_twin(node: ast.Try) -> bool:
    return all(isinstance(n, ast.ImportFrom) and str(n.module).startswith("_") for n in node.body)


def _without_main(tree: ast.Module) -> ast.Module:
    """Without what a script does when it is run, and what can stand only at the top of a file."""
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and "__main__" in ast.unparse(node.test))
        and not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]
    return ast.fix_missing_locations(tree)


class _Renamed(ast.NodeTransformer):
    """The tests' imports of the module become names of the joined source."""

    def __init__(self, module: str) -> None:
        self._module = module

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A fresh import of the module is the joined one; one with its twin in C is not there."""
        self.generic_visit(node)
        if ast.unparse(node.func).endswith("import_fresh_module"):
            node.func = ast.Name("_fresh", ast.Load())
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Its own name may be that of one of its functions."""
        return ast.Name("module_under_test", node.ctx) if node.id == self._module else node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg("module_under_test") if node.arg == self._module else node

    def visit_Import(self, node: ast.Import) -> Any:
        kept = [alias for alias in node.names if alias.name != self._module]
        renamed = [
            ast.parse(f"{alias.asname} = module_under_test").body[0]
            for alias in node.names
            if alias.name == self._module and alias.asname
        ]
        return [*([ast.Import(kept)] if kept else []), *renamed] or ast.Pass()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if node.module == f"test.test_{self._module}":
            return ast.Pass()
        if node.module != self._module or node.level:
            return node
        renamed = [f"{alias.asname} = {alias.name}" for alias in node.names if alias.asname]
        return [ast.parse(text).body[0] for text in renamed] or ast.Pass()


def _case_source() -> str:
    source = (LIBRARY / "unittest" / "case.py").read_text() + DRIVER
    for relative, absolute in (("from . import", "from unittest import"), ("from .", "from unittest.")):
        source = source.replace(relative, absolute)
    return source


class Bench:
    """Runs tests of one joined source, plainly and as microthreads that move at random points."""

    def __init__(self, name: str, source: str, seed: int) -> None:
        self._chance = random.Random(f"{name} {seed}")
        self._case = Module(compile_program(_case_source(), "case.py"))
        program = compile_program(source, f"{name}.py")
        with _unittest_of(self._case):
            self._pristine, self._tests = Module(program), Module(program)
        self._modules = {module.program.hash: module for module in (self._case, self._tests)}
        self._plain = ModuleType("library_plain")
        sys.modules["library_plain"] = self._plain
        exec(compile(DRIVER + source, f"{name}.py", "exec", dont_inherit=True), vars(self._plain))

    def run(self, engine: Engine) -> Tally:
        """Every test that passes or is skipped in plain Python."""
        tally = Tally()
        for kind, name in self._names():
            test = f"{kind}.{name}"
            expected = self._outcome(lambda k=kind, n=name: self._run_plain(k, n))  # type: ignore[misc]  # a default binds
            if expected not in ("passed", "SkipTest"):
                continue
            try:
                outcome = self._outcome(lambda k=kind, n=name: self._run_moved(k, n, engine, tally))  # type: ignore[misc]  # a default binds
            except CaptureRefused as refusal:
                tally.refused[test] = str(refusal)
                continue
            if outcome == expected:
                tally.equal += 1
            else:
                tally.different[test] = f"{expected} in plain Python, {outcome} moved"
        return tally

    def _names(self) -> Iterator[tuple[str, str]]:
        for kind in list(vars(self._plain).values()):
            if (
                isinstance(kind, type)
                and issubclass(kind, unittest.TestCase)
                and kind.__module__ == "library_plain"
            ):
                yield from ((kind.__name__, name) for name in sorted(dir(kind)) if name.startswith("test"))

    def _outcome(self, run: Callable[[], None]) -> str:
        try:
            run()
        except CaptureRefused:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a test raises is its outcome
            return (
                type(error).__name__
                if type(error).__name__ == "SkipTest"
                else f"{type(error).__name__}: {error}"
            )
        return "passed"

    def _run_plain(self, kind: str, name: str) -> None:
        vars(self._plain)["run_one"](vars(self._plain)[kind], name)

    def _run_moved(self, kind: str, name: str, engine: Engine, tally: Tally) -> None:
        kinds = self._tests.namespace[kind], name
        thread = Microthread(self._case.namespace["run_one"], kinds, engine=engine)
        moves = 0
        try:
            while True:
                edges = self._chance.randint(1, EDGES_MAX) if moves < MOVES_MAX else None
                CONTROL.count_slices(edges)
                step = thread.resume()
                CONTROL.count_slices(None)
                if isinstance(step, Finished):
                    return
                if isinstance(step, Failed):
                    raise step.error
                moved = self._moved(thread, engine)
                if moved is not None:
                    thread, moves, tally.moves = moved, moves + 1, tally.moves + 1
        finally:
            CONTROL.count_slices(None)

    def _moved(self, thread: Microthread, engine: Engine) -> Microthread | None:
        generators: list[GeneratorType[Any, Any, Any]] = []
        try:
            frames = thread.capture()
        except Pinned:
            return None
        changes = changes_of(self._tests, self._pristine).parts()
        record = encode((frames, changes), modules=self._modules, generators=generators)
        thread.discard()
        drop_generators(generators)
        frames, changes = decode(record, modules=self._modules)
        put_changes(self._tests, changes)
        return Microthread.restore(frames, self._modules, engine=engine)


@contextmanager
def _unittest_of(case: Module) -> Iterator[None]:
    """Let imports find the test case class that is a program."""
    stand_in = ModuleType("unittest")
    vars(stand_in).update(vars(unittest))
    names = ("TestCase", "skip", "skipIf", "skipUnless", "expectedFailure", "SkipTest")
    vars(stand_in).update({name: case.namespace[name] for name in names})
    sys.modules["unittest"] = stand_in
    try:
        yield
    finally:
        sys.modules["unittest"] = unittest
