"""From a golden case to a block of `solutions/`: which function builds which mechanism."""

from golden_cases import Block, GoldenError
from golden_channels import fca, ge, gsop, nam, sk, spa
from golden_gates import cbam, eca, gc, se, snl
from golden_origins import bahdanau, itti, mha, racnn, ram, sat_soft
from golden_pairs import cc, da_cam, da_head, da_pam, nonlocal_
from golden_pairzoo import a2, afnb, apnb, iau, ocr, rga
from golden_space import bam, hacnn, ra, scse

from attnlab.mechanisms import mechanism

# Where a manifest's mechanism is not named by our key.
KEYS = {
    "eca_ns": "eca",
    "nonlocal_mm": "nonlocal",
    "snl": "gc",
    "da_pam": "da",
    "da_cam": "da",
    "da_head": "da",
    "apnb": "ann",
    "afnb": "ann",
    "sat_soft": "sat",
}

BLOCKS = {
    "se": se,
    "eca": eca,
    "eca_ns": eca,
    "cbam": cbam,
    "nonlocal": nonlocal_,
    "nonlocal_mm": nonlocal_,
    "gc": gc,
    "snl": snl,
    "cc": cc,
    "da_pam": da_pam,
    "da_cam": da_cam,
    "da_head": da_head,
    "sk": sk,
    "ge": ge,
    "spa": spa,
    "fca": fca,
    "gsop": gsop,
    "nam": nam,
    "a2": a2,
    "apnb": apnb,
    "afnb": afnb,
    "iau": iau,
    "rga": rga,
    "ocr": ocr,
    "bam": bam,
    "scse": scse,
    "ra": ra,
    "hacnn": hacnn,
    "itti": itti,
    "ram": ram,
    "bahdanau": bahdanau,
    "sat_soft": sat_soft,
    "racnn": racnn,
    "mha": mha,
}


def block_for(case: dict) -> Block:
    """The block that a case is about. Raises GoldenError when there is none yet."""
    name = case["mechanism"]
    record = mechanism(KEYS.get(name, name))
    if name not in BLOCKS:
        raise GoldenError(f"no block for '{record.key}' yet (status {record.status})")
    return BLOCKS[name](case)
