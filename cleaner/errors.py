"""The three kinds of failure, and the one base class that callers catch.

A bad *document* is data: it becomes a `Rejection` (see `model`), is counted and listed, and the run
goes on. A bad *request* is one of the classes below: it is raised before any work, and its message
says what is wrong, where, and what to try next. A *bug* keeps its own type and traceback.
"""


class CleanerError(Exception):
    """A request that cannot be carried out; the base of all errors raised on purpose."""


class ConfigError(CleanerError):
    """A configuration key or value that means nothing."""


class InputError(CleanerError):
    """An input path that does not exist, or a set of inputs with nothing to read in it."""


class OutputError(CleanerError):
    """An output folder that cannot, or must not, be written."""


class LookupFailedError(CleanerError):
    """A document, span or earlier run that was asked for and is not there."""


class AmbiguousNameError(LookupFailedError):
    """A name that several documents have."""


class StrictRunError(CleanerError):
    """A run with `strict` met a document that it would otherwise have set aside, or an alarm."""
