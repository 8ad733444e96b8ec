"""Functions that a task forbids, refused while a test asks: a library's finished attention, say.

A test cell declares words in its metadata, `forbids`; no torch function whose name holds one of
them may be called while that cell is graded, under whatever name the student kept it. This runs in
the student's process and stops calls, not determination: code that switches torch's own function
modes off gets past it, and has then had more trouble than the few lines it saved.
"""

from collections.abc import Callable

from torch.overrides import TorchFunctionMode

from attnlab.check.outcomes import CheckFailed


class Refusing(TorchFunctionMode):
    """Raises CheckFailed for a torch function whose name holds one of `words`."""

    def __init__(self, words: tuple[str, ...]):
        super().__init__()
        self.words = words

    def __torch_function__(self, func: Callable, types: tuple, args: tuple = (),
                           kwargs: dict | None = None) -> object:
        name = getattr(func, "__name__", "")
        if any(word in name for word in self.words):
            raise CheckFailed(f"{name} was called; this task asks you to write that yourself")
        return func(*args, **(kwargs or {}))
