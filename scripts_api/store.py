"""The key-value store of an object: what `self.object.store` is.

The one idea: a mapping whose values are copies. What was put in is what comes out, whatever happened to the
original, and it survives reset, restart and every border. All scripts of an object share it; the others are
told of changes (`on_store_changed`).

Second Life: linkset data.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scripts_api import checks

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost


class ObjectStore:
    """Values by key. Keys have at most 256 characters; all keys and values at most 128 KiB."""

    __slots__ = ("_host",)
    __match_args__ = ("_host",)

    _host: ScriptHost

    def __init__(self, host: ScriptHost) -> None:
        object.__setattr__(self, "_host", host)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"object.store.{name} can't be set; write object.store[{name!r}] = …")

    def __getitem__(self, key: str) -> Any:
        """Return a copy of the value. Raises `KeyError`.

        Second Life: llLinksetDataRead.
        """
        return self._host.store_get(checks.store_key("object.store", key))

    def __setitem__(self, key: str, value: object) -> None:
        """Keep a copy of a value that can travel.

        Raises `ScriptError` for one that can't, `LimitReached` when the store is full.

        Second Life: llLinksetDataWrite.
        """
        self._host.store_put(checks.store_key("object.store", key), value)

    def __delitem__(self, key: str) -> None:
        """Forget a key. Raises `KeyError`.

        Second Life: llLinksetDataDelete.
        """
        self._host.store_delete(checks.store_key("object.store", key))

    def __contains__(self, key: object) -> bool:
        """Return whether there is a value under the key.

        Second Life: llLinksetDataRead, with an empty text.
        """
        return key in list(self._host.store_keys())

    def __len__(self) -> int:
        """Return how many keys there are.

        Second Life: llLinksetDataCountKeys.
        """
        return len(list(self._host.store_keys()))

    def __iter__(self) -> Iterator[str]:
        """Return the keys, sorted.

        Second Life: llLinksetDataListKeys.
        """
        return iter(self.keys())

    def keys(self, pattern: str = "*") -> list[str]:
        """Return the keys that fit a `pattern` with `*` and `?`, sorted; all of them if none is given. Never waits.

        Raises `TypeError` for a pattern that is no text.

        Second Life: llLinksetDataFindKeys.
        """
        return [key for key in self._host.store_keys() if fnmatch.fnmatchcase(key, pattern)]

    def get(self, key: str, default: Any = None) -> Any:
        """Return a copy of the value under a `key`, or the `default` where there is none. Never waits.

        Raises `ScriptError` for what is no key.

        Second Life: llLinksetDataRead.
        """
        try:
            return self[key]
        except KeyError:
            return default
