"""Where pushed weights go: decided from names and shapes, before any output is seen."""

from contextlib import suppress
from itertools import product

from torch import Tensor

from attnlab.check.outcomes import CheckFailed
from attnlab.check.probe import BlockProbe

Shape = tuple[int, ...]


class NoPlace(CheckFailed):
    """The weights of the reference have no unambiguous place in the student's block."""


def push(
    block: BlockProbe, weights: dict[str, Tensor], buffers: dict[str, Tensor]
) -> dict[str, str]:
    """Pushes weights and running statistics by role; returns the block's own name of each role.

    Statistics that find no place are left out: the comparisons show what comes of it.
    """
    own = _shapes(block.parameters())
    names = place(_shapes(weights), own)
    given = {names[role]: w.reshape(own[names[role]]) for role, w in weights.items()}
    with suppress(NoPlace):
        theirs = place_buffers(_shapes(buffers), _shapes(block.buffers()), names)
        given |= {theirs[role]: value for role, value in buffers.items()}
        names |= theirs
    block.push(given)
    return names


def _shapes(tensors: dict[str, Tensor]) -> dict[str, Shape]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def place(roles: dict[str, Shape], own: dict[str, Shape]) -> dict[str, str]:
    """The student's parameter name for each role: {"reduce.weight": "fc.0.weight", ...}.

    A Linear weight (out, in) also fits a 1x1 convolution (out, in, 1, 1). First parameters that
    bear the role's name, then the shapes that fit one role only, then the bias beside a weight
    already placed; what still ties is taken in order of definition. What fits nowhere so is placed
    by its sizes without those of 1: a kernel (1, 1, k) in a parameter (k). Raises NoPlace.
    """
    if len(roles) != len(own):
        raise NoPlace(_message(roles, own, "the number of parameters differs"))
    placed: dict[str, str] = {}
    for fit, rule in product((fits, alike), (_named, _only, _beside, _in_order)):
        for role in roles:
            if role not in placed:
                free = [n for n in own if n not in placed.values() and fit(roles[role], own[n])]
                rivals = [r for r in roles if r not in placed and roles[r] == roles[role]]
                found = rule(role, free, rivals, placed)
                if found:
                    placed[role] = found
    lost = [role for role in roles if role not in placed]
    if lost:
        raise NoPlace(_message(roles, own, f"nothing fits {lost[0]} {roles[lost[0]]}"))
    return placed


def place_buffers(
    roles: dict[str, Shape], own: dict[str, Shape], names: dict[str, str]
) -> dict[str, str]:
    """The student's buffer for each of the reference's, such as a BatchNorm's running mean.

    names: where the parameters went. The buffer of that name, else the one beside a parameter of
    the same layer, else the next of that kind and shape. Raises NoPlace.
    """
    placed = dict(names)
    for role, shape in roles.items():
        leaf = role.rpartition(".")[2]
        free = [n for n in own if n not in placed.values() and own[n] == shape]
        kind = [n for n in free if n.rpartition(".")[2] == leaf]
        found = _named(role, kind, [], placed) or _beside(role, kind, [], placed)
        if not (found or kind):
            raise NoPlace(_message(roles, own, f"nothing fits the buffer {role} {shape}"))
        placed[role] = found or kind[0]
    return {role: placed[role] for role in roles}


def fits(role: Shape, own: Shape) -> bool:
    """Equal, but for ones at the end: (out, in) fits (out, in, 1, 1)."""
    shorter, longer = sorted((role, own), key=len)
    return (
        longer[: len(shorter)] == shorter
        and set(longer[len(shorter) :]) <= {1}
        and (len(shorter) > 1 or len(longer) == 1)
    )


def alike(role: Shape, own: Shape) -> bool:
    """Equal when axes of length 1 are left out."""
    return [n for n in role if n != 1] == [n for n in own if n != 1]


def _named(role: str, free: list[str], rivals: list[str], placed: dict[str, str]) -> str | None:
    return next((name for name in free if f".{name}".endswith(f".{role}")), None)


def _only(role: str, free: list[str], rivals: list[str], placed: dict[str, str]) -> str | None:
    return free[0] if len(free) == len(rivals) == 1 else None


def _beside(role: str, free: list[str], rivals: list[str], placed: dict[str, str]) -> str | None:
    layer, _, leaf = role.rpartition(".")
    for other, name in placed.items():
        if other.rpartition(".")[0] == layer:
            neighbour = f"{name.rpartition('.')[0]}.{leaf}"
            if neighbour in free:
                return neighbour
    return None


def _in_order(role: str, free: list[str], rivals: list[str], placed: dict[str, str]) -> str | None:
    return free[0] if free and len(free) == len(rivals) else None


def _message(roles: dict[str, Shape], own: dict[str, Shape], why: str) -> str:
    layers = dict.fromkeys(role.rpartition(".")[0] or role for role in roles)
    return (
        f"the given weights have no place in your block: {why}.\n"
        f"  expected: {listed(roles)}\n"
        f"  yours:    {listed(own)}\n"
        f"  Give yours these shapes (axes of length 1 do not count: a Linear may be a 1x1 Conv2d) "
        f"and name them {' and '.join(layers)}."
    )


def listed(shapes: dict[str, Shape]) -> str:
    """Names and shapes in one line."""
    return ", ".join(f"{name} {tuple(shape)}" for name, shape in shapes.items()) or "none"
