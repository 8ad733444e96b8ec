"""Local probes: what crosses, what is reported, what is refused."""

import json

import pytest
import torch
from torch import nn

from attnlab.check import CheckFailed, CouldNotRun, StudentRaised, as_probe


class Scale(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        return x * self.weight[:, None, None]


def test_only_plain_values_cross():
    probe = as_probe(lambda: {"a": [nn.Parameter(torch.ones(2)), 1, None, "b"]}, "values")
    value = probe.call()
    assert type(value["a"][0]) is torch.Tensor
    assert not value["a"][0].requires_grad


@pytest.mark.parametrize("thing", [torch.ones(2).numpy(), object(), {1: 2}, {3}])
def test_anything_else_could_not_run(thing):
    with pytest.raises(CouldNotRun, match="expected a tensor, a number") as caught:
        as_probe(lambda: thing, "thing").call()
    assert caught.value.reason == "not on the wire"


def test_arguments_are_copies():
    x = torch.ones(3)
    as_probe(lambda t: t.mul_(2), "double").call(x)
    assert x.sum() == 3


def test_an_error_names_the_call_the_kind_and_the_line():
    def broken(x):
        return x @ x

    with pytest.raises(StudentRaised, match=r"broken\(tensor\[2, 3\]\) raised RuntimeError") as err:
        as_probe(broken).call(torch.ones(2, 3))
    assert err.value.line == broken.__code__.co_firstlineno + 1
    assert err.value.code == "return x @ x"


def test_leaving_the_interpreter_is_an_error_of_the_students():
    def leaves():
        raise SystemExit(0)

    with pytest.raises(StudentRaised, match="raised SystemExit"):
        as_probe(leaves).call()


def test_the_stub_is_told_from_an_error():
    def stub():
        raise NotImplementedError

    with pytest.raises(CheckFailed, match=r"stub\(\): this part is still to be written"):
        as_probe(stub).call()


def test_out_of_memory_is_no_verdict():
    def greedy():
        raise MemoryError

    with pytest.raises(CouldNotRun, match="ran out of memory"):
        as_probe(greedy).call()


def test_pushed_weights_set_the_dtype_and_give_gradients():
    block = as_probe(Scale).build(channels=2)
    block.push({"weight": torch.tensor([2.0, 3.0], dtype=torch.float64)})
    x = torch.ones(1, 2, 1, 4, dtype=torch.float64)
    y, (grad_x,), grads = block.gradient(x, cotangent=x)
    assert y.dtype == torch.float64
    assert grad_x[0, :, 0, 0].tolist() == [2, 3]
    assert grads["weight"].tolist() == [4, 4]


def test_a_detached_output_has_no_gradients():
    class Detached(Scale):
        def forward(self, x):
            return super().forward(x).detach()

    x = torch.ones(1, 2, 1, 4)
    _, (grad_x,), grads = as_probe(Detached).build(channels=2).gradient(x, cotangent=x)
    assert grad_x is None
    assert grads == {"weight": None}


@pytest.mark.parametrize(
    ("obj", "text"),
    [
        (Scale(2), "pass the class itself"),
        (lambda channels: channels, "gave an object of type int; expected an nn.Module"),
    ],
)
def test_what_is_no_class_of_blocks_is_refused(obj, text):
    with pytest.raises(CheckFailed, match=text):
        as_probe(obj, "Block").build(channels=2)


def test_an_output_that_is_no_tensor_is_refused():
    class Pair(Scale):
        def forward(self, x):
            return x, x

    with pytest.raises(CheckFailed, match="returned an object of type tuple; expected one tensor"):
        as_probe(Pair).build(channels=2).forward(torch.ones(1, 2, 3, 3))


def test_an_object_may_bring_its_own_probe():
    class Remote:
        def __probe__(self):
            return "the probe"

    assert as_probe(Remote()) == "the probe"


def test_a_notebook_shows_the_message_only():
    assert CheckFailed("look here")._render_traceback_() == ["Not yet: look here"]
    assert CouldNotRun("timeout")._render_traceback_() == ["Could not run: timeout"]
    with pytest.raises(ValueError, match="no reason 'tired'"):
        CouldNotRun("tired")


def test_the_line_is_the_students_and_never_one_inside_a_library():
    with pytest.raises(StudentRaised, match=r"loads\('\{'\) raised JSONDecodeError\n"):
        as_probe(json.loads, "loads").call("{")
    with pytest.raises(StudentRaised, match=r"at line \d+ of its cell: `as_probe\(lambda"):
        as_probe(lambda: json.loads("{"), "load").call()
