"""Settings of golden cases of the core blocks, in the words of other codes."""

import importlib

import pytest
from golden_blocks import block_for
from golden_cases import GoldenError

from solutions.cbam import CBAM
from solutions.cc import CrissCrossBlock
from solutions.da import ChannelAttention, DAHead
from solutions.eca import ECABlock
from solutions.gc import GCBlock

NonLocalBlock = importlib.import_module("solutions.nonlocal").NonLocalBlock


def rebuilt(module, hyper, mechanism, rename=lambda role: role, **about):
    """The module that a case with these settings, and parameters like these, asks for."""
    shapes = {rename(n): list(p.shape) for n, p in module.named_parameters()}
    buffers = {rename(n): list(b.shape) for n, b in module.named_buffers() if b.ndim}
    case = {"mechanism": mechanism, "hyper": hyper, "params": shapes, "buffers": buffers} | about
    block = block_for(case)
    assert {block.roles[role] for role in shapes} == dict(block.module.named_parameters()).keys()
    return block.module


@pytest.mark.parametrize(
    ("said", "pools"),
    [
        (["avg", "max"], ("avg", "max")),
        (["lp"], ("lp",)),
        ("lse", ("lse",)),
        ("avg,max, lp", ("avg", "max", "lp")),
        ("AvgPool + logsumexp", ("avg", "lse")),
        (["max_pool", "lp_pool"], ("max", "lp")),
    ],
)
def test_pools_of_cbam(said, pools):
    assert rebuilt(CBAM(8, 2), {"pool_types": said}, "cbam").channel.pools == pools


def test_a_pool_of_cbam_that_is_unknown_is_an_error():
    with pytest.raises(GoldenError, match="are not all among avg, max, lp, lse"):
        rebuilt(CBAM(8, 2), {"pool_types": ["avg", "median"]}, "cbam")


@pytest.mark.parametrize(
    ("hyper", "maps", "momentum"),
    [
        ({}, ("max", "avg"), 0.01),
        ({"cat_order": "[mean,max] (paper order)", "bn_momentum": 0.1}, ("avg", "max"), 0.1),
        ({"concat_order": ["max", "mean"]}, ("max", "avg"), 0.01),
    ],
)
def test_maps_of_cbam(hyper, maps, momentum):
    spatial = rebuilt(CBAM(8, 2), hyper, "cbam").spatial
    assert (spatial.maps, spatial.bn.momentum) == (maps, momentum)


@pytest.mark.parametrize("gates", [("channel",), ("spatial",), ("channel", "spatial")])
def test_gates_of_cbam(gates):
    assert rebuilt(CBAM(8, 2, gates=gates), {"channels": 8}, "cbam").gates == gates


def test_order_of_gates_and_other_forms_of_them():
    turned = rebuilt(CBAM(8, 2), {"order": "spatial then channel"}, "cbam")
    assert turned.gates == ("spatial", "channel")
    light = CBAM(8, 2, spatial={"maps": ("avg+max",), "kernel": 3})
    found = rebuilt(light, {"light": True}, "cbam")
    assert (found.channel.pools, found.spatial.maps) == (("avg+max",), ("avg+max",))
    names = {"channel": "ChannelGate", "spatial": "SpatialGate.spatial", "reduce": "mlp.1"}
    names |= {"expand": "mlp.3"}
    released = rebuilt(
        CBAM(8, 2), {}, "cbam", lambda r: ".".join(names.get(word, word) for word in r.split("."))
    )
    assert released.gates == ("channel", "spatial")


@pytest.mark.parametrize(
    ("module", "hyper", "mechanism"),
    [
        (ECABlock(12, 7), {"k_size": 7}, "eca"),
        (ECABlock(12, 5, shared=False), {"channels": 12}, "eca_ns"),
        (ECABlock(12, 5, padding="circular"), {"padding": "Circular"}, "eca"),
    ],
)
def test_settings_of_eca(module, hyper, mechanism):
    found = rebuilt(module, hyper, mechanism)
    assert (found.shared, found.mode) == (module.shared, module.mode)


@pytest.mark.parametrize(
    ("about", "mode"),
    [
        ({"id": "nonlocal.embedded_gaussian_C8"}, "embedded_gaussian"),
        ({"variant": "dot_product_C8_sub"}, "dot_product"),
        ({"source": {"path": "lib/non_local_dot_product.py"}}, "dot_product"),
        ({"variant": "caffe2_softmax_C8"}, "embedded_gaussian"),
        ({}, "embedded_gaussian"),
    ],
)
def test_mode_of_non_local(about, mode):
    assert rebuilt(NonLocalBlock(8), {}, "nonlocal", **about).mode == mode


@pytest.mark.parametrize("mode", ["gaussian", "concatenation"])
def test_mode_of_non_local_is_told_by_its_layers(mode):
    assert rebuilt(NonLocalBlock(8, mode=mode), {"use_scale": True}, "nonlocal").mode == mode


@pytest.mark.parametrize(
    ("hyper", "scale"),
    [
        ({"scale": None}, 1.0),
        ({"use_scale": False}, 1.0),
        ({"use_scale": True}, 0.5),
        ({"scale": "d^-0.5"}, 0.5),
        ({"scale": "inter_channels**(-1/2)"}, 0.5),
        ({"scale": "1/sqrt(d)"}, 0.5),
        ({"scale": "d^0.5"}, 2.0),
        ({"scale": "in_channels^-0.5"}, 8**-0.5),
        ({"scale": 0.3}, 0.3),
    ],
)
def test_scale_of_non_local(hyper, scale):
    assert rebuilt(NonLocalBlock(8), hyper, "nonlocal").scale == pytest.approx(scale)


@pytest.mark.parametrize(
    ("hyper", "about", "pool"),
    [
        ({"sub_sample": False}, {}, None),
        ({"sub_sample": True}, {}, "after"),
        ({"subsample": "max-pool 2x2 BEFORE key/value conv"}, {}, "before"),
        ({"sub_sample": True}, {"source": {"repo": "x/video-nonlocal-net"}}, "before"),
        ({"sub_sample": True}, {"variant": "dot_poolfirst"}, "before"),
        ({"sub_sample": "after"}, {"variant": "poolfirst"}, "after"),
    ],
)
def test_pool_of_non_local(hyper, about, pool):
    assert rebuilt(NonLocalBlock(8), hyper, "nonlocal", **about).sampling == pool


def test_names_of_the_popular_port():
    names = {"query": "theta", "key": "phi.0", "value": "g.0", "out": "W.0", "bn": "W.1"}
    found = rebuilt(
        NonLocalBlock(8), {}, "nonlocal", lambda r: names[r.split(".")[0]] + "." + r.split(".")[1]
    )
    assert found.mode == "embedded_gaussian"


@pytest.mark.parametrize("pooling", ["att", "avg"])
@pytest.mark.parametrize("fusion", ["add", "mul", "both"])
def test_fusion_and_pooling_of_gc(pooling, fusion):
    module = GCBlock(8, 2, pooling=pooling, fusion=fusion)
    words = {"add.reduce": "channel_add_conv.0", "mul.reduce": "channel_mul_conv.0"}
    words |= {"mask": "conv_mask"}

    def released(role):
        layer, _, tensor = role.rpartition(".")
        return f"{words.get(layer, layer)}.{tensor}"

    found = rebuilt(module, {"ratio": 0.5}, "gc", released)
    assert [found.mask is None, found.add is None, found.mul is None] == [
        pooling == "avg", fusion == "mul", fusion == "add"
    ]  # fmt: skip


@pytest.mark.parametrize(("said", "sign"), [(-1, -1), (1, 1), ("softmax(+E)", 1), ("code", -1)])
def test_sign_of_channel_attention(said, sign):
    assert rebuilt(ChannelAttention(8), {"sign": said}, "da_cam").sign == sign
    assert rebuilt(DAHead(32, 3, auxiliary=True), {"sign": said}, "da_head").cam.sign == sign


def test_passes_of_criss_cross_and_dropout_of_the_head():
    once = rebuilt(CrissCrossBlock(8), {}, "cc")
    assert [once.passes, rebuilt(once, {"recurrence": 3}, "cc").passes] == [1, 3]
    head = rebuilt(DAHead(32, 3, auxiliary=True), {"dropout": 0.25}, "da_head")
    assert head.dropout.p == 0.25
