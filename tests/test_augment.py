"""Flips and shifts: every result is a window of the reflected image, and the seed decides which."""

import pytest
import torch
import torch.nn.functional as F

from attnlab.augment import SHIFT, flip_and_shift


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def windows(image):
    """All flips and shifts of one image (C, H, W), made one by one."""
    height, width = image.shape[1:]
    for flipped in (image, image.flip(2)):
        padded = F.pad(flipped[None], (SHIFT,) * 4, mode="reflect")[0]
        for down in range(2 * SHIFT + 1):
            for right in range(2 * SHIFT + 1):
                yield padded[:, down : down + height, right : right + width]


def test_every_image_is_one_of_its_own_windows():
    images = torch.rand(20, 3, 12, 10)
    changed = flip_and_shift(images, generator())
    found = [
        [k for k, window in enumerate(windows(image)) if torch.equal(window, result)]
        for image, result in zip(images, changed, strict=True)
    ]
    assert all(len(which) == 1 for which in found)
    assert len({which[0] for which in found}) > 10, "all images got nearly the same change"


def test_a_flip_is_a_flip_of_the_same_shift():
    """Flips mirror the image before the shift, so half of the windows are of the mirrored image."""
    images = torch.rand(300, 1, 9, 9)
    changed = flip_and_shift(images, generator(3))
    unflipped = [
        any(torch.equal(w, result) for w in list(windows(image))[: (2 * SHIFT + 1) ** 2])
        for image, result in zip(images, changed, strict=True)
    ]
    assert 0.35 < sum(unflipped) / 300 < 0.65


def test_seed_decides_and_images_stay_as_they_were():
    images = torch.rand(4, 3, 16, 16)
    before = images.clone()
    first, again = flip_and_shift(images, generator(1)), flip_and_shift(images, generator(1))
    assert torch.equal(first, again)
    assert torch.equal(images, before)
    assert not torch.equal(first, flip_and_shift(images, generator(2)))


@pytest.mark.gpu
def test_same_draw_on_the_gpu():
    if not torch.cuda.is_available():
        pytest.skip("not run: no CUDA device")
    images = torch.rand(8, 3, 32, 32)
    there = flip_and_shift(images.cuda(), generator(1)).cpu()
    assert torch.equal(there, flip_and_shift(images, generator(1)))
