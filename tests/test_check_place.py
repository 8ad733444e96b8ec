"""Where pushed weights go: by names and shapes alone."""

import pytest

from attnlab.check.weights import NoPlace, alike, fits, place

ROLES = {"reduce.weight": (4, 8), "expand.weight": (8, 4)}
BIASED = {
    "reduce.weight": (4, 8),
    "reduce.bias": (4,),
    "expand.weight": (8, 4),
    "expand.bias": (8,),
}
SQUARE = {
    "reduce.weight": (6, 6),
    "reduce.bias": (6,),
    "expand.weight": (6, 6),
    "expand.bias": (6,),
}


def test_the_role_names_themselves():
    assert place(ROLES, {"expand.weight": (8, 4), "reduce.weight": (4, 8)}) == {r: r for r in ROLES}


def test_free_names_and_1x1_convolutions_in_any_order():
    own = {"net.3.weight": (8, 4, 1, 1), "net.1.weight": (4, 8, 1, 1)}
    assert place(ROLES, own) == {"reduce.weight": "net.1.weight", "expand.weight": "net.3.weight"}


def test_equal_shapes_go_in_order_of_definition():
    own = {"a.weight": (6, 6), "a.bias": (6,), "b.weight": (6, 6), "b.bias": (6,)}
    assert list(place(SQUARE, own).values()) == ["a.weight", "a.bias", "b.weight", "b.bias"]


def test_a_name_beats_the_order_and_takes_its_bias_along():
    own = {"mlp.expand.weight": (6, 6), "mlp.expand.bias": (6,), "z.bias": (6,), "z.weight": (6, 6)}
    assert place(SQUARE, own) == {
        "expand.weight": "mlp.expand.weight",
        "expand.bias": "mlp.expand.bias",
        "reduce.weight": "z.weight",
        "reduce.bias": "z.bias",
    }


def test_a_bias_stays_beside_its_weight():
    own = {"up.weight": (8, 8), "up.bias": (8,), "down.weight": (8, 4), "down.bias": (8,)}
    roles = {"one.weight": (8, 4), "one.bias": (8,), "two.weight": (8, 8), "two.bias": (8,)}
    assert place(roles, own)["one.bias"] == "down.bias"


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"fc.weight": (8, 8)}, "the number of parameters differs"),
        ({"a.weight": (8, 4), "b.weight": (8, 4)}, r"nothing fits reduce.weight \(4, 8\)"),
        ({"a.weight": (4, 8, 3, 3), "b.weight": (8, 4)}, "nothing fits reduce.weight"),
    ],
)
def test_no_place_says_what_to_rename(own, why):
    with pytest.raises(NoPlace, match=why) as caught:
        place(ROLES, own)
    assert "name them reduce and expand" in str(caught.value)


def test_a_bias_fits_no_weight_of_one_row():
    assert fits((1, 8), (1, 8, 1, 1))
    assert not fits((8,), (8, 1))
    assert not fits((8, 1), (8,))


KERNEL = {"conv.weight": (1, 1, 5)}


@pytest.mark.parametrize("shape", [(5,), (1, 5), (5, 1), (1, 1, 5, 1), (1, 1, 1, 5)], ids=str)
def test_a_kernel_goes_wherever_its_length_is(shape):
    assert place(KERNEL, {"taps": shape}) == {"conv.weight": "taps"}


def test_axes_of_length_1_are_left_out_only_where_nothing_fits_with_them():
    roles = {"reduce.weight": (1, 8), "expand.weight": (8, 1)}
    own = {"up.weight": (8, 1), "down.weight": (1, 8)}
    assert place(roles, own) == {"reduce.weight": "down.weight", "expand.weight": "up.weight"}
    assert alike((7, 1, 5), (7, 5))
    assert not alike((7, 5), (5, 7))


def test_a_weight_without_a_layer_is_named_itself():
    with pytest.raises(NoPlace, match=r"nothing fits weight \(7, 5\)") as caught:
        place({"weight": (7, 5)}, {"taps": (5, 7)})
    assert str(caught.value).endswith("name them weight.")


def test_a_norm_over_a_map_of_one_place_takes_the_weights_of_a_norm_of_numbers():
    roles = {"reduce.weight": (4, 8), "reduce.bias": (4,), "ln.weight": (4,), "ln.bias": (4,)}
    own = {"0.weight": (4, 8, 1, 1), "0.bias": (4,), "1.weight": (4, 1, 1), "1.bias": (4, 1, 1)}
    assert list(place(roles, own).values()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
