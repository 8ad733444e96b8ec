"""What the page "Where they look" shows: trained hosts, and how alike a non-local block's maps are.

`python tools/measure_maps.py` trains the hosts of `HOSTS` into book/weights, and the non-local
blocks of `QUESTIONS` from several seeds; their likeness goes into the ledger's grid `likeness`.
What is there already is left alone. Each host is a run of the ledger again.
"""

import argparse
import sys
from itertools import filterfalse

import torch
from tqdm.auto import tqdm

from attnlab import ledger, live
from attnlab.host import Host
from attnlab.kept import Kept
from attnlab.ledger import Entry, LedgerError, config_hash
from attnlab.runs import commit, device_name, versions
from solutions.query_maps import arriving, likeness

HOSTS = (
    *(Kept("mark", f"{key}-stage1") for key in ("gc", "cc", "nonlocal", "da", "mha")),
    *(Kept("beside", f"{key}-stage1") for key in ("bam", "scse", "ra")),
    Kept("rule", "se-every"),
    Kept("rule", "eca-every"),
    *live.HOSTS,  # with CBAM on *beside*
)
QUESTIONS = ("rule", "mark", "fetch")  # who needs one map, and who needs one for each place
IMAGES = 200  # that the likeness is a mean over


def alike(model: Host, images: torch.Tensor) -> tuple[float, float]:
    """Mean cosine of two queries' maps in one image, and of two images' mean maps."""
    block = model.after_stage1
    with torch.no_grad():
        return likeness(block.attention(arriving(model, block, images)))


def measured(run: Kept) -> Entry:
    """The likeness before and after training, as an entry of the ledger."""
    images, _ = run.test_images(IMAGES)
    model = run.train()
    before, after = alike(run.untrained(), images), alike(model, images)
    config = run.config | {"likeness_images": IMAGES}
    results = {"within": after[0], "between": after[1], "score": run.score(model),
               "within_untrained": before[0], "between_untrained": before[1]}  # fmt: skip
    return Entry(
        "likeness", "nonlocal", run.grid, run.seed, config, config_hash(config), commit(),
        versions(), device_name("cpu"), config["data"], results, [],
    )  # fmt: skip


def there(run: Kept) -> bool:
    """Whether the ledger has the likeness of this run."""
    return ledger.path_of("likeness", f"nonlocal-{run.grid}", run.seed).is_file()


def main(arguments: list[str] | None = None) -> int:
    """Train and measure what is missing; the exit status is 1 where a run cannot be repeated."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args(arguments)
    runs = [Kept(q, "nonlocal-stage1", s) for s in range(options.seeds) for q in QUESTIONS]
    try:
        for host in tqdm([host for host in HOSTS if not host.path().is_file()], "hosts"):
            host.save(host.train())
        for run in tqdm(list(filterfalse(there, runs)), "likeness"):
            ledger.write(measured(run))
    except LedgerError as error:
        print(f"measure_maps: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
