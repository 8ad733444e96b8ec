"""The experiments of the course as data: which rows are measured on which images.

A row is a block in a placement of the host. Blocks are named "module:attribute" and imported only
when they are run, so this package knows nothing of the solutions. Run from the top folder of the
repository: `python -m attnlab.experiment run rule --seeds 10`.
"""

from difflib import get_close_matches

from attnlab.grids import article, bench, photos
from attnlab.grids.record import Grid, Row, UnknownGrid

__all__ = ["GRIDS", "GROUPS", "Grid", "Row", "UnknownGrid", "find"]

GRIDS: dict[str, Grid] = {
    grid.name: grid for family in (bench, photos, article) for grid in family.GRIDS
}
GROUPS: dict[str, tuple[str, ...]] = {
    "bench": tuple(grid.name for grid in bench.GRIDS),
    "photos": ("cifar", "cifar-placement", "cifar-mobile"),
}


def find(name: str) -> tuple[Grid, ...]:
    """The grid of that name, or the grids of a group such as `bench`."""
    if name in GROUPS:
        return tuple(GRIDS[member] for member in GROUPS[name])
    if name in GRIDS:
        return (GRIDS[name],)
    near = get_close_matches(name, [*GRIDS, *GROUPS], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join([*GRIDS, *GROUPS])}"
    raise UnknownGrid(f"no grid {name!r}; {hint}")
