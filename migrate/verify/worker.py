"""A process that runs legs for `gossamer verify`: one JSON object a line in, one a line out.

The one idea: it is told the program once, then does one thing at a time (the plain run, or a leg). It may be another
version of Python, so nothing but text and records crosses.
"""

from __future__ import annotations

import base64
import json
import sys
import traceback
from dataclasses import asdict
from typing import Any

from migrate.errors import CaptureRefused
from migrate.injector import compile_program
from migrate.verify.running import Runner, run_plain


def main() -> None:
    """Serve requests until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    given = json.loads(sys.stdin.readline())
    source, filename, entry, args = given["source"], given["filename"], given["entry"], given["args"]
    runner: Runner | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "plain":
                answer: dict[str, Any] = {"outcome": asdict(run_plain(source, filename, entry, args))}
            else:
                if runner is None:
                    program = compile_program(source, filename)
                    runner = Runner(program, entry, args, given["every"], trusted=given["trusted"])
                answer = _leg(runner, request)
        except CaptureRefused as refusal:
            answer = {"refused": str(refusal)}
        except BaseException:  # told to whoever asked, who fails with it
            answer = {"bug": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _leg(runner: Runner, request: dict[str, Any]) -> dict[str, Any]:
    record = request["record"]
    leg = runner.leg(None if record is None else base64.b64decode(record), request["engine"])
    answer = asdict(leg)
    answer["record"] = None if leg.record is None else base64.b64encode(leg.record).decode()
    return answer


if __name__ == "__main__":
    main()
