"""Running code as data: scripts compiled, run as microthreads, captured, and moved between processes."""

from __future__ import annotations

from migrate.control import CONTROL, PREEMPTED
from migrate.engines import Failed, Finished, Microthread, Step
from migrate.engines.door import wait_in_plain_code
from migrate.errors import CaptureRefused, MigrateError, Pinned, ScriptSyntaxError
from migrate.frame import Frame
from migrate.injector import Module, Program, compile_program
from migrate.script_errors import format_script_error
from scripts_api.waiting import set_door

__all__ = [
    "CONTROL",
    "PREEMPTED",
    "CaptureRefused",
    "Failed",
    "Finished",
    "Frame",
    "Microthread",
    "MigrateError",
    "Module",
    "Pinned",
    "Program",
    "ScriptSyntaxError",
    "Step",
    "compile_program",
    "format_script_error",
]

set_door(wait_in_plain_code)
