"""After training: does the block, at its trained weights, compute what the reference computes?

The host around the block is ours, with the student's trained weights. The reference stands in its
slots and gets the block's trained weights, placed by names and shapes. What arrives at each slot
when this host looks at new images, and its negative, goes to the student's own block, which must
answer as the reference does. That refuses a block that does nothing, and every mistake, however
well it trains.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.check import diagnosis
from attnlab.check.bench import Bench
from attnlab.check.compare import difference, same
from attnlab.check.outcomes import CheckFailed
from attnlab.check.probe import BlockProbe, written
from attnlab.check.weights import NoPlace, place, place_buffers

State = dict[str, Tensor]


def compare_trained(
    bench: Bench, reference: Callable[..., nn.Module], recipe: dict, state: State, images: Tensor
) -> None:
    """Raises CheckFailed unless every trained block of bench.probe equals the reference.

    bench: of the block itself, to name a mistake with. state: of the trained host, by the names
    that the student's block gives its tensors. images: (N, 3, H, W) whose activations at the slots
    the blocks are compared on, in float64.
    """
    from attnlab.train import recipe_host

    host = recipe_host(recipe, reference).double().eval()
    _load_host(host, state)
    blocks, called = {}, {}
    for slot, channels in host.slots().items():
        called[slot] = f"{bench.probe.name}({written((channels,), recipe['config'])})"
        blocks[slot] = bench.probe.build(channels, **recipe["config"])
        try:
            _share(blocks[slot], host.get_submodule(slot), _part(state, slot))
        except NoPlace as error:
            cause = bench.signed()
            words = f"{called[slot]}, after training: {error}"
            raise CheckFailed(words + diagnosis.explained(bench.cases, cause), cause) from None
    for slot, x in _arriving(host, images).items():
        _compare(bench, blocks[slot], called[slot], x, host.get_submodule(slot))


def _compare(bench: Bench, block: BlockProbe, called: str, x: Tensor, reference: nn.Module) -> None:
    """On x and on -x: behind a ReLU nothing is negative, and some mistakes would not show."""
    x = torch.cat([x, -x])
    with torch.no_grad():
        y = reference(x.clone())
    came = block.forward(x)
    if not same(y, came.y):
        text = (
            f"the host with {bench.probe.name} inside answers, but {called} is not what it should "
            f"be: with its trained weights, on what arrives at it in the host, it gives something "
            f"else than those weights should give.\n{difference(y, came.y)}"
        )
        bench.fail("values", text)
    if not same(x, came.inputs_after[0]):
        text = f"{called}, trained, changes its input in place."
        bench.fail("input", f"{text}\n{difference(x, came.inputs_after[0])}")


def _part(state: State, slot: str) -> State:
    """The tensors of one block, by the block's own names."""
    return {n.removeprefix(f"{slot}."): t for n, t in state.items() if n.startswith(f"{slot}.")}


def _load_host(host: nn.Module, state: State) -> None:
    """The host's own weights; those of the blocks are placed, not loaded."""
    blocks = tuple(f"{slot}." for slot in host.slots())
    own = {name: tensor for name, tensor in state.items() if not name.startswith(blocks)}
    wanted = {n: t.shape for n, t in host.state_dict().items() if not n.startswith(blocks)}
    if {name: tensor.shape for name, tensor in own.items()} != wanted:
        raise CheckFailed("what the training gave back is not the state of the host")
    host.load_state_dict(own, strict=False)


def _share(block: BlockProbe, reference: nn.Module, trained: State) -> None:
    """The trained tensors into the student's block and into the reference. Raises NoPlace."""
    own = _shapes(block.parameters())
    buffers = {n: shape for n, shape in _shapes(block.buffers()).items() if n in trained}
    if not own.items() <= _shapes(trained).items():
        raise NoPlace("what the training gave back is not the state of your block")
    kept = reference.state_dict()
    roles = _shapes(dict(reference.named_parameters()))
    floats = {name: t for name, t in kept.items() if t.is_floating_point()}
    running = {name: shape for name, shape in _shapes(floats).items() if name not in roles}
    names = place(roles, own)
    names |= place_buffers(running, buffers, names)
    placed = {role: trained[name].reshape(kept[role].shape) for role, name in names.items()}
    reference.load_state_dict(placed, strict=False)
    every = {name: trained[name] for name in (*own, *buffers)}
    block.push({n: t.double() if t.is_floating_point() else t for n, t in every.items()})


def _shapes(tensors: State) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _arriving(host: nn.Module, images: Tensor) -> dict[str, Tensor]:
    """What arrives at each slot, in float64."""
    seen: dict[str, Tensor] = {}
    for slot in host.slots():

        def keep(_module: nn.Module, given: tuple, slot: str = slot) -> None:
            seen[slot] = given[0].clone()

        host.get_submodule(slot).register_forward_pre_hook(keep)
    with torch.no_grad():
        host(images.double())
    return seen
