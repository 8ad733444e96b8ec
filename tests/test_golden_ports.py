"""Cases of ports that no file here holds: every option of released code is understood."""

import hashlib

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from golden_blocks import block_for
from golden_cases import Comparison, GoldenError, read_arrays
from torch import nn


def ported_se(x, p, pool, act, gate, norm=None):
    """SE as two 1x1 convolutions on (B, C, 1, 1), in the manner of the ports."""
    mean, largest = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    z = {"avg": mean, "max": largest, "both": 0.5 * mean + 0.5 * largest}[pool]
    z = F.conv2d(z, p["reduce.weight"], p.get("reduce.bias"))
    z = act(norm(z) if norm else z)
    return x * gate(F.conv2d(z, p["expand.weight"], p.get("expand.bias")))


def write_case(folder, name, hyper, shape, widths, *, bias, dtype=torch.float64, **options):
    """Write one case of the golden form, from `ported_se`; returns its manifest entry."""
    torch.manual_seed(sum(map(ord, name)))
    channels, hidden = widths
    sizes = {"reduce.weight": (hidden, channels, 1, 1), "expand.weight": (channels, hidden, 1, 1)}
    sizes |= {"reduce.bias": (hidden,), "expand.bias": (channels,)} if bias else {}
    norm = options.pop("norm", None)
    module = norm(hidden).to(dtype) if norm else None
    p = {role: torch.randn(size, dtype=dtype, requires_grad=True) for role, size in sizes.items()}
    if module:
        for value in (*module.parameters(), *(b for b in module.buffers() if b.ndim)):
            value.data += 0.3 * torch.rand_like(value)
        p |= {f"bn.{role}": value for role, value in module.named_parameters()}
    x, cot = torch.randn(shape, dtype=dtype), torch.randn(shape, dtype=dtype)
    arrays = {"in.x": x, "cot": cot} | {f"p.{role}": value for role, value in p.items()}
    buffers = {n: b for n, b in (module.named_buffers() if module else ()) if b.ndim}
    arrays |= {f"b.bn.{role}": value.clone() for role, value in buffers.items()}
    for mode in ("eval", "train"):
        leaf = x.clone().requires_grad_()
        y = ported_se(leaf, p, norm=module.train(mode == "train") if module else None, **options)
        gradients = torch.autograd.grad(y, [leaf, *p.values()], cot)
        arrays |= {f"{mode}.y": y, f"{mode}.d.x": gradients[0]}
        arrays |= {f"{mode}.g.{r}": g for r, g in zip(p, gradients[1:], strict=True)}
    arrays |= {f"train.b.bn.{role}": value for role, value in buffers.items()}
    arrays = {key: value.detach().numpy() for key, value in arrays.items()}
    np.savez(folder / f"{name}.npz", **arrays)
    return entry(folder, name, hyper, arrays, 1e-9 if dtype == torch.float64 else 1e-5)


def entry(folder, name, hyper, arrays, tolerance):
    shapes = {key: list(value.shape) for key, value in arrays.items()}

    def under(prefix):
        return {k.removeprefix(prefix): s for k, s in shapes.items() if k.startswith(prefix)}

    return {
        "id": name,
        "mechanism": "se",
        "file": f"{name}.npz",
        "sha256": hashlib.sha256((folder / f"{name}.npz").read_bytes()).hexdigest(),
        "hyper": hyper,
        "inputs": under("in."),
        "params": under("p."),
        "buffers": under("b."),
        "n_params": sum(int(np.prod(s)) for s in under("p.").values()),
        "arrays": sorted(arrays),
        "modes": ["eval", "train"],
        "tolerance": {"rtol": tolerance, "atol": tolerance},
    }


PLAIN_SE = {"bias": False, "pool": "avg", "act": F.relu, "gate": torch.sigmoid}
OTHERS = {
    "max": ({"channels": 12, "reduction": 3, "pool": "max"}, (3, 12, 5, 9), (12, 4),
            PLAIN_SE | {"pool": "max"}),
    "timm": ({"channels": 24, "rd_ratio": 0.25, "rd_divisor": 8, "bias": True, "add_maxpool": True,
              "act_layer": "SiLU", "gate_layer": "hard_sigmoid"}, (2, 24, 7, 3), (24, 8),
             {"bias": True, "pool": "both", "act": F.silu, "gate": F.hardsigmoid}),
    "pools": ({"channels": 8, "reduction": 2, "pool": ["avg", "max"], "act": "nn.GELU"},
              (2, 8, 1, 5), (8, 4), PLAIN_SE | {"pool": "both", "act": F.gelu}),
    "rounded": ({"channels": 20, "reduction": 16, "bias": True}, (1, 20, 4, 4), (20, 8),
                PLAIN_SE | {"bias": True}),
    "norm": ({"channels": 16, "reduction": 4, "norm_layer": "BatchNorm2d", "act": "hard_swish"},
             (4, 16, 6, 7), (16, 4), PLAIN_SE | {"act": F.hardswish, "norm": nn.BatchNorm2d}),
    "single": ({"channels": 16, "reduction": 4, "gate": "tanh"}, (2, 16, 8, 8), (16, 4),
               PLAIN_SE | {"gate": torch.tanh, "dtype": torch.float32}),
    "article": ({"channels": 10, "reduction": 5, "pool": "AdaptiveAvgPool2d(1)",
                 "act": "leaky_relu", "gate": "softmax"}, (2, 10, 3, 3), (10, 2),
                PLAIN_SE | {"act": F.leaky_relu, "gate": lambda z: z.softmax(1)}),
}  # fmt: skip


PARAMS = {"reduce.weight": [4, 16], "expand.weight": [16, 4]}


@pytest.mark.parametrize("name", OTHERS)
def test_options_of_other_ports_are_understood(name, tmp_path):
    hyper, shape, widths, options = OTHERS[name]
    case = write_case(tmp_path, name, hyper, shape, widths, **options)
    assert Comparison(case, read_arrays(tmp_path, case), block_for(case)).run() == []


@pytest.mark.parametrize("pool", ["both", "0.5*(mean+amax)", "avg_max", ["max", "avg"]])
def test_spellings_of_both_pools(pool, tmp_path):
    _, shape, widths, options = OTHERS["pools"]
    hyper = {"channels": 8, "reduction": 2, "pool": pool, "act": "GELU"}
    case = write_case(tmp_path, "pools", hyper, shape, widths, **options)
    assert Comparison(case, read_arrays(tmp_path, case), block_for(case)).run() == []


def test_buffers_after_training_are_compared(tmp_path):
    hyper, shape, widths, options = OTHERS["norm"]
    case = write_case(tmp_path, "norm", hyper | {"bn_momentum": 0.2}, shape, widths, **options)
    found = Comparison(case, read_arrays(tmp_path, case), block_for(case)).run()
    assert [c.split(":")[0] for c in found] == ["train.b.bn.running_mean", "train.b.bn.running_var"]


def test_unknown_spellings_are_errors():
    for hyper in ({"pool": "median"}, {"act": "snake"}, {"gate": "heaviside_gate"}):
        with pytest.raises(GoldenError, match="is spelled"):
            block_for({"mechanism": "se", "params": PARAMS, "buffers": {}, "hyper": hyper})
