"""The closed table of functions and types that a script's values may refer to by name.

The one idea: the table holds objects, so a name in a record is looked up in it and nowhere else: no import,
no attribute of anything. It is filled once, from the public names of the modules that scripts may import,
without those that run text as code, reach attributes by name, or touch the host.

What a script may do with them while it runs is the sandbox's to decide.
"""

from __future__ import annotations

import abc
import base64
import binascii
import bisect
import builtins
import calendar
import cmath
import collections
import collections.abc
import colorsys
import contextlib
import copy
import dataclasses
import datetime
import decimal
import difflib
import enum
import fractions
import functools
import graphlib
import hashlib
import heapq
import html
import io
import itertools
import json
import math
import numbers
import operator
import random
import re
import statistics
import string
import struct
import sys
import textwrap
import types
import typing
import unicodedata
import urllib.parse
import zlib
from array import array
from collections.abc import Iterator
from types import ModuleType
from typing import Final

import scripts_api

MODULES: Final[dict[str, ModuleType]] = {
    module.__name__: module
    for module in (
        abc, bisect, collections, collections.abc, contextlib, copy, dataclasses, datetime, decimal, enum, fractions,
        functools, heapq, itertools, json, math, operator, random, re, statistics, string, textwrap, typing,
    )
}  # fmt: skip
"""Modules that a script may hold as values, with what is in them."""

FURTHER_MODULES: Final = (
    base64, binascii, calendar, cmath, colorsys, difflib, graphlib, hashlib, html, numbers, struct, unicodedata,
    urllib, urllib.parse, zlib,
)  # fmt: skip
"""The same, without their classes: instances of these may keep anything."""

_HARMFUL: Final = frozenset({
    # Run text as code, or give out what holds code.
    "eval", "exec", "compile", "__import__", "dataclasses.make_dataclass", "typing.get_type_hints",
    "typing.ForwardRef", "typing.NamedTuple", "typing.TypedDict", "typing.NewType",
    # Reach attributes by a name that only shows itself at run time.
    "getattr", "setattr", "delattr", "hasattr", "vars", "dir", "globals", "locals", "super",
    "operator.attrgetter", "operator.methodcaller", "string.Formatter",
    "functools.WRAPPER_ASSIGNMENTS", "functools.update_wrapper", "functools.wraps", "functools.partialmethod",
    # Touch the host.
    "open", "input", "breakpoint", "memoryview", "help", "exit", "quit", "copyright", "credits", "license",
    "random.SystemRandom", "json.load", "json.dump", "decimal.setcontext", "decimal.getcontext",
    "decimal.localcontext", "contextlib.redirect_stdout", "contextlib.redirect_stderr", "contextlib.chdir",
    # Deprecated: on some versions even to look at them is a warning.
    "re.purge", "re.template", "collections.abc.ByteString", "typing.ByteString",
})  # fmt: skip

_FURTHER: Final[dict[str, object]] = {
    "NoneType": type(None),
    "NotImplementedType": type(NotImplemented),
    "ellipsis": type(...),
    "types.FunctionType": types.FunctionType,
    "types.GeneratorType": types.GeneratorType,
    "types.MethodType": types.MethodType,
    "types.MappingProxyType": types.MappingProxyType,
    "types.SimpleNamespace": types.SimpleNamespace,
    "re.error": re.error,
    "array.array": array,
    "module array": sys.modules["array"],
    "io.StringIO": io.StringIO,
    "io.BytesIO": io.BytesIO,
    "Ellipsis": ...,
    "NotImplemented": NotImplemented,
}
"""Types that `type(x)` and `isinstance` deal in and no module names for good."""


def _public_names(module: ModuleType) -> list[str]:
    names = getattr(module, "__all__", None) or dir(module)
    return sorted(name for name in names if not name.startswith("_"))


def _of_module(name: str, module: ModuleType) -> Iterator[tuple[str, object]]:
    for public in _public_names(module):
        full = public if module is builtins else f"{name}.{public}"
        if full not in _HARMFUL and callable(value := getattr(module, public, None)):
            yield full, value


def _fill() -> dict[str, object]:
    named: dict[str, object] = dict(_of_module("builtins", builtins))
    for name, module in MODULES.items():
        named.update(_of_module(name, module))
    for module in FURTHER_MODULES:
        members = _of_module(module.__name__, module)
        named.update((name, value) for name, value in members if not isinstance(value, type))
    modules = (*MODULES.values(), *FURTHER_MODULES)
    named.update((f"module {module.__name__}", module) for module in modules)
    named.update(_of_module("scripts_api", scripts_api))
    named["module scripts_api"] = scripts_api
    named.update(_FURTHER)
    return named


NAMED: Final = _fill()
"""The table itself: from the name in a record to the object."""

NAME_OF: Final[dict[int, str]] = {}
"""From the identity of each of those objects to its first name: it is never collected, so that stays true."""

for _name, _value in NAMED.items():
    NAME_OF.setdefault(id(_value), _name)
