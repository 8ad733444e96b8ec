"""The student's names in a test cell, and the probes by which `check(...)` asks them."""

from torch import Size, Tensor

from attnlab.check.outcomes import CouldNotRun
from attnlab.check.probe import Data, Forward, Gradient, Value
from autograder.proxies import RemoteObject
from autograder.session import Session
from autograder.wire import Handle


class RemoteName(RemoteObject):
    # A function or class that the student's notebook defines.
    __doc__ = RemoteObject.__dict__["__doc__"]  # the student's; a class would bring None

    def __probe__(self) -> "RemoteProbe":
        return RemoteProbe(self._session, self._name)


class RemoteProbe:
    """attnlab.check.probe.Probe over the wire; the student process runs a LocalProbe."""

    def __init__(self, session: Session, name: str):
        self._session, self.name = session, name

    def call(self, *args: Value, **kwargs: Value) -> Value:
        return self._ask("call", args, kwargs)

    def build(self, *args: Value, **config: Value) -> "RemoteBlockProbe":
        return RemoteBlockProbe(self._session, self.name, self._ask("build", args, config))

    def train(self, recipe: dict, data: Data | None = None) -> dict[str, Tensor]:
        """Trains in the student process; the state comes back as raw tensors.

        data: images and labels that go over the wire, so that the process opens no file for them.
        """
        return tensors(self._ask("train", (recipe, data), {}), self.name)

    def predict(self, recipe: dict, state: dict[str, Tensor], images: Tensor) -> Tensor:
        """Logits from a fresh process that has the student's source and `state`, nothing else."""
        self.renew()
        logits = tensor(self._ask("predict", (recipe, state, images), {}), self.name)
        if logits.dim() not in (2, 4) or len(logits) != len(images):  # or it would broadcast
            raise CouldNotRun("died", f"{self.name} answered {len(images)} images with logits of "
                              f"shape {tuple(logits.shape)}")
        return logits

    def renew(self) -> None:
        """A new process takes over, which has the student's source and no memory of questions."""
        self._session.renew()

    def costs(self, recipe: dict) -> dict[str, int]:
        """As the student process counts them. Raises CouldNotRun for anything but counts."""
        found = self._ask("costs", (recipe,), {})
        counts = found.values() if type(found) is dict else [None]
        if "multiply_adds" not in found or any(type(n) is not int or n < 0 for n in counts):
            raise CouldNotRun("died", f"{self.name} gave no counts")
        return found

    def _ask(self, method: str, args: tuple, kwargs: dict) -> object:
        request = {"do": "probe", "name": self.name, "method": method,
                   "args": args, "kwargs": kwargs}
        return self._session.step(request, self.name)


class RemoteBlockProbe:
    """attnlab.check.probe.BlockProbe over the wire."""

    def __init__(self, session: Session, name: str, handle: object):
        if type(handle) is not Handle:
            raise CouldNotRun("died", f"{name} built nothing that can be asked")
        self._session, self._name, self._handle = session, name, handle
        self._generation = session.generation
        self._shapes: dict[str, Size] = {}

    def parameters(self) -> dict[str, Tensor]:
        found = tensors(self._ask("parameters"), self._name)
        self._shapes = {name: value.shape for name, value in found.items()}
        return found

    def buffers(self) -> dict[str, Tensor]:
        return tensors(self._ask("buffers"), self._name)

    def push(self, given: dict[str, Tensor]) -> None:
        self._ask("push", given)

    def forward(self, *inputs: Tensor, train: bool = False) -> Forward:
        found = fields(self._ask("forward", *inputs, train=train), Forward, self._name)
        after = found["inputs_after"]
        if type(after) is not tuple or len(after) != len(inputs):
            raise CouldNotRun("died", f"{self._name} gave no answer")
        return Forward(tensor(found["y"], self._name),
                       tuple(tensor(x, self._name) for x in after))

    def gradient(self, *inputs: Tensor, cotangent: Tensor, train: bool = False) -> Gradient:
        reply = self._ask("gradient", *inputs, cotangent=cotangent, train=train)
        found = fields(reply, Gradient, self._name)
        given, parameters = found["inputs"], found["parameters"]
        if type(given) is not tuple or type(parameters) is not dict:
            raise CouldNotRun("died", f"{self._name} gave no answer")
        shapes = [x.shape for x in inputs] + [*self._shapes.values()]
        grads = [*given, *(parameters.get(name) for name in self._shapes)]
        if [len(given), {*parameters}] != [len(inputs), {*self._shapes} or {*parameters}] or any(
                grad is not None and tensor(grad, self._name).shape != shape
                for grad, shape in zip(grads, shapes, strict=True)):
            raise CouldNotRun("died", f"{self._name} gave gradients of other shapes than what they "
                              f"belong to")
        return Gradient(tensor(found["y"], self._name),
                        tuple(_optional(x, self._name) for x in given),
                        {key: _optional(x, self._name) for key, x in parameters.items()})

    def _ask(self, method: str, *args: object, **kwargs: object) -> object:
        if self._generation != self._session.generation:
            raise CouldNotRun("died", f"the block was lost with the process that {self._name} "
                              f"built it in")
        return self._session.step({"do": "block", "target": self._handle, "method": method,
                                   "args": args, "kwargs": kwargs}, self._name)


def fields(reply: object, form: type, name: str) -> dict:
    """A reply with exactly the fields of `form`. Raises CouldNotRun."""
    if type(reply) is not dict or set(reply) != set(form._fields):
        raise CouldNotRun("died", f"{name} gave no answer")
    return reply


def tensor(value: object, name: str) -> Tensor:
    """A plain tensor. Raises CouldNotRun for anything else."""
    if type(value) is not Tensor:
        raise CouldNotRun("died", f"{name} answered without a tensor")
    return value


def tensors(value: object, name: str) -> dict[str, Tensor]:
    """Plain tensors by name. Raises CouldNotRun for anything else."""
    if type(value) is not dict:
        raise CouldNotRun("died", f"{name} answered without tensors")
    return {key: tensor(entry, name) for key, entry in value.items()}


def _optional(value: object, name: str) -> Tensor | None:
    return None if value is None else tensor(value, name)
