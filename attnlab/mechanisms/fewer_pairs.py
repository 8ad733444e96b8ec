"""Mechanisms that come from comparing all pairs of positions, and avoid it or read it otherwise."""

from attnlab.mechanisms.pairs import AREA
from attnlab.mechanisms.record import Descent, Formula, Mechanism, Paper

RECORDS = (
    Mechanism(
        key="a2",
        title="Double attention",
        family="pairs",
        paper=Paper(
            bibkey="chen2018a2nets",
            authors=(
                "Yunpeng Chen",
                "Yannis Kalantidis",
                "Jianshu Li",
                "Shuicheng Yan",
                "Jiashi Feng",
            ),
            year=2018,
            venue="NeurIPS",
            title="A^2-Nets: Double Attention Networks",
            url="https://arxiv.org/abs/1810.11579",
        ),
        attends="positions, gathered into features and handed out again",
        form="pairs",
        reach="global",
        articles=("003",),
        parameters=Formula(
            "C*m + m + 2*(C*n + n) + out*(m*C + C)", {"m": "C // 4", "n": "C // 4"}, {"out": 1}
        ),
        multiply_adds=Formula(
            "N*(C*m + 2*C*n) + 2*N*m*n + out*N*m*C",
            {"m": "C // 4", "n": "C // 4", **AREA},
            {"out": 1},
        ),
        affinity=Formula("N*(m + n)", {"m": "C // 4", "n": "C // 4", **AREA}),
        descends_from=(Descent("nonlocal", "brackets the product the other way: no N x N map"),),
        status="described",
        page="pairzoo",
    ),
    Mechanism(
        key="ann",
        title="Asymmetric non-local",
        family="pairs",
        paper=Paper(
            bibkey="zhu2019ann",
            authors=("Zhen Zhu", "Mengde Xu", "Song Bai", "Tengteng Huang", "Xiang Bai"),
            year=2019,
            venue="ICCV",
            title="Asymmetric Non-local Neural Networks for Semantic Segmentation",
            url="https://arxiv.org/abs/1908.07678",
        ),
        attends="positions and pooled regions",
        form="pairs",
        reach="global",
        articles=("003",),
        parameters=Formula(
            "C*c + 3*c + 2*C*v + v + C + 2*C**2 + 3*C", {"c": "C // 2", "v": "C // 2"}
        ),
        multiply_adds=Formula(
            "N*(C*c + 2*C*v + 2*C**2) + N*S*(c + v)",
            {"c": "C // 2", "v": "C // 2", **AREA},
            {"S": 110},
        ),
        affinity=Formula("N*S", AREA, {"S": 110}),
        descends_from=(Descent("nonlocal", "keys are the cells of a pooling pyramid"),),
        status="described",
        page="pairzoo",
        note="Costs of APNB, whose queries and keys share their weights.",
    ),
    Mechanism(
        key="iau",
        title="Interaction-aggregation-update",
        family="pairs",
        paper=Paper(
            bibkey="hou2021iaunet",
            authors=(
                "Ruibing Hou",
                "Bingpeng Ma",
                "Hong Chang",
                "Xinqian Gu",
                "Shiguang Shan",
                "Xilin Chen",
            ),
            year=2021,
            venue="IEEE Transactions on Neural Networks and Learning Systems",
            title="IAUnet: Global Context-Aware Feature Learning for Person Re-Identification",
            url="https://arxiv.org/abs/2009.01035",
        ),
        attends="body parts (and frames), and pairs of channels",
        form="pairs",
        reach="global",
        articles=("003",),
        parameters=Formula(
            "C*P + 3*P + C*d + d + 2*d + 3 + 2*d**2 + 3*d + C**2 + 3*C + 2*d*C + 3*C",
            {"d": "C // 2"},
            {"P": 4},
        ),
        multiply_adds=Formula(
            "3*C**2*N + 2*C*P*N + C*d*(P + 1) + 3*d*P**2 + 2*d**2*P + 2*d*C",
            {"d": "C // 2", **AREA},
            {"P": 4},
        ),
        affinity=Formula("C**2"),
        descends_from=(Descent("nonlocal", "part nodes exchange messages; channels are compared"),),
        status="described",
        page="pairzoo",
        note="Costs of the image version. Volume 32(10) of 2021, online since 2020.",
    ),
    Mechanism(
        key="rga",
        title="Relation-aware global attention",
        family="pairs",
        paper=Paper(
            bibkey="zhang2020rga",
            authors=(
                "Zhizheng Zhang",
                "Cuiling Lan",
                "Wenjun Zeng",
                "Xin Jin",
                "Zhibo Chen",
            ),
            year=2020,
            venue="CVPR",
            title="Relation-Aware Global Attention for Person Re-identification",
            url="https://arxiv.org/abs/1904.02998",
        ),
        attends="positions and channels, each through its pairs",
        form="gate",
        reach="global",
        articles=("003",),
        parameters=Formula(
            "spatial*(3*(C*c + 2*c) + 2*N*P + 2*P + (1 + P)*u + 2*u + u + 2)"
            " + channel*(3*(N*P + 2*P) + 2*C*c + 2*c + (1 + c)*w + 2*w + w + 2)",
            {
                "N": "H*W",
                "c": "max(C // channel_ratio, 1)",
                "P": "max(N // spatial_ratio, 1)",
                "u": "max((1 + P)//down_ratio, 1)",
                "w": "max((1 + c)//down_ratio, 1)",
            },
            {"channel_ratio": 8, "spatial_ratio": 8, "down_ratio": 8, "spatial": 1, "channel": 1},
        ),
        multiply_adds=Formula(
            "spatial*N*(3*C*c + N*c + 2*N*P + (1 + P)*u + u)"
            " + channel*C*(3*N*P + C*P + 2*C*c + (1 + c)*w + w)",
            {
                "N": "H*W",
                "c": "max(C // channel_ratio, 1)",
                "P": "max(N // spatial_ratio, 1)",
                "u": "max((1 + P)//down_ratio, 1)",
                "w": "max((1 + c)//down_ratio, 1)",
            },
            {"channel_ratio": 8, "spatial_ratio": 8, "down_ratio": 8, "spatial": 1, "channel": 1},
        ),
        affinity=Formula("spatial*N**2 + channel*C**2", AREA, {"spatial": 1, "channel": 1}),
        descends_from=(
            Descent("nonlocal", "a row of the affinity is a feature that a gate is learned from"),
        ),
        status="described",
        page="pairzoo",
    ),
)
