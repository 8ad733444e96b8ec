"""The steps of a training: AdamW with a one-cycle learning rate (Smith and Topin, 2019).

Or, for what was claimed of Adam (AdamW without decay), with a constant one.

Its memory of squared gradients is short (0.95): with it *rule* is learned from every seed we tried
and not only from most.
"""

import time
from collections.abc import Callable, Iterable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.profiles import Profile

Augment = Callable[[Tensor, torch.Generator], Tensor]
Network = Callable[[Tensor], Tensor]


def epochs(
    network: Network, values: Iterable[Tensor], data: tuple[Tensor, Tensor], profile: Profile,
    seed: int, augment: Augment | None = None,
) -> Iterator[float]:  # fmt: skip
    """Train for an epoch of `profile` and give its mean loss, then for the next one."""
    images, labels = data
    step = stepper(network, values, profile, profile.epochs * -(-len(images) // profile.batch))
    order = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for _ in range(profile.epochs):
            rows = torch.randperm(len(images), generator=order).to(images.device)
            losses = [
                step(augment(images[r], order) if augment else images[r], labels[r])
                for r in batches(rows, profile.batch)
            ]
            yield torch.stack(losses).mean().item()


def stepper(
    network: Network, values: Iterable[Tensor], profile: Profile, steps: int
) -> Callable[[Tensor, Tensor], Tensor]:
    """The step of the loop: it takes images and labels, moves `values`, returns the loss.

    `network` maps images to logits; `steps` is the length of the training, for the schedule of
    the learning rate. Logits with an axis more than labels need, (S, B, classes), are of S
    trainings at once: then S losses are returned, and each training goes its own way.
    """
    optimiser = torch.optim.AdamW(
        values, profile.rate, betas=(0.9, profile.memory), weight_decay=profile.decay, fused=True
    )
    schedule = _schedule(optimiser, profile, steps)

    def step(images: Tensor, labels: Tensor) -> Tensor:
        loss = losses(network, images, labels, profile)
        optimiser.zero_grad(set_to_none=True)
        loss.sum().backward()
        optimiser.step()
        schedule.step()
        return loss.detach()

    return step


def _schedule(
    optimiser: torch.optim.Optimizer, profile: Profile, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    if profile.constant:
        return torch.optim.lr_scheduler.ConstantLR(optimiser, factor=1)
    return torch.optim.lr_scheduler.OneCycleLR(
        optimiser, profile.rate, total_steps=steps, pct_start=profile.warmup,
        div_factor=5, cycle_momentum=False,
    )  # fmt: skip


def losses(network: Network, images: Tensor, labels: Tensor, profile: Profile) -> Tensor:
    """The loss on a batch (B, 3, H, W), or the S losses on S batches (S, B, 3, H, W).

    Of a batch, the losses of blocks that bring one are added. Several trainings at once have none.
    """
    with torch.autocast(images.device.type, torch.bfloat16, enabled=profile.bfloat16):
        answers = network(images)
        if images.ndim == 4:
            loss = F.cross_entropy(answers, labels, label_smoothing=profile.smoothing)
            return loss + sum(part.extra_loss(labels) for part in supervised(network))
        pairs = zip(answers, labels, strict=True)
        return torch.stack(
            [F.cross_entropy(a, b, label_smoothing=profile.smoothing) for a, b in pairs]
        )


def supervised(network: Network) -> list[nn.Module]:
    """The blocks inside a network that bring a loss of their own, `extra_loss(labels)`."""
    parts = network.modules() if isinstance(network, nn.Module) else ()
    return [part for part in parts if hasattr(part, "extra_loss")]


def warm_up(
    network: Network, state: dict[str, Tensor], batch: tuple[Tensor, Tensor], profile: Profile
) -> float:
    """Seconds of compiling and of three steps, where these cost more than later ones.

    `state` holds the tensors that a step changes; they are left as they were.
    """
    images, labels = batch
    if not (profile.compiled or images.is_cuda):
        return 0.0
    start, before = time.perf_counter(), {name: value.clone() for name, value in state.items()}
    for _ in range(3):
        losses(network, images, labels, profile).sum().backward()
    for name, value in state.items():
        value.detach().copy_(before[name])
        value.grad = None
    if images.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def batches(rows: Tensor, batch: int) -> list[Tensor]:
    """Row numbers in parts, none of a single image, for which BatchNorm has no variance."""
    parts = list(rows.split(batch))
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts
