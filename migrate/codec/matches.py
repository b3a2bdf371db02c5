"""A regular expression's match after a journey.

The one idea: CPython can make a match only by matching, and a stranger's pattern on a stranger's text may take for
ever. So the spans travel, and this class answers from them as `re.Match` does. `isinstance(m, re.Match)` is the one
thing that differs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from migrate.codec.containers import exact
from migrate.errors import BadRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.codec.instances import Parts


class Match:
    """What `re.Match` offers, from the spans of its groups (`regs`)."""

    __slots__ = ("endpos", "lastindex", "pos", "re", "regs", "string")

    def __init__(
        self, pattern: Any, text: Any, pos: int, endpos: int, lastindex: int | None, regs: Any
    ) -> None:
        if type(pattern) is not re.Pattern or type(text) is not type(pattern.pattern):
            raise BadRecord("a record holds a match whose pattern and text do not fit each other.")
        spans = exact(regs, tuple)
        if len(spans) != pattern.groups + 1 or not all(_is_span(span, len(text)) for span in spans):
            raise BadRecord("a record holds a match whose groups do not fit its pattern and text.")
        if lastindex is not None and not 1 <= exact(lastindex, int) <= pattern.groups:
            raise BadRecord(f"a record holds a match whose last group is {lastindex}.")
        self.re, self.string, self.regs = pattern, text, spans
        self.pos, self.endpos, self.lastindex = exact(pos, int), exact(endpos, int), lastindex

    @property
    def lastgroup(self) -> str | None:
        return next((name for name, number in self._names.items() if number == self.lastindex), None)

    @property
    def _names(self) -> Mapping[str, int]:
        names: Mapping[str, int] = self.re.groupindex
        return names

    def _number(self, group: Any) -> int:
        number = self._names.get(group, group) if isinstance(group, str) else group
        if not hasattr(number, "__index__") or not 0 <= number.__index__() < len(self.regs):
            raise IndexError("no such group")
        return int(number)

    def _text(self, group: Any, default: Any = None) -> Any:
        start, end = self.regs[self._number(group)]
        return default if start < 0 else self.string[start:end]

    def group(self, *groups: Any) -> Any:
        if len(groups) > 1:
            return tuple(self._text(group) for group in groups)
        return self._text(*groups or (0,))

    def __getitem__(self, group: Any) -> Any:
        return self._text(group)

    def groups(self, default: Any = None) -> tuple[Any, ...]:
        return tuple(self._text(number, default) for number in range(1, len(self.regs)))

    def groupdict(self, default: Any = None) -> dict[str, Any]:
        return {name: self._text(name, default) for name in self._names}

    def span(self, group: Any = 0) -> tuple[int, int]:
        start, end = self.regs[self._number(group)]
        return start, end

    def start(self, group: Any = 0) -> int:
        return self.span(group)[0]

    def end(self, group: Any = 0) -> int:
        return self.span(group)[1]

    def expand(self, template: Any) -> Any:
        r"""The template with `\1`, `\g<name>` replaced."""
        return _literally(self).expand(template)

    def __copy__(self) -> Match:
        return self

    def __deepcopy__(self, memo: Any) -> Match:
        return self

    def __repr__(self) -> str:
        return f"<re.Match object; span={self.span()!r}, match={self.group()!r}>"


def _is_span(span: Any, length: int) -> bool:
    if type(span) is not tuple or len(span) != 2 or not all(type(place) is int for place in span):
        return False
    return span == (-1, -1) or 0 <= span[0] <= span[1] <= length


def _literally(match: Match) -> re.Match[Any]:
    """A match of the library's own with the same groups: their texts, matched by a pattern of just these texts."""
    names = {number: name for name, number in match._names.items()}
    whole, *texts = (_as_string(match._text(number)) for number in range(len(match.regs)))
    pieces = []
    for number, text in enumerate(texts, 1):
        opening = f"(?P<{names[number]}>" if number in names else "("
        pieces.append(f"(?:{opening})){{0}}" if text is None else f"{opening}{re.escape(text)})")
    pattern = f"{re.escape(whole or '')}(?={''.join(pieces)})"
    subject = (whole or "") + "".join(text or "" for text in texts)
    of_bytes = isinstance(match.string, bytes)
    made = (
        re.match(pattern.encode("latin-1"), subject.encode("latin-1"))
        if of_bytes
        else re.match(pattern, subject)
    )
    assert made is not None
    return made


def _as_string(text: Any) -> str | None:
    return text.decode("latin-1") if isinstance(text, bytes) else text


def part_match(_: object, match: Any) -> Parts:
    """Pattern, text and spans."""
    from migrate.codec.values import ValueFactories

    arguments = (match.re, match.string, match.pos, match.endpos, match.lastindex, match.regs)
    return ValueFactories.value, ("Match", *arguments)
