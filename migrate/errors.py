"""Every exception that `migrate` raises, under one base. Each says who raises it and what to do."""

from __future__ import annotations


class MigrateError(Exception):
    """Base of all errors of this package."""


class ScriptSyntaxError(MigrateError):
    """`compile_program`: the source is no Python, or holds what a script may not.

    `str(error)` is what the author sees: file, line, the line's text, a caret, what is wrong and what to
    write.
    """

    def __init__(self, message: str, filename: str, line: int, column: int, text: str) -> None:
        self.message, self.filename, self.line, self.column, self.text = message, filename, line, column, text
        shown = text.rstrip("\n")
        caret = " " * max(column - 1, 0) + "^"
        super().__init__(f"{filename}, line {line}:\n    {shown}\n    {caret}\n{message}")


class CaptureRefused(MigrateError):
    """`Microthread.capture` and `encode`: a value cannot travel. The script goes on running where it is.

    The message names the path to the value (function, line, local, then attribute or index) and the way out.
    """


class TooMuch(CaptureRefused):
    """`encode`: more than any reader takes at once. Nothing in it is to blame, only that it is so much."""


class Pinned(MigrateError):
    """`Microthread.capture`: a frame lies below native code (a sort key, a special method). Try again later."""


class UnknownProgram(MigrateError):
    """`decode`: a frame names a program whose source is not here. Fetch it by its hash and decode again."""


class BadRecord(MigrateError):
    """`decode`: the bytes are not a record this version can read: truncated, altered, too large, or hostile."""


class TooManyCollidingKeys(BadRecord):
    """`decode`: more keys of which a stranger could choose the hashes than may be hashed unlooked-at."""


class CannotWaitHere(MigrateError):
    """A waiting call was made below native code on an engine that cannot suspend there.

    Raised in the script, at the author's line. Use the native engine for such a script.
    """


class AddressInUse(MigrateError):
    """`Endpoint`: another program listens on the port. Stop it, or choose another port."""


class AddressWrong(MigrateError):
    """`Endpoint`: the address can't be bound or connected to. Write it as tcp://host:port."""


class BadFrame(MigrateError):
    """Reading a frame or a message: the bytes can't be read. `Exchange.receive` refuses and counts it."""


class FrameVersionUnknown(BadFrame):
    """Reading a frame: it has another version. `receive` refuses and counts it; upgrade the older side."""

    def __init__(self, version: int, known: int) -> None:
        self.version = version
        super().__init__(
            f"a frame has version {version}, this Gossamer speaks {known}: upgrade the older side."
        )


class HandoffError(MigrateError):
    """`Exchange.offer`, `depart`, …: the object is not in a state that allows it. A bug of the caller."""


class UnusablePython(MigrateError):
    """`verify`: an interpreter that was named can't be used. The text says why, and what is needed."""


class WorkerFailed(MigrateError):
    """`verify`: a process that ran a leg ended with a bug of ours. The text is its traceback."""
