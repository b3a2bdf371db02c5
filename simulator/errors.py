"""Every exception that `simulator` raises, under one base. Each says who raises it and what to do."""

from __future__ import annotations

from typing import Final

EXIT_REFUSED: Final = 2
"""Exit status of a command that told its user what to put right: starting it again would not help."""


class SimulatorError(Exception):
    """Base of all errors of this package."""


class StoreError(SimulatorError):
    """Base of what a region's store raises."""


class RegionInUse(StoreError):
    """Opening a store: another process holds the region. Stop that process, or host another region."""


class StoreTooNew(StoreError):
    """Opening a store: a newer Gossamer wrote it. Open it with that version or a later one."""


class StoreDamaged(StoreError):
    """Opening or loading: the file is no region store, or a row's checksum is wrong. Put all regions back
    from one backup.
    """


class StoreFull(StoreError):
    """Committing: no room on the disk. Nothing was written; the same commit succeeds once there is room."""


class StoreFailed(StoreError):
    """Committing: the disk or file system refused. Nothing of this tick was written; see the system's log."""


class LeaseLost(StoreError):
    """Committing: another process has claimed the region since. This process must drop the region at once."""


class ConfigError(SimulatorError):
    """Reading a world file: it names the key, the value and what was expected there."""


class KeyFileError(SimulatorError):
    """Reading or writing a CURVE key pair: the file is missing, readable by others, or holds no key."""


class ControlFailed(SimulatorError):
    """The command line's calls to a running simulator: it does not answer, or it refused, and why."""


class SimulatorStopped(SimulatorError):
    """The supervisor: a simulator process ended by itself. The message carries its last words."""


class ScriptRefused(SimulatorError):
    """Compiling or rezzing a script: its module fails or holds no script. The message is for its author."""


class WorkedTooLong(BaseException):
    """Raised inside a script that nothing else can interrupt; none of its handlers catches it."""


class UnknownName(SimulatorError):
    """`gossamer api`: the name is none that scripts can use."""


class SimulatedDeath(SimulatorError):
    """`gossamer sim`: a process of the simulated grid dies in the middle of a tick. Caught where the tick began."""


class KeptCasesUnusable(SimulatorError):
    """`gossamer sim`: its file of kept cases can't be read or written. Put it right, or name another."""
