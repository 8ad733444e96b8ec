"""Train one host from several seeds in one program: their weights stacked, one step for all.

`torch.func.vmap` runs the network on stacks (S, ...) of weights, buffers and batches, and one
optimiser moves the stacks, number by number, so each training is the one it would be alone, up to
rounding: each keeps its own images, order and augmentation. A GPU that a small network leaves idle
does more at once. On one thread of a CPU it is slower than one seed after the other
(`python tools/bench_seeds.py` measures both), so runs on a CPU do without.
"""

import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from tqdm.auto import tqdm

from attnlab.profiles import Profile
from attnlab.steps import Augment, Network, batches, stepper, warm_up
from attnlab.train import Fit

Data = tuple[Tensor, Tensor]


def stacked(models: Sequence[nn.Module]) -> tuple[Network, dict[str, Tensor], dict[str, Tensor]]:
    """Modules of one form as one network (S, B, 3, H, W) -> (S, B, classes), and its tensors.

    Returns the network, its stacked parameters (leaves, to be trained) and its stacked buffers.
    """
    values, buffers = stack_module_state(list(models))
    values = {name: value.detach().requires_grad_() for name, value in values.items()}
    form = models[0]

    def one(own: dict[str, Tensor], kept: dict[str, Tensor], images: Tensor) -> Tensor:
        return functional_call(form, (own, kept), (images,))

    return lambda images: vmap(one)(values, buffers, images), values, buffers


def fit_together(
    models: Sequence[nn.Module], data: Sequence[Data], profile: Profile, seeds: Sequence[int],
    device: str = "cpu", progress: bool = False, augment: Augment | None = None,
) -> list[Fit]:  # fmt: skip
    """Train each model in place on its images and labels, all at once; see `attnlab.train.fit`.

    All trainings have the same number of images. Each `Fit` has its own curve and an even share
    of the seconds. Raises ValueError when models, data and seeds differ in number.
    """
    if not len(models) == len(data) == len(seeds) > 0:
        raise ValueError(
            f"fit_together: expected as many models as data and seeds, got {len(models)} models, "
            f"{len(data)} data and {len(seeds)} seeds"
        )
    for model in models:
        model.to(device).train()
    data = [(images.to(device), labels.to(device)) for images, labels in data]
    network, values, buffers = stacked(models)
    network = torch.compile(network) if profile.compiled else network
    n, count = len(data[0][0]), len(models)
    first = torch.arange(profile.batch, device=device)[:n].expand(count, -1)
    warm = warm_up(network, values | buffers, _gather(data, first), profile)
    step = stepper(network, values.values(), profile, profile.epochs * -(-n // profile.batch))
    orders = [torch.Generator().manual_seed(seed) for seed in seeds]
    start, cpu_start, curves = time.perf_counter(), time.process_time(), []
    for _ in tqdm(range(profile.epochs), "epochs", disable=not progress):
        rows = torch.stack([torch.randperm(n, generator=order) for order in orders]).to(device)
        parts = []
        for part in batches(torch.arange(n, device=device), profile.batch):
            images, labels = _gather(data, rows[:, part])
            if augment:
                pairs = zip(images, orders, strict=True)
                images = torch.stack([augment(own, order) for own, order in pairs])
            parts.append(step(images, labels))
        curves.append(torch.stack(parts).mean(0).tolist())
    spent = time.perf_counter() - start, time.process_time() - cpu_start, warm
    _unstack(models, values | buffers)
    shares = [each / count for each in spent]
    return [Fit(tuple(curve), *shares) for curve in zip(*curves, strict=True)]


def _gather(data: Sequence[Data], rows: Tensor) -> Data:
    """Row numbers (S, B) of S trainings -> images (S, B, 3, H, W) and labels (S, B)."""
    parts = [(images[r], labels[r]) for (images, labels), r in zip(data, rows, strict=True)]
    images, labels = zip(*parts, strict=True)
    return torch.stack(images), torch.stack(labels)


@torch.no_grad()
def _unstack(models: Sequence[nn.Module], state: dict[str, Tensor]) -> None:
    for number, model in enumerate(models):
        model.load_state_dict({name: value[number] for name, value in state.items()})
        model.eval()
