"""Right answers to the exercise on fewer pairs, each written by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

# Loops: descriptor by descriptor, position by position, cell by cell.


def held_loops(B, C, H, W, n, K):
    shapes = {"cells": (B, H * W, sum(side**2 for side in (1, 3, 6, 8)))}
    for name, rows in (("non-local", H * W), ("gathering", n), ("relations", 2 * H * W)):
        shapes[name] = (B, rows, H * W)
    for name, columns in (("descriptors", n), ("regions", K)):
        shapes[name] = (B, C, columns)
    return shapes


class LoopsDouble(nn.Module):
    def __init__(self, channels, features, maps):
        super().__init__()
        self.phi = nn.Conv2d(channels, features, 1)
        self.theta = nn.Conv2d(channels, maps, 1)
        self.rho = nn.Conv2d(channels, maps, 1)
        self.back = nn.Conv2d(features, channels, 1)

    def forward(self, x):
        values, lists, shares = self.phi(x), self.theta(x).exp(), self.rho(x).exp()
        shares = shares / shares.sum(dim=1, keepdim=True)
        received = torch.zeros_like(values)
        for k in range(lists.shape[1]):
            weights = lists[:, k : k + 1] / lists[:, k : k + 1].sum(dim=(2, 3), keepdim=True)
            descriptor = (weights * values).sum(dim=(2, 3), keepdim=True)
            received = received + shares[:, k : k + 1] * descriptor
        return self.back(received) + x


def pays_loops(n, d):
    N = 1
    while 2 * N * n * d >= N * N * (n + d):
        N += 1
    return N


def matrix_loops(height, width, sizes):
    def covers(index, cell, s, length):
        return cell * length < (index + 1) * s and index * s < (cell + 1) * length

    rows = []
    for i in range(height):
        for j in range(width):
            cells = [(r, c, s) for s in sizes for r in range(s) for c in range(s)]
            inside = [covers(i, r, s, height) and covers(j, c, s, width) for r, c, s in cells]
            rows.append(inside)
    matrix = torch.tensor(rows, dtype=torch.float64)
    return matrix / matrix.sum(dim=0)


def pooled_loops(q, k, v, sizes):
    keys, values = (
        torch.cat([F.adaptive_avg_pool2d(x, s).flatten(2) for s in sizes], 2) for x in (k, v)
    )
    y = torch.zeros_like(v)
    for i in range(q.shape[2]):
        for j in range(q.shape[3]):
            logits = (q[:, :, i, j, None] * keys).sum(dim=1) / q.shape[1] ** 0.5
            y[:, :, i, j] = (values * logits.softmax(dim=1)[:, None]).sum(dim=2)
    return y


class LoopsRegions(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.coarse = nn.Conv2d(channels, classes, 1)
        self.query = nn.Conv1d(channels, channels // 2, 1)
        self.key = nn.Conv1d(channels, channels // 2, 1)
        self.value = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        guesses, regions = self.coarse(x), []
        for k in range(guesses.shape[1]):
            share = torch.softmax(guesses[:, k].flatten(1), dim=1)
            regions.append((x.flatten(2) * share[:, None]).sum(dim=2))
        regions = torch.stack(regions, dim=2)
        queries, keys = self.query(x.flatten(2)), self.key(regions)
        logits = [(queries * keys[:, :, k, None]).sum(dim=1) for k in range(regions.shape[2])]
        weights = torch.stack(logits, dim=1).div(keys.shape[1] ** 0.5).softmax(dim=1)
        return x + (self.value(regions) @ weights).view_as(x)


def relations_loops(q, k):
    columns = []
    for j in range(q.shape[2]):
        asked = (q[:, :, j, None] * k).sum(dim=1)
        told = (q * k[:, :, j, None]).sum(dim=1)
        columns.append(torch.cat([asked, told], dim=1))
    return torch.stack(columns, dim=2)


# Einsum: every product spelt out by its letters.


class EinsumDouble(nn.Module):
    def __init__(self, channels, features, maps):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(channels, width) for width in (features, maps, maps))
        self.last = nn.Linear(features, channels)

    def forward(self, x):
        values, lists, shares = (layer(x.movedim(1, 3)) for layer in self.layers)
        alpha = torch.exp(F.log_softmax(lists.flatten(1, 2), dim=1)).view_as(lists)
        received = torch.einsum("bhwd,bhwn,bijn->bijd", values, alpha, shares.softmax(dim=3))
        return x + self.last(received).movedim(3, 1)


def matrix_einsum(height, width, sizes):
    parts = []
    for s in sizes:
        lines = []
        for length in (height, width):
            at, cell = torch.arange(length)[:, None], torch.arange(s)
            inside = (at * s < (cell + 1) * length) & ((at + 1) * s > cell * length)
            lines.append(inside / inside.sum(dim=0, dtype=torch.float64))
        parts.append(torch.einsum("ir,jc->ijrc", *lines).flatten(2).flatten(0, 1))
    return torch.cat(parts, dim=1)


def pooled_einsum(q, k, v, sizes):
    units = torch.eye(q[0, 0].numel(), dtype=q.dtype).view(1, -1, *q.shape[2:])
    P = torch.cat([F.adaptive_avg_pool2d(units, s).flatten(2) for s in sizes], dim=2)[0]
    keys = torch.einsum("bcn,ns->bcs", k.flatten(2), P)
    logits = torch.einsum("bchw,bcs->bhws", q, keys) / q.shape[1] ** 0.5
    return torch.einsum("bhws,bdn,ns->bdhw", logits.softmax(dim=3), v.flatten(2), P)


class EinsumRegions(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.coarse = nn.Conv2d(channels, classes, 1)
        self.query = nn.Conv1d(channels, channels // 2, 1)
        self.key = nn.Conv1d(channels, channels // 2, 1)
        self.value = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        shares = self.coarse(x).flatten(2).softmax(dim=-1)
        regions = torch.einsum("bkn,bcn->bck", shares, x.flatten(2))
        scale = self.query.out_channels**-0.5
        logits = torch.einsum("bcn,bck->bkn", self.query(x.flatten(2)), scale * self.key(regions))
        y = torch.einsum("bck,bkn->bcn", self.value(regions), logits.softmax(dim=1))
        return x + y.unflatten(2, x.shape[2:])


def relations_einsum(q, k):
    asked = torch.einsum("bcj,bci->bij", q, k)
    return torch.cat([asked, torch.einsum("bci,bcj->bij", q, k)], dim=1)


def products_einsum(N, d, n, S, K):
    def product(rows, inner, columns):
        return rows * inner * columns

    return {
        "non-local": product(N, d, N) + product(N, N, d),
        "double attention": product(d, N, n) + product(d, n, N),
        "double attention, pairs first": product(N, n, N) + product(d, N, N),
        "cells": product(N, d, S) + product(N, S, d),
        "regions": product(d, N, K) + product(N, d, K) + product(N, K, d),
        "relations": product(N, d, N) + N * product(1, 2 * N, N // 8),
    }


# The way back before handing out, pools for the matrix, a switch for each law.


class BackFirst(nn.Module):
    def __init__(self, channels, features, maps):
        super().__init__()
        self.values = nn.Conv1d(channels, features, 1)
        self.lists = nn.Conv1d(channels, maps, 1)
        self.shares = nn.Conv1d(channels, maps, 1)
        self.way_back = nn.Conv1d(features, channels, 1)

    def forward(self, x):
        flat = x.flatten(2)
        gathered = torch.bmm(self.values(flat), F.softmax(self.lists(flat), dim=2).transpose(1, 2))
        shares = F.softmax(self.shares(flat), dim=1)  # they sum to 1, and so the bias comes through
        return x + torch.bmm(self.way_back(gathered), shares).view(x.shape)


def matrix_of_pools(height, width, sizes):
    units = torch.eye(height * width, dtype=torch.float64).view(1, -1, height, width)
    pools = [F.adaptive_avg_pool2d(units, s).flatten(2) for s in sizes]
    return torch.cat(pools, dim=2)[0]


def pooled_pools(q, k, v, sizes):
    keys, values = (
        torch.cat([F.adaptive_avg_pool2d(x, s).flatten(2) for s in sizes], dim=2) for x in (k, v)
    )
    logits = torch.bmm(keys.transpose(1, 2), q.flatten(2)) / q.shape[1] ** 0.5
    return torch.bmm(values, F.softmax(logits, dim=1)).reshape(v.shape)


def predict_by_rule(block, change):
    laws = {"cells": {"dark"}, "relations": set()}
    return change in laws.get(block, {"shuffled", "twice", "dark"})


VARIANTS = {
    "loops": {
        "held": held_loops, "DoubleAttention": LoopsDouble, "pays_from": pays_loops,
        "pooling_matrix": matrix_loops, "pooled_attention": pooled_loops,
        "MendedRegions": LoopsRegions,
        "relation_vectors": relations_loops,
    },
    "einsum": {
        "DoubleAttention": EinsumDouble, "products": products_einsum,
        "pooling_matrix": matrix_einsum, "pooled_attention": pooled_einsum,
        "MendedRegions": EinsumRegions,
        "relation_vectors": relations_einsum,
    },
    "the way back first": {
        "DoubleAttention": BackFirst, "pooling_matrix": matrix_of_pools,
        "pooled_attention": pooled_pools, "predict": predict_by_rule,
    },
}  # fmt: skip
