"""The question bench: the picture, the scene and the label say the same, and nothing else helps."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.host import Host
from attnlab.questions import (
    COLOURS,
    QUESTIONS,
    SOLID,
    TEXTURES,
    UnknownQuestion,
    draw,
    gap,
    side,
)

NAMES = sorted(name for name in QUESTIONS if not QUESTIONS[name].dense)
SEEDS = st.integers(0, 2**32)
SIZES = st.integers(12, 70)


def things(batch, image):
    """The things of one image: (role, texture name, colour name, top, left)."""
    scene = batch.scene
    return [
        (role, TEXTURES[t], COLOURS[c], int(y), int(x))
        for role, t, c, y, x in zip(
            scene.roles, scene.texture[image], scene.colour[image], scene.top[image],
            scene.left[image], strict=True,
        )
    ]  # fmt: skip


def answer(question, seen):
    """The label, worked out by a reader of the question's sentence."""
    objects = [thing for thing in seen if thing[0] == "object"]
    cue = next((thing for thing in seen if thing[0] == "cue"), None)
    textures = [TEXTURES.index(thing[1]) for thing in objects]
    if question == "local":
        return textures[0]
    if question == "rule":
        return (textures[0] + COLOURS.index(cue[2])) % 4
    if question == "same":
        return int(textures[0] == textures[1])
    if question == "beside":
        near = min(objects, key=lambda thing: steps(thing, cue))
        return TEXTURES.index(near[1])
    column = {"key": 2, "row": 3}[question]
    (match,) = [thing for thing in objects if thing[column] == cue[column]]
    return TEXTURES.index(match[1])


def steps(thing, cue):
    """From a thing to the cue in pixels, along rows and columns."""
    return abs(thing[3] - cue[3]) + abs(thing[4] - cue[4])


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, size=SIZES)
def test_label_follows_from_the_scene(name, seed, size):
    batch = draw(name, 24, seed, size)
    assert batch.labels.tolist() == [answer(name, things(batch, i)) for i in range(24)]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, size=SIZES)
def test_picture_shows_the_scene(name, seed, size):
    """Every thing has its colour's hue where it is bright, and its texture's symmetry."""
    batch = draw(name, 6, seed, size)
    height = side(size)
    for i in range(6):
        for _, texture, colour, top, left in things(batch, i):
            patch = batch.images[i, :, top : top + height, left : left + height]
            assert patch.shape == (3, height, height), "a thing leaves the image"
            lit = patch.amax(0) > 0.5
            hue = (patch > 0.5).float().sum((1, 2)) > 0
            wanted = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
            wanted |= {"yellow": (1, 1, 0), "white": (1, 1, 1)}
            assert hue.int().tolist() == list(wanted[colour])
            assert texture_of(lit.numpy()) == texture


def texture_of(lit):
    """Name a texture by its symmetries, without the formula that draws it."""
    if lit.all():
        return "solid"
    if (lit == lit[:, :1]).all():
        return "rows"
    if (lit == lit[:1]).all():
        return "columns"
    return "checks" if (lit[:-1] != lit[1:]).all() else "diagonals"


@pytest.mark.parametrize("name", NAMES)
def test_masks_tell_things_from_background(name):
    batch = draw(name, 20, 3)
    masks = batch.masks()
    count = len(batch.scene.roles)
    assert masks.shape == (20, 32, 32)
    pixels = [(masks == k + 1).sum((1, 2)).unique().tolist() for k in range(count)]
    assert pixels == [[side(32) ** 2]] * count, "things overlap or leave the image"
    background = batch.images[(masks == 0)[:, None].expand_as(batch.images)]
    assert (background - 0.5).abs().max() < 0.06, "the background is grey noise"


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, size=SIZES, n=st.integers(0, 50))
def test_balanced_and_in_range(name, seed, size, n):
    batch = draw(name, n, seed, size)
    counts = torch.bincount(batch.labels, minlength=QUESTIONS[name].classes)
    assert counts.max() - counts.min() <= 1
    assert batch.images.shape == (n, 3, size, size)
    assert batch.images.dtype == torch.float32
    assert batch.labels.dtype == torch.int64
    assert n == 0 or (batch.images.min() >= 0 and batch.images.max() <= 1)


@pytest.mark.parametrize("name", NAMES)
def test_seed_decides_every_bit(name):
    first, again, other = draw(name, 30, 7), draw(name, 30, 7), draw(name, 30, 8)
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "local"])
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, size=SIZES)
def test_what_must_be_joined_lies_apart(name, seed, size):
    """The cue (or the first of two) is `gap` pixels clear of every object in one direction."""
    scene = draw(name, 40, seed, size).scene
    clear = [
        np.maximum(
            np.abs(scene.top[:, k] - scene.top[:, 0]), np.abs(scene.left[:, k] - scene.left[:, 0])
        )
        - side(size)
        for k in range(1, len(scene.roles))
    ]
    assert np.min(clear) >= gap(size)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "local"])
def test_cue_lies_on_every_side_of_its_object(name):
    scene = draw(name, 800, 0).scene
    for near, far in ((scene.left[:, 0], scene.left[:, 1]), (scene.top[:, 0], scene.top[:, 1])):
        assert 0.35 < (near > far).mean() < 0.65


def test_bench_host_cannot_see_two_things_at_once():
    assert Host().reach <= gap(32) + 1  # a window of gap + 1 pixels touches one of the two at most


@pytest.mark.parametrize("name", [n for n in NAMES if n != "local"])
def test_no_single_thing_and_no_sum_tells_the_label(name):
    """What each place shows, summed with the best weights, explains nothing of the label."""
    batch = draw(name, 6000, 0)
    scene, labels = batch.scene, batch.labels.numpy()
    kinds = scene.texture * len(COLOURS) + scene.colour
    bag = np.zeros((6000, len(TEXTURES) * len(COLOURS)))
    for k in range(len(scene.roles)):
        np.add.at(bag, (np.arange(6000), kinds[:, k]), 1)
    targets = np.eye(QUESTIONS[name].classes)[labels]
    weights, *_ = np.linalg.lstsq(bag[:3000], targets[:3000], rcond=None)
    left_over = ((bag[3000:] @ weights - targets[3000:]) ** 2).mean() / targets.var(0).mean()
    assert left_over > 0.99


@pytest.mark.parametrize("name", NAMES)
def test_objects_are_textured_and_cues_are_not(name):
    scene = draw(name, 50, 1).scene
    for role, texture in zip(scene.roles, scene.texture.T, strict=True):
        assert ((texture == SOLID) == (role == "cue")).all()


def test_every_pair_of_facts_occurs_in_rule():
    scene = draw("rule", 400, 0).scene
    pairs = set(zip(scene.texture[:, 1].tolist(), scene.colour[:, 0].tolist(), strict=True))
    assert pairs == set(itertools.product(range(4), range(4)))


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, size=SIZES)
def test_one_object_is_beside_the_cue_and_the_other_slantwise(seed, size):
    scene = draw("beside", 40, seed, size).scene
    for i, asked in enumerate(scene.asked):
        away = np.stack([np.abs(a[i] - a[i, 0]) for a in (scene.top, scene.left)])  # (2, things)
        assert away[:, asked].min() < gap(size), "it lies straight across from the cue"
        assert away[:, 3 - asked].min() >= side(size) + gap(size), "it lies far off both ways"


def test_places_alone_tell_nothing_of_which_object_is_beside():
    """Both objects lie as often and as deep in each corner, whatever the cue does."""
    scene = draw("beside", 8000, 0).scene
    rows, asked = np.arange(8000), scene.asked
    for offsets in (scene.top, scene.left):
        near, far = offsets[rows, asked], offsets[rows, 3 - asked]
        shares = [np.bincount(o, minlength=25) / 8000 for o in (near, far)]
        assert np.abs(shares[0] - shares[1]).max() < 0.02


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, size=SIZES)
def test_mark_labels_the_object_of_the_cues_colour(seed, size):
    batch = draw("mark", 12, seed, size)
    assert batch.labels.shape == (12, size, size)
    for i in range(12):
        wanted = torch.zeros(size, size, dtype=torch.int64)
        seen = things(batch, i)
        for role, _, colour, top, left in seen:
            asked = role == "object" and colour == seen[0][2]
            wanted[top : top + side(size), left : left + side(size)] = 1 if asked else 2
        assert torch.equal(batch.labels[i], wanted)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, size=SIZES)
def test_fetch_labels_each_cue_with_the_texture_of_its_match(seed, size):
    batch, height = draw("fetch", 12, seed, size), side(size)
    for i in range(12):
        wanted, seen = torch.zeros(size, size, dtype=torch.int64), things(batch, i)
        textures = {colour: TEXTURES.index(t) for role, t, colour, *_ in seen if role == "object"}
        assert len(textures) == 2, "two objects of different colours"
        for role, texture, colour, top, left in seen:
            label = 1 + TEXTURES.index(texture) if role == "object" else 5 + textures[colour]
            wanted[top : top + height, left : left + height] = label
        assert torch.equal(batch.labels[i], wanted)
        cues, objects = seen[:2], seen[2:]
        for cue, thing in itertools.product(cues, objects):
            steps = abs(cue[3] - thing[3]), abs(cue[4] - thing[4])
            assert max(steps) >= height + gap(size), "an object in the sight of a cue"


def test_what_a_cue_of_fetch_wears_does_not_tell_its_answer():
    batch = draw("fetch", 8000, seed=3)
    scene = batch.scene
    for cue in (0, 1):
        both = np.stack([scene.colour[:, cue], scene.texture[:, 2 + cue]])
        counts = np.zeros((4, 4))
        np.add.at(counts, tuple(both), 1)
        assert np.abs(counts / 8000 - 1 / 16).max() < 0.01


def test_unknown_question_names_the_nearest():
    with pytest.raises(UnknownQuestion, match=r"no question 'rules'; did you mean 'rule'\?"):
        draw("rules", 4, 0)
    with pytest.raises(UnknownQuestion, match="no question 'xyz'; the questions are local, rule"):
        draw("xyz", 4, 0)


def test_impossible_requests_are_named():
    with pytest.raises(ValueError, match="size must be at least 12 pixels, got 11"):
        draw("rule", 4, 0, size=11)
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        draw("rule", -1, 0)
