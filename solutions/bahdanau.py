"""Additive alignment: a small network scores how well a query and a key fit.

Source: D. Bahdanau, K. Cho and Y. Bengio, "Neural Machine Translation by Jointly Learning to Align
and Translate", ICLR 2015, <https://arxiv.org/abs/1409.0473>, section 3.1 and appendix A.1.2:
e_ij = v^T tanh(W_q q_i + W_k k_j), softmax over j.

We follow the paper: no biases. Keys beyond the end of a sentence get the logit -1e6, as in
d2l-ai/d2l-en at commit 23d7a5a; a sentence of length 0 is then looked at evenly, not NaN.
"""

import torch
from torch import Tensor, nn

PADDED = -1e6  # the logit of a key that is not there


class AdditiveAttention(nn.Module):
    """q (B, Q, query_size), k (B, L, key_size), v (B, L, V) -> (B, Q, V).

    valid: (B,) whole numbers, how many keys of each sentence there are; all if not given.
    """

    def __init__(self, query_size: int, key_size: int, hidden: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, hidden, bias=False)
        self.key = nn.Linear(key_size, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def attention(self, q: Tensor, k: Tensor, valid: Tensor | None = None) -> Tensor:
        """(B, Q, L), which sums to 1 over L."""
        pairs = self.query(q)[:, :, None] + self.key(k)[:, None]  # (B, Q, L, h)
        logits = self.score(pairs.tanh())[..., 0]
        if valid is not None:
            beyond = torch.arange(k.shape[1], device=k.device) >= valid[:, None]
            logits = logits.masked_fill(beyond[:, None], PADDED)
        return logits.softmax(dim=2)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, valid: Tensor | None = None) -> Tensor:
        return self.attention(q, k, valid) @ v
