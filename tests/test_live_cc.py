"""The live figure of criss-cross attention computes what the block computes."""

import pytest
import torch
from live_figures import computed

from solutions.cc import cross_weights, reach

ROWS, COLUMNS = 5, 7


def dense(q, k):
    """The N x N weights of one image, zero off the cross, from the weights of the exercise."""
    height, width = q.shape[2:]
    a = cross_weights(q, k)[0]
    full = torch.zeros(height, width, height, width, dtype=q.dtype)
    for i in range(height):
        for j in range(width):
            full[i, j, :, j] += a[i, j, :height]
            full[i, j, i] += a[i, j, height:]
    return full.view(height * width, -1)


def close(found, expected):
    found = torch.tensor(found, dtype=torch.float64)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_one_pass_and_two_have_the_weights_of_the_block():
    q, k = torch.randn(2, 1, 3, 4, 6, dtype=torch.float64)
    vectors = [t[0].flatten(1).T.tolist() for t in (q, k)]
    once = dense(q, k)
    found = computed("cc-live.js", "crissCross", *vectors, 6)
    close(found, once)
    close(computed("cc-live.js", "spread", found), once @ once)


def test_without_the_mask_the_centre_counts_twice():
    q, k = torch.zeros(2, 1, 1, 3, 4, dtype=torch.float64)
    vectors = [t[0].flatten(1).T.tolist() for t in (q, k)]
    found = torch.tensor(computed("cc-live.js", "crissCross", *vectors, 4, True))
    torch.testing.assert_close(found.diagonal(), torch.full((12,), 2 / 7))


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("position", [0, 9, 34])
def test_the_figure_shows_the_reach_of_the_exercise(passes, position):
    view = computed("cc-live.js", "ccView", position, passes, False)
    expected = reach(ROWS, COLUMNS, *divmod(position, COLUMNS), passes).flatten()
    assert (torch.tensor(view["weights"]) > 0).tolist() == expected.tolist()
    assert view["reached"] == expected.sum()
    assert abs(sum(view["weights"]) - 1) < 1e-9
