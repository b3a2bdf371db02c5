"""Exceptions: built-in ones by name, a script's own by path, with all that hangs on them.

The one idea: an exception is made without its `__init__` (a script's may want arguments that nobody has any more) and
its parts are set one by one: args, attributes with notes, cause, context, and the fields of its built-in type.

Of the traceback the entries that belong to scripts travel, see `migrate.traces`.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact
from migrate.codec.shapes import Shape, dict_of, shape_of, shape_of_unfilled
from migrate.errors import BadRecord
from migrate.traces import TraceEntry, make_trace, trace_entries

if TYPE_CHECKING:
    from migrate.codec.instances import Parts, Program
    from migrate.codec.writer import Parting

FIELDS: Final[tuple[tuple[type[BaseException], tuple[str, ...]], ...]] = (
    (StopIteration, ("value",)),
    (OSError, ("errno", "strerror", "filename", "filename2")),
    (ImportError, ("msg", "name", "path")),
    (NameError, ("name",)),
    (AttributeError, ("name", "obj")),
    (SystemExit, ("code",)),
    (UnicodeEncodeError, ("encoding", "object", "start", "end", "reason")),
    (UnicodeDecodeError, ("encoding", "object", "start", "end", "reason")),
    (UnicodeTranslateError, ("object", "start", "end", "reason")),
    (SyntaxError, ("msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line")),
)  # fmt: skip
"""What built-in exceptions keep outside of `args` and `__dict__`."""

_args: Final = vars(BaseException)["args"]
_cause: Final = vars(BaseException)["__cause__"]
_context: Final = vars(BaseException)["__context__"]
_suppress: Final = vars(BaseException)["__suppress_context__"]
_message: Final = vars(BaseExceptionGroup)["message"]
_members: Final = vars(BaseExceptionGroup)["exceptions"]


def part_error(writer: Parting, error: BaseException) -> Parts:
    """The class goes as a value; a group's members are part of what makes it."""
    kind = type(error)
    group = (
        (_message.__get__(error), _members.__get__(error)) if isinstance(error, BaseExceptionGroup) else None
    )
    state = (
        _args.__get__(error),
        dict_of(error) or None,
        _fields_of(error),
        _slots_of(shape_of(kind), error),
        _cause.__get__(error),
        _context.__get__(error),
        _suppress.__get__(error),
        [(writer.number_of(e.program), e.function, *e.position) for e in trace_entries(error.__traceback__)],
    )
    return ErrorFactories.error, (kind, group), state, None, None, ErrorFactories.fill_error


def _fields_of(error: BaseException) -> dict[str, object] | None:
    for kind, names in FIELDS:
        if isinstance(error, kind):
            # What was never set reads as None, which is also what an exception made anew has there.
            held = ((name, vars(kind)[name].__get__(error)) for name in names)
            return {name: value for name, value in held if value is not None}
    return None


def _slots_of(shape: Shape, error: BaseException) -> dict[str, object] | None:
    held = {}
    for name, slot in shape.slots.items():
        try:
            held[name] = slot.__get__(error)
        except AttributeError:
            continue  # An unset slot stays unset.
    return held or None


class ErrorFactories:
    """Puts exceptions together."""

    __slots__ = ()

    hashes: tuple[str, ...]
    programs: list[Program]

    def error(self, kind: Any, group: tuple[str, Any] | None) -> BaseException:
        """An exception without arguments; a group with its members."""
        if not isinstance(kind, type) or not issubclass(kind, BaseException):
            raise BadRecord("a record makes an exception of what is no exception class.")
        base = shape_of_unfilled(kind).base
        if issubclass(kind, BaseExceptionGroup):
            made = _exception_base(base).__new__(kind, *(group or ()))
        else:
            made = _exception_base(base).__new__(kind)
        if type(made) is not kind:
            raise BadRecord(f"a record's {base.__name__} became a {type(made).__name__}.")
        return made

    def fill_error(self, error: BaseException, state: tuple[Any, ...]) -> None:
        """Set everything that an exception keeps."""
        if not isinstance(error, BaseException):
            raise BadRecord(f"a record fills a {type(error).__name__} as if it were an exception.")
        arguments, attributes, fields, slots, cause, context, suppress, trace = state
        _args.__set__(error, arguments)
        if attributes is not None:
            dict_of(error).update(attributes)
        if fields is not None:
            _set_fields(error, fields)
        for name, value in (slots or {}).items():
            shape_of_unfilled(type(error)).slots[name].__set__(error, value)
        _cause.__set__(error, cause)
        _context.__set__(error, context)
        _suppress.__set__(error, suppress)
        error.__traceback__ = self._trace(trace)

    def _trace(self, entries: Any) -> TracebackType | None:
        if type(entries) is not list or not all(
            type(number) is int for e in entries for number in (e[0], *e[2:])
        ):
            raise BadRecord("a record holds a traceback that is none.")
        modules: Any = dict(zip(self.hashes, self.programs, strict=True))
        return make_trace(
            [TraceEntry(self.hashes[e[0]], exact(e[1], str), tuple(e[2:])) for e in entries], modules
        )


def _exception_base(base: type) -> Any:
    return base if issubclass(base, BaseException) else BaseException


def _set_fields(error: BaseException, fields: dict[str, object]) -> None:
    for kind, names in FIELDS:
        if isinstance(error, kind):
            for name, value in fields.items():
                if name not in names:
                    raise BadRecord(f"a record sets '{name}' of a {kind.__name__}, which has no such field.")
                vars(kind)[name].__set__(error, value)
            return
    raise BadRecord(f"a record sets fields of a {type(error).__name__}, which has none.")
