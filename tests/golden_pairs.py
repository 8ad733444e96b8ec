"""Golden cases of the mechanisms that compare pairs, to blocks of `solutions/`."""

import re
from fractions import Fraction
from importlib import import_module

from golden_cases import Block, GoldenError
from golden_spellings import option, rename

from solutions.cc import CrissCrossBlock
from solutions.da import ChannelAttention, DAHead, PositionAttention

# The file is named by its key, which is a word of Python.
NonLocalBlock = import_module("solutions.nonlocal").NonLocalBlock

LAYERS = {
    "query": r"query|query_conv|theta|q",
    "key": r"key|key_conv|phi(\.0)?|k",
    "value": r"value|value_conv|g(\.0)?|v",
    "out": r"out|conv_out|w_?z|w(\.0)?",
    "bn": r"bn|norm|w\.1",
    "pair": r"pair|concat_project(\.0)?|w_?f",
}
MODES = {
    "concatenation": "concat",
    "dot_product": r"dot|1/n",
    "embedded_gaussian": "embed|softmax",
    "gaussian": "gauss",
}


def nonlocal_(case: dict) -> Block:
    """NonLocalBlock in any mode, width, scale and place of the pool, with or without norm."""
    roles, shapes = _roles(case)
    if "value.weight" not in shapes:
        raise GoldenError(f"nonlocal: no role of {', '.join(case['params'])} is that of 'value'")
    inner, channels = shapes["value.weight"][:2]
    mode = _mode(case, shapes)
    module = NonLocalBlock(
        channels,
        mode=mode,
        inner=inner,
        scale=_scale(case, inner, channels) if mode == "embedded_gaussian" else None,
        pool=_pool(case),
        norm="bn.weight" in shapes,
        eps=option(case["hyper"], "eps", 1e-5),
        bias="value.bias" in shapes,
    )

    def run(block, inputs):
        (x,) = inputs.values()
        return {"y": block(x), "att": block.attention(x)}

    return Block(module, roles, run)


def cc(case: dict) -> Block:
    roles, shapes = _roles(case)
    inner, channels = shapes["query.weight"][:2]
    passes = option(case["hyper"], "passes", 1)
    return Block(CrissCrossBlock(channels, passes, inner=inner), roles)


def da_pam(case: dict) -> Block:
    roles, shapes = _roles(case)
    inner, channels = shapes["query.weight"][:2]
    return Block(PositionAttention(channels, inner=inner), roles)


def da_cam(case: dict) -> Block:
    return Block(ChannelAttention(0, _sign(case)), _roles(case)[0])


def da_head(case: dict) -> Block:
    """DAHead with its three outputs; without dropout unless the case says how much."""
    roles, shapes = _roles(case)
    inner, channels = shapes["pam_in.conv.weight"][:2]
    module = DAHead(
        channels,
        shapes["cls_sum.weight"][0],
        inner=inner,
        reduction=inner // shapes["pam.query.weight"][0],
        sign=_sign(case),
        auxiliary=True,
        dropout=option(case["hyper"], "dropout", 0.0),
    )

    def run(head, inputs):
        logits = head.branches(*inputs.values())
        return {"y": logits["sum"], "y_pam": logits["pam"], "y_cam": logits["cam"]}

    return Block(module, roles, run)


def _roles(case: dict) -> tuple[dict[str, str], dict[str, list[int]]]:
    """Our name of each role, and the shape of each parameter by our name."""
    roles = {}
    for role in (*case["params"], *case["buffers"]):
        before, dot, tensor = role.rpartition(".")
        factor = tensor in ("gamma", "alpha", "beta", "scale")
        roles[role] = f"{before}{dot}gamma" if factor else rename(role, LAYERS)
    return roles, {roles[role]: shape for role, shape in case["params"].items()}


def _mode(case: dict, shapes: dict) -> str:
    """What the case says first, in its settings, its name or its source; else what it holds."""
    if "pair.weight" in shapes:
        return "concatenation"
    if "query.weight" not in shapes:
        return "gaussian"
    hyper, source = case["hyper"], case.get("source", {})
    said = [option(hyper, "mode"), hyper.get("scale"), case.get("variant"), case.get("id")]
    for text in (*said, source.get("path"), source.get("symbol")):
        for mode, pattern in MODES.items():
            if re.search(pattern, str(text), re.IGNORECASE):
                return mode
    return "embedded_gaussian"


def _scale(case: dict, inner: int, channels: int) -> str | float | None:
    """None, a number, or a power of a width: `d^-0.5`, `inter_channels**-0.5`, `1/sqrt(d)`."""
    given = option(case["hyper"], "scale")
    if given is None or isinstance(given, bool) or given in ("none", "null"):
        return "d^-1/2" if given is True else None
    if isinstance(given, (int, float)):
        return float(given)
    power = re.search(r"(?:\^|\*\*)\s*\(?(-?[\d./]+)", given)
    exponent = float(Fraction(power[1])) if power else -0.5
    width = channels if re.search(r"in_channels|(?<!inter)_?\bC\b", given) else inner
    return width**exponent


def _pool(case: dict) -> str | None:
    given = option(case["hyper"], "subsample")
    if not given or str(given).lower() in ("none", "null", "false", "no"):
        return None
    text = f"{given} {case.get('variant')} {case.get('id')} {case.get('source', {}).get('repo')}"
    before = re.search(r"before|first|video-nonlocal-net", text, re.IGNORECASE)
    return "before" if before and not re.search("after", str(given), re.IGNORECASE) else "after"


def _sign(case: dict) -> int:
    """-1 as in the code, unless the case says that it has the paper's sign."""
    given = option(case["hyper"], "sign", -1)
    if isinstance(given, (int, float)):
        return 1 if given > 0 else -1
    return 1 if re.search(r"^\+|plus|paper|softmax\(\+?e\)", str(given), re.IGNORECASE) else -1
