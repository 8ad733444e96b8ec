"""The non-local blocks of article 000 as it writes them, to be measured and not to be used.

The article's affinity is `theta @ phi.T` on (B, d, N): C x C, not N x N, so that values are mixed
between channels and never move from one place to another. Its dot products are divided by N. Three
of its four blocks start awake, with the last norm's scale at 1; "embedded Gaussian" starts as the
identity. The right block is `solutions.nonlocal`; the chapter of errors tells them apart.
"""

from torch import Tensor, nn

MODES = ("gaussian", "dot_product", "embedded_gaussian")


class WildNonLocal(nn.Module):
    """WildNonLocal(channels, mode, awake, halved): keeps (B, C, H, W), looks at no other place.

    halved: whether its inner layers have C // 2 channels; "gaussian" has no theta and phi, and
    cannot. Raises ValueError for an unknown mode and for a halved "gaussian".
    """

    def __init__(self, channels: int, mode: str, awake: bool = True, halved: bool = True):
        super().__init__()
        if mode not in MODES:
            raise ValueError(f"WildNonLocal: no mode {mode!r}; choose of {', '.join(MODES)}")
        if mode == "gaussian" and halved:
            raise ValueError("WildNonLocal: 'gaussian' compares x itself; give halved=False")
        inner = channels // 2 if halved else channels
        self.mode = mode
        self.theta, self.phi = (
            nn.Identity() if mode == "gaussian" else nn.Conv2d(channels, inner, 1)
            for _ in range(2)
        )
        self.g = nn.Conv2d(channels, inner, 1)
        self.out = nn.Conv2d(inner, channels, 1)
        self.bn = nn.BatchNorm2d(channels)
        nn.init.constant_(self.bn.weight, float(awake))

    def affinity(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, d, d): of channels, where the paper's is of positions."""
        theta, phi = self.theta(x).flatten(2), self.phi(x).flatten(2)
        logits = theta @ phi.mT
        return logits / theta.shape[2] if self.mode == "dot_product" else logits.softmax(dim=2)

    def forward(self, x: Tensor) -> Tensor:
        mixed = self.affinity(x) @ self.g(x).flatten(2)
        return x + self.bn(self.out(mixed.unflatten(2, x.shape[2:])))
