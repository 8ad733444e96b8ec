"""Wrong versions of the functions of the non-local exercise."""

import torch.nn.functional as F


def shapes_channels(B, C, H, W, inner=None, pool=False):
    d, N = (C // 2 if inner is None else inner), H * W
    L = (H // 2) * (W // 2) if pool else N
    maps = {"theta": (B, d, N), "phi": (B, d, L), "g": (B, d, L)}
    return maps | {"affinity": (B, d, d), "y": (B, d, N), "z": (B, C, H, W)}


def shapes_quarter(B, C, H, W, inner=None, pool=False):
    d, N = (C // 2 if inner is None else inner), H * W
    L = N // 4 if pool else N
    maps = {"theta": (B, d, N), "phi": (B, d, L), "g": (B, d, L)}
    return maps | {"affinity": (B, N, L), "y": (B, d, N), "z": (B, C, H, W)}


def shapes_all_pooled(B, C, H, W, inner=None, pool=False):
    d = C // 2 if inner is None else inner
    L = (H // 2) * (W // 2) if pool else H * W
    maps = {"theta": (B, d, L), "phi": (B, d, L), "g": (B, d, L)}
    return maps | {"affinity": (B, L, L), "y": (B, d, L), "z": (B, C, H, W)}


def shapes_full_width(B, C, H, W, inner=None, pool=False):
    d, N = inner or C, H * W
    L = (H // 2) * (W // 2) if pool else N
    maps = {"theta": (B, d, N), "phi": (B, d, L), "g": (B, d, L)}
    return maps | {"affinity": (B, N, L), "y": (B, d, N), "z": (B, C, H, W)}


def shapes_unpooled(B, C, H, W, inner=None, pool=False):
    d, N = (C // 2 if inner is None else inner), H * W
    maps = {"theta": (B, d, N), "phi": (B, d, N), "g": (B, d, N)}
    return maps | {"affinity": (B, N, N), "y": (B, d, N), "z": (B, C, H, W)}


def gaussian_over_queries(q, k, scale=1.0):
    return (scale * q.mT @ k).softmax(dim=1)


def gaussian_over_batch(q, k, scale=1.0):
    return (scale * q.mT @ k).softmax(dim=0)


def gaussian_no_scale(q, k, scale=1.0):
    return (q.mT @ k).softmax(dim=-1)


def gaussian_bare(q, k, scale=1.0):
    return scale * q.mT @ k


def gaussian_root(q, k, scale=1.0):
    return (scale * q.shape[1] ** -0.5 * q.mT @ k).softmax(dim=-1)


def gaussian_scaled_late(q, k, scale=1.0):
    return scale * (q.mT @ k).softmax(dim=-1)


def products_softmax(q, k):
    return (q.mT @ k).softmax(dim=-1)


def products_not_divided(q, k):
    return q.mT @ k


def products_by_width(q, k):
    return q.mT @ k / k.shape[1]


def products_by_queries(q, k):
    return q.mT @ k / q.shape[2]


def stacked_linear(q, k, w):
    of_query, of_key = w.split(q.shape[1])
    return ((of_query @ q)[:, :, None] + (of_key @ k)[:, None]) / k.shape[2]


def stacked_not_divided(q, k, w):
    of_query, of_key = w.split(q.shape[1])
    return F.relu((of_query @ q)[:, :, None] + (of_key @ k)[:, None])


def stacked_key_first(q, k, w):
    of_key, of_query = w.split(q.shape[1])
    return F.relu((of_query @ q)[:, :, None] + (of_key @ k)[:, None]) / k.shape[2]


def stacked_relu_early(q, k, w):
    of_query, of_key = w.split(q.shape[1])
    parts = F.relu((of_query @ q)[:, :, None]) + F.relu((of_key @ k)[:, None])
    return parts / k.shape[2]


def fused_default(q, k, v, scale=1.0):
    return F.scaled_dot_product_attention(q.mT, k.mT, v.mT).mT


def fused_channels(q, k, v, scale=1.0):
    return F.scaled_dot_product_attention(q, k, v, scale=scale)


def fused_positions_first(q, k, v, scale=1.0):
    return F.scaled_dot_product_attention(q.mT, k.mT, v.mT, scale=scale)


def fused_both_scales(q, k, v, scale=1.0):
    return F.scaled_dot_product_attention(scale * q.mT, k.mT, v.mT).mT


def bytes_numbers(batch, height, width, pool=False):
    keys = (height // 2) * (width // 2) if pool else height * width
    return batch * height * width * keys


def bytes_one_axis(batch, height, width, pool=False):
    keys = (height // 2) * (width // 2) if pool else height * width
    return 4 * batch * keys


def bytes_both_pooled(batch, height, width, pool=False):
    places = (height // 2) * (width // 2) if pool else height * width
    return 4 * batch * places**2


def bytes_one_image(batch, height, width, pool=False):
    keys = (height // 2) * (width // 2) if pool else height * width
    return 4 * height * width * keys


def overtakes_equal(channels):
    d = channels // 2
    return (9 * channels**2 - 4 * channels * d) // (2 * d)


def overtakes_no_layers(channels):
    return 9 * channels**2 // (2 * (channels // 2)) + 1


def overtakes_one_product(channels):
    d = channels // 2
    return (9 * channels**2 - 4 * channels * d) // d + 1


def overtakes_side(channels):
    side = 1
    while 2 * channels**2 + channels * side**2 <= 9 * channels**2:
        side += 1
    return side


def prediction_always(change, pool=False):
    return change not in ("shuffle the channels", "add 1 everywhere")


def prediction_as_convolution(change, pool=False):
    return change in ("roll by one column", "roll by two columns")


def prediction_no_repeats(change, pool=False):
    moves = ["mirror left and right", "turn by a right angle", "roll by two columns"]
    if not pool:
        moves += ["shuffle the positions", "roll by one column"]
    return change in moves


def prediction_rolls_alike(change, pool=False):
    moves = ["mirror left and right", "turn by a right angle"]
    moves += ["roll by one column", "roll by two columns"]
    return change in moves + ([] if pool else ["shuffle the positions", "repeat every row"])


def transfer_no_scale(film):
    names = {"query": "theta", "key": "phi", "value": "g", "out": "W.0"}
    ours = {f"{role}.weight": film[f"{name}.weight"].flatten(1) for role, name in names.items()}
    ours |= {f"{role}.bias": film[f"{name}.bias"] for role, name in names.items()}
    slope = film["W.1.weight"] / (film["W.1.running_var"] + 1e-5).sqrt()
    ours["out.weight"] = slope[:, None] * ours["out.weight"]
    ours["out.bias"] = slope * (ours["out.bias"] - film["W.1.running_mean"]) + film["W.1.bias"]
    return ours


def transfer_bias_unscaled(film):
    names = {"query": "theta", "key": "phi", "value": "g", "out": "W.0"}
    ours = {f"{role}.weight": film[f"{name}.weight"].flatten(1) for role, name in names.items()}
    ours |= {f"{role}.bias": film[f"{name}.bias"] for role, name in names.items()}
    ours["query.weight"] = ours["query.weight"] * len(ours["query.bias"]) ** -0.5
    slope = film["W.1.weight"] / (film["W.1.running_var"] + 1e-5).sqrt()
    ours["out.weight"] = slope[:, None] * ours["out.weight"]
    ours["out.bias"] = slope * (ours["out.bias"] - film["W.1.running_mean"]) + film["W.1.bias"]
    return ours


def transfer_no_norm(film):
    names = {"query": "theta", "key": "phi", "value": "g", "out": "W.0"}
    ours = {f"{role}.weight": film[f"{name}.weight"].flatten(1) for role, name in names.items()}
    ours |= {f"{role}.bias": film[f"{name}.bias"] for role, name in names.items()}
    for entry in ("query.weight", "query.bias"):
        ours[entry] = ours[entry] * len(film["theta.bias"]) ** -0.5
    return ours


def transfer_mean_forgotten(film):
    names = {"query": "theta", "key": "phi", "value": "g", "out": "W.0"}
    ours = {f"{role}.weight": film[f"{name}.weight"].flatten(1) for role, name in names.items()}
    ours |= {f"{role}.bias": film[f"{name}.bias"] for role, name in names.items()}
    for entry in ("query.weight", "query.bias"):
        ours[entry] = ours[entry] * len(film["theta.bias"]) ** -0.5
    slope = film["W.1.weight"] / (film["W.1.running_var"] + 1e-5).sqrt()
    ours["out.weight"] = slope[:, None] * ours["out.weight"]
    ours["out.bias"] = slope * ours["out.bias"] + film["W.1.bias"]
    return ours


def transfer_variance(film):
    names = {"query": "theta", "key": "phi", "value": "g", "out": "W.0"}
    ours = {f"{role}.weight": film[f"{name}.weight"].flatten(1) for role, name in names.items()}
    ours |= {f"{role}.bias": film[f"{name}.bias"] for role, name in names.items()}
    for entry in ("query.weight", "query.bias"):
        ours[entry] = ours[entry] * len(film["theta.bias"]) ** -0.5
    slope = film["W.1.weight"] / (film["W.1.running_var"] + 1e-5)
    ours["out.weight"] = slope[:, None] * ours["out.weight"]
    ours["out.bias"] = slope * (ours["out.bias"] - film["W.1.running_mean"]) + film["W.1.bias"]
    return ours
