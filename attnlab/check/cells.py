"""A Python object as the text of a notebook cell."""

import inspect
from collections.abc import Callable


def as_cell(build: Callable, name: str) -> str:
    """Source of a function or class, with the bases from its own module, bound to `name`.

    >>> print(as_cell(solutions.mistakes.wrong.se_functions.squeeze_max, "squeeze"))
    def squeeze(x):
        return x.amax(dim=(2, 3))
    """
    if not inspect.isclass(build):
        return _source(build).replace(f"def {build.__name__}(", f"def {name}(", 1)
    own = [cls for cls in build.__mro__ if cls.__module__ == build.__module__]
    *bases, last = [_source(cls) for cls in reversed(own)]
    return "\n\n".join([*bases, last.replace(f"class {build.__name__}(", f"class {name}(", 1)])


def _source(build: Callable) -> str:
    return inspect.getsource(build).rstrip() + "\n"
