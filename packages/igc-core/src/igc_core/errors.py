"""Every error that the SDK raises on purpose.

    IgcError
    ├── PluginError          a plugin is broken, duplicates a name, or lacks what was asked for
    ├── SettingsError        a setting cannot be read
    ├── LoadingError         a "module:attribute" text does not lead to an object
    ├── BackendError         a service cannot be reached
    ├── DataError            a file is not what it should be (captures extend it)
    ├── GoalError            a goal is unknown, cannot be understood, or cannot be expressed on a service
    ├── EncodingError        a state cannot be encoded
    ├── AgentError           a saved agent cannot be loaded or does not fit
    ├── ActionError          an action is not legal, or was vetoed
    └── RunError             a run folder cannot be used

Each raise states a stable ``code``, documented in ``docs/reference/errors.md``.
"""

from __future__ import annotations


class IgcError(Exception):
    """What happened, where, and what to do about it.

    Attributes:
        code: Stable identifier, lower case with dashes, documented in the error reference.
        hint: What the reader may do, or ``""``.
    """

    #: Every code that the class may carry.
    codes: tuple[str, ...] = ("igc-error",)

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        self.message = message
        self.code = code or self.codes[0]
        self.hint = hint
        super().__init__(f"{message}; {hint}" if hint else message)
        if self.code not in self.codes:
            problem = f"{type(self).__name__} has no code {self.code!r}"
            raise ValueError(problem)


class PluginError(IgcError):
    """A plugin is broken, duplicates a name, or lacks what was asked for."""

    codes = ("plugin-broken", "plugin-duplicate", "plugin-unknown-component", "plugin-options-refused")


class SettingsError(IgcError):
    """A setting cannot be read."""

    codes = ("settings-invalid",)


class LoadingError(IgcError):
    """A ``module:attribute`` text does not lead to an object."""

    codes = ("loading-failed",)


class BackendError(IgcError):
    """A service cannot be reached."""

    codes: tuple[str, ...] = ("backend-unreachable",)


class DataError(IgcError):
    """A file is not what it should be."""

    codes: tuple[str, ...] = ("data-missing", "data-invalid", "data-exists")


class GoalError(IgcError):
    """A goal is unknown, cannot be understood, or cannot be expressed on a service."""

    codes = ("goal-unknown-family", "goal-unreadable", "goal-ambiguous", "goal-not-expressible", "goal-uncertain")


class EncodingError(IgcError):
    """A state cannot be encoded."""

    codes = ("encoding-failed",)


class AgentError(IgcError):
    """A saved agent cannot be loaded or does not fit."""

    codes = ("agent-missing", "agent-corrupt", "agent-incompatible")


class ActionError(IgcError):
    """An action is not legal, or was vetoed."""

    codes = ("action-illegal", "action-vetoed")


class RunError(IgcError):
    """A run folder cannot be used."""

    codes = ("run-exists", "run-missing", "run-corrupt", "run-file-refused")
