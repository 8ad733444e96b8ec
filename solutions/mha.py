"""Multi-head attention: scaled dot products, several small maps instead of one.

Source: A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, L. Kaiser and
I. Polosukhin, "Attention Is All You Need", NIPS 2017, <https://arxiv.org/abs/1706.03762>, sections
3.2.1 and 3.2.2: softmax(Q K^T / sqrt(d_k)) V, in each of h heads.

We follow `torch.nn.MultiheadAttention`: the paper's projections have no biases, its layers do; the
three projections of the queries, keys and values are rows of one matrix, in this order.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    """q (B, Q, E), k (B, L, E), v (B, L, E) -> (B, Q, E); one tensor alone attends to itself.

    heads must divide the width E. allowed: (Q, L) or (B, 1, Q, L) booleans, where False may not be
    looked at; a query that may look at nothing gets NaN, as softmax over nothing is. Raises
    ValueError for heads that do not divide E.
    """

    def __init__(self, width: int, heads: int = 8, *, bias: bool = True) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(
                f"MultiHeadAttention({width}, {heads}): heads must divide the width; "
                f"choose of {[h for h in range(1, width + 1) if width % h == 0]}"
            )
        self.heads, self.scale = heads, (width // heads) ** -0.5
        self.in_proj = nn.Linear(width, 3 * width, bias=bias)
        self.out = nn.Linear(width, width, bias=bias)

    def split(self, x: Tensor, role: int) -> Tensor:
        """(B, L, E) -> (B, heads, L, E / heads), by the rows of queries, keys or values."""
        width = self.out.in_features
        rows = slice(role * width, (role + 1) * width)
        bias = None if self.in_proj.bias is None else self.in_proj.bias[rows]
        y = F.linear(x, self.in_proj.weight[rows], bias)
        return y.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def attention(self, q: Tensor, k: Tensor, allowed: Tensor | None = None) -> Tensor:
        """(B, heads, Q, L), which sums to 1 over L."""
        logits = self.scale * self.split(q, 0) @ self.split(k, 1).mT
        if allowed is not None:
            logits = logits.masked_fill(~allowed, -torch.inf)
        return logits.softmax(dim=3)

    def forward(
        self,
        q: Tensor,
        k: Tensor | None = None,
        v: Tensor | None = None,
        allowed: Tensor | None = None,
    ) -> Tensor:
        k = q if k is None else k
        v = k if v is None else v
        heads = self.attention(q, k, allowed) @ self.split(v, 2)  # (B, heads, Q, E / heads)
        return self.out(heads.transpose(1, 2).flatten(2))
