"""A block of the student's own design: held to a budget, then to what its host answers.

There is no reference to compare with, so nothing is asked of its numbers. What it costs is taken
from the trained host itself: its state comes back as plain tensors, a fresh host gets them, the
source and the images, and nothing else, and every number in them counts. Multiply-adds are counted
in the process that holds the student's code, which could lie about them (see the capstone's page).
"""

import torch
from torch import Tensor

from attnlab.check.bench import Bench
from attnlab.check.cases import DesignCases
from attnlab.check.known import UnknownCheck, cases_of, did_you_mean
from attnlab.check.laws import alive
from attnlab.check.outcomes import CheckFailed
from attnlab.check.probe import Probe
from attnlab.check.training import MISSING, TRIES, UNGRADED, new_images, share

PARTS = ("numbers", "multiply-adds", "answers")
BYTES = 4  # of one number
LETTERS = 1000  # of all names beyond the plain host's: they could carry numbers too


def check_design(probe: Probe, key: str, cases: DesignCases, parts: tuple[str, ...]) -> str:
    """The words for a design that keeps its budget and answers; else raises CheckFailed.

    A block that does nothing keeps any budget, so it is first asked what `<key>.laws` asks of
    every block: that its output depends on its input, and is not the input itself.
    """
    for part in parts:
        if part not in PARTS:
            raise UnknownCheck(f"no part {part!r} in a check{did_you_mean(part, [*PARTS])}")
    chosen = [part for part in PARTS if part in parts or not parts]
    said = {"numbers": _numbers, "multiply-adds": _multiply_adds, "answers": _answers}
    alive(Bench(probe, cases_of(f"{key}.laws")))
    return "; ".join(said[part](probe, cases) for part in chosen)


def _numbers(probe: Probe, cases: DesignCases) -> str:
    """An untrained state tells as much as a trained one, after one step on a few images."""
    short = cases.recipe | {"epochs": 1}
    images = torch.zeros(2, 3, short["size"], short["size"])
    return _kept_to(probe, cases, probe.train(short, (images, torch.tensor([0, 1]))))


def _kept_to(probe: Probe, cases: DesignCases, state: dict[str, Tensor]) -> str:
    plain = _plain(cases.recipe).state_dict()
    words = sum(len(name) for name in state.keys() - plain.keys())
    if words > LETTERS or not all(tensor.numel() for tensor in state.values()):
        raise CheckFailed(
            f"{probe.name}: the tensors that come back may have names of {LETTERS:,} letters in "
            f"all, and none may be empty; these have {words:,}. Give the layers short names"
        )
    added = _held(state) - _held(plain)
    most = int(cases.numbers * _size(_plain(cases.recipe)))
    if added > most:
        raise CheckFailed(
            f"{probe.name} adds {added:,} numbers to the host's {_size(_plain(cases.recipe)):,} "
            f"parameters; at most {most:,} are allowed, {cases.numbers:.0%}. Parameters count, and "
            f"so do running statistics and every other tensor that the trained host needs"
        )
    return f"{added:,} numbers added, {most:,} allowed"


def _multiply_adds(probe: Probe, cases: DesignCases) -> str:
    from attnlab.costs import count

    size = cases.recipe["size"]
    plain = count(_plain(cases.recipe), (3, size, size)).multiply_adds
    found = probe.costs(cases.recipe)
    added, most = found["multiply_adds"] - plain, int(cases.multiply_adds * plain)
    if added > most:
        raise CheckFailed(
            f"{probe.name} adds {added:,} multiply-adds for an image of {size} x {size} to the "
            f"host's {plain:,}; at most {most:,} are allowed, {cases.multiply_adds:.0%}"
        )
    return f"{added:,} multiply-adds added, {most:,} allowed"


def _answers(probe: Probe, cases: DesignCases) -> str:
    """Up to TRIES trainings; the accuracy is taken from logits, here."""
    from attnlab import cifar10
    from attnlab.train import PHOTOS, recipe_images, sized

    recipe, reached = sized(cases.recipe), []
    photos = recipe["question"] == PHOTOS
    if photos and cifar10.absent():
        return f"{UNGRADED}: {MISSING}. No point is lost"
    floor = recipe.get("floor", cases.floor)
    for attempt in range(TRIES):
        recipe |= {"seed": cases.recipe["seed"] + attempt}
        images, labels = recipe_images(recipe, recipe["train_images"], recipe["seed"])
        state = probe.train(recipe, (images, _renamed(cases, labels)))
        kept = _kept_to(probe, cases, state)
        new, theirs = new_images(recipe, cases)
        reached.append(share(probe.predict(recipe, state, new), _renamed(cases, theirs)))
        if reached[-1] >= floor:
            return f"{reached[-1]:.0%} of {cases.images} new images, {floor:.0%} needed; {kept}"
    raise CheckFailed(
        f"the host with {probe.name} answers {max(reached):.0%} of {cases.images} new images, at "
        f"the best of {TRIES} seeds; expected at least {floor:.0%}. What would an image of this "
        f"question need: that one thing changes what another means, or that it counts where things "
        f"lie?"
    )


def _renamed(cases: DesignCases, labels: Tensor) -> Tensor:
    """The labels under their secret names: nothing learned elsewhere fits them."""
    return torch.tensor(cases.names)[labels] if cases.names else labels


def _plain(recipe: dict) -> torch.nn.Module:
    from attnlab.train import recipe_host

    return recipe_host(recipe, None)


def _size(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _held(state: dict[str, Tensor]) -> int:
    """How many numbers of 32 bits the tensors hold."""
    return sum(t.numel() * t.element_size() for t in state.values()) // BYTES
