"""Programs that no one here wrote: the pure-Python benchmarks of the `pyperformance` distribution, as single sources.

The one idea: each benchmark's own file is taken as it is installed, its command line cut off and its clock replaced by
one that stands still, so that it gives the same result every time. An entry calls it at a size that suits its purpose:
small to be moved at many points, large to be timed.
"""

from __future__ import annotations

import bz2
import random
import re
from dataclasses import dataclass, field
from importlib.resources import files

ENTRY = "entry_"

STANDING_CLOCK = "import types as _types\npyperf = _types.SimpleNamespace(perf_counter=float)\n"


@dataclass(frozen=True, slots=True)
class Foreign:
    """`small`, `large`: expressions that run it. `changes`: replacements in its source. `more`: code behind it.

    `libraries`: files of installed packages that it imports; they become part of it.
    """

    small: str
    large: str
    changes: dict[str, str] = field(default_factory=dict)
    more: str = ""
    libraries: tuple[str, ...] = ()


_RELATIVE_IMPORT = re.compile(r"^from \.\w+ import .*\n", re.MULTILINE)


_CHAOS = """
def chaos_(rounds):
    random.seed(1234)
    points = [(1.597, 3.304), (1.576, 4.123), (1.313, 5.288), (1.619, 5.330), (2.890, 5.503), (2.373, 4.382)]
    points.append((1.662, 4.360))
    spline = Spline([GVector(x, y, 0.0) for x, y in points], 3, [0, 0, 0, 1, 1, 1, 2, 2, 2])
    return Chaosgame([spline], 0.25).create_image_chaos(16, 16, rounds, None, 1234)
"""

_METEOR = """
def meteor_(solutions):
    board, cti, pieces = get_puzzle(5, 10)
    found = []
    free, placed = frozenset(board), [-1] * len(board)
    left, prints, southeast = list(range(len(pieces))), get_footprints(board, cti, pieces), get_senh(board, cti)
    solve(solutions, 0, free, placed, left, found, prints, southeast)
    return len(found)
"""

_PYFLATE = """
from io import BytesIO

def pyflate_(data):
    field = RBitfield(BytesIO(data))
    return field.readbits(16), bzip2_main(field)
"""

_BPE = """
def bpe_(text, words):
    ranks = bpe_train(text, words, r"\\w+| ?[^\\w]+")
    return ranks, bpe_encode(ranks, text[:40].encode())
"""

_SCIMARK = """
def scimark_(n, cycles):
    random, grid = Random(101010), ArrayList(n, n)
    grid.copy_data_from(random.RandomMatrix(ArrayList(n, n)))
    SOR_execute(1.25, grid, cycles, ArrayList)
    wave = copy_vector(Random(7).RandomVector(2 * n))
    FFT_transform(2 * n, wave)
    return grid.data, wave, MonteCarlo(n), LU(ArrayList(n, n), grid, array("i", [0]) * n)
"""


def _text(words: int) -> bytes:
    chance = random.Random(1)
    return b" ".join(chance.choice([b"over", b"the", b"border", b"and", b"back"]) for _ in range(words))


PROGRAMS: dict[str, Foreign] = {
    "barnes_hut": Foreign("bench_quadtree_nbody(1, 10, 2, 0.5)", "bench_quadtree_nbody(1, 60, 10, 0.5)"),
    "chaos": Foreign("chaos_(10)", "chaos_(2000)", more=_CHAOS),
    "crypto_pyaes": Foreign(
        "AESModeOfOperationCTR(KEY).encrypt(CLEARTEXT[:32])",
        "AESModeOfOperationCTR(KEY).encrypt(CLEARTEXT[:4000])",
        {"import pyaes\n": ""},
        libraries=("pyaes/util.py", "pyaes/aes.py"),
    ),
    "bpe_tokeniser": Foreign(
        f"bpe_({_text(12).decode()!r}, 266)", f"bpe_({_text(200).decode()!r}, 270)", more=_BPE
    ),
    "comprehensions": Foreign("bench_comprehensions(1)", "bench_comprehensions(200)"),
    "deepcopy": Foreign("(benchmark(2), benchmark_memo(2))", "(benchmark(50), benchmark_memo(50))"),
    "decimal_pi": Foreign("pi_decimal()", "[pi_decimal() for _ in range(300)]"),
    "deltablue": Foreign("delta_blue(10)", "delta_blue(100)"),
    "fannkuch": Foreign("fannkuch(5)", "fannkuch(8)"),
    "float": Foreign("repr(benchmark(20))", "repr(benchmark(20000))"),
    "generators": Foreign("bench_generators(1)", "bench_generators(30)", {"range(100000)": "range(500)"}),
    "go": Foreign("versus_cpu()", "versus_cpu()", {"GAMES = 200": "GAMES = 3", "SIZE = 9": "SIZE = 5"}),
    "hexiom": Foreign("main(1, 2)", "main(20, 10)"),
    "meteor_contest": Foreign("meteor_(1)", "meteor_(30)", more=_METEOR),
    "nbody": Foreign("(bench_nbody(1, 'sun', 20), SYSTEM)", "bench_nbody(1, 'sun', 5000)"),
    "nqueens": Foreign("bench_n_queens(4)", "bench_n_queens(7)"),
    "pidigits": Foreign("calc_ndigits(30)", "calc_ndigits(500)"),
    "pyflate": Foreign(
        f"pyflate_({bz2.compress(_text(12))!r})", f"pyflate_({bz2.compress(_text(4000))!r})", more=_PYFLATE
    ),
    "raytrace": Foreign("bench_raytrace(1, 4, 4, None)", "bench_raytrace(1, 20, 20, None)"),
    "richards": Foreign("Richards().run(1)", "Richards().run(1)"),
    "scimark": Foreign("scimark_(4, 2)", "scimark_(32, 10)", more=_SCIMARK),
    "spectral_norm": Foreign(
        "bench_spectral_norm(1)", "bench_spectral_norm(1)", {"DEFAULT_N = 130": "DEFAULT_N = 12"}
    ),
}


def source_of(name: str, expression: str | None = None) -> str:
    """The program's source with a function `entry_` that runs the expression, the small one by default."""
    program = PROGRAMS[name]
    place = files("pyperformance") / "data-files" / "benchmarks" / f"bm_{name}" / "run_benchmark.py"
    source = place.read_text().partition("if __name__")[0].replace("import pyperf\n", STANDING_CLOCK)
    for old, new in program.changes.items():
        source = source.replace(old, new)
    libraries = "".join(
        _RELATIVE_IMPORT.sub("", (files(path.partition("/")[0]) / path.partition("/")[2]).read_text())
        for path in program.libraries
    )
    return f"{libraries}{source}{program.more}\n\ndef {ENTRY}():\n    return {expression or program.small}\n"
