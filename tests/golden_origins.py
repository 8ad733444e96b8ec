"""Golden cases of mha, bahdanau, sat, ram, racnn and itti to blocks of `solutions/`."""

from golden_cases import Block, GoldenError
from golden_pairzoo import same
from golden_spellings import function, option

from solutions.bahdanau import AdditiveAttention
from solutions.itti import Port
from solutions.mha import MultiHeadAttention
from solutions.racnn import AttentionCrop, RankLoss
from solutions.ram import Core, GlimpseNetwork, Locator, glimpse
from solutions.sat import SoftAttention


def mha(case: dict) -> Block:
    params = case["params"]
    width = params["out.weight"][0]
    module = MultiHeadAttention(width, case["hyper"]["heads"], bias="out.bias" in params)

    def run(block, inputs):
        q, k, v = inputs.values()
        return {"y": block(q, k, v), "att": block.attention(q, k)}

    return Block(module, same(case), run)


def bahdanau(case: dict) -> Block:
    params = case["params"]
    (hidden, key), query = params["key.weight"], params["query.weight"][1]

    def run(block, inputs):
        q, k, v, valid = (inputs.get(name) for name in ("q", "k", "v", "valid"))
        return {"y": block(q, k, v, valid), "att": block.attention(q, k, valid)}

    return Block(AdditiveAttention(query, key, hidden), same(case), run)


def sat_soft(case: dict) -> Block:
    params = case["params"]
    (hidden, region), state = params["region.weight"], params["state.weight"][1]
    act = function(option(case["hyper"], "act", "tanh"))

    def run(block, inputs):
        return {"y": block(*inputs.values()), "alpha": block.attention(*inputs.values())}

    return Block(SoftAttention(region, state, hidden, act), same(case), run)


def ram(case: dict) -> Block:
    """The glimpse network, the core, or the policy: what the case's layers are."""
    params, hyper = case["params"], case["hyper"]
    if "what1.weight" in params:
        return _glimpse(case)
    if "input.weight" in params:
        hidden, size = params["input.weight"]
        return Block(Core(size, hidden), same(case))
    size = params.get("hidden.weight", params["mean.weight"])[1]
    hidden = params["hidden.weight"][0] if "hidden.weight" in params else None

    def run(block, inputs):
        h, place = inputs.values()
        return {"y": block.log_probability(h, place)[:, None], "mu": block.centre(h)}

    return Block(Locator(size, hyper["std"], hidden), same(case), run)


def _glimpse(case: dict) -> Block:
    hyper, params = case["hyper"], case["params"]
    sizes = hyper["patch"], hyper["num_patches"], hyper["scale"]
    module = GlimpseNetwork(
        hyper.get("channels", 1), *sizes, params["what1.weight"][0], params["where1.weight"][0]
    )

    def run(block, inputs):
        return {"y": block(*inputs.values()), "phi": glimpse(*inputs.values(), *sizes)}

    return Block(module, same(case), run)


def racnn(case: dict) -> Block:
    hyper = case["hyper"]
    if "margin" in hyper:
        return Block(RankLoss(hyper["margin"]), {})
    if "out_size" not in hyper:
        raise GoldenError(f"{case['id']}: neither a crop nor a rank loss")
    return Block(AttentionCrop(hyper["out_size"], k=hyper.get("k", 10.0)), {})


def itti(case: dict) -> Block:
    return Block(Port(), {}, lambda block, inputs: block(*inputs.values()))
