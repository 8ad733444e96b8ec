"""Mechanisms that attend to classes: one region for each label."""

from attnlab.mechanisms.record import Descent, Formula, Mechanism, Paper

RECORDS = (
    Mechanism(
        key="ocr",
        title="Object-contextual representations",
        family="classes",
        paper=Paper(
            bibkey="yuan2020ocr",
            authors=("Yuhui Yuan", "Xilin Chen", "Jingdong Wang"),
            year=2020,
            venue="ECCV",
            title="Object-Contextual Representations for Semantic Segmentation",
            url="https://arxiv.org/abs/1909.11065",
        ),
        attends="class regions",
        form="pairs",
        reach="global",
        articles=("003",),
        parameters=Formula("4*C*c + 2*c**2 + 15*c + 3*C + 2*C*o + 3*o", {"c": "C // 2", "o": "C"}),
        multiply_adds=Formula(
            "K*C*N + (C*c + c**2)*N + (2*C*c + c**2)*K + 2*N*K*c + C*c*N + 2*C*o*N",
            {"c": "C // 2", "o": "C", "N": "H*W"},
        ),
        affinity=Formula("N*K", {"N": "H*W"}),
        descends_from=(Descent("nonlocal", "keys are K class regions, learned under supervision"),),
        status="described",
        page="pairzoo",
    ),
)
