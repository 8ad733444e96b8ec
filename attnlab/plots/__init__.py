"""Figures of the course, each with its text twin: a table that holds the numbers that are drawn.

- `attention`: where one pixel looks, over the image and as a map
- `gates`: the mean gate of each channel, by class and by stage
- `curves`: learning curves, with 95 % intervals over seeds
- `costs`: what was measured and what a formula predicts, against the number of positions
- `panels`: the same of many blocks, a panel for each

>>> plot = costs([64, 256], {"non-local": [0.002, 0.03]}, label="seconds")
>>> plot.table.column("non-local, measured")
(0.002, 0.03)

In a notebook a `Plot` shows itself, with the table folded under the figure; `plot.figure` and
`plot.table` are the two apart. Figures lie on a transparent ground, in greys and colours that can
be read on a light page, on a dark one, in grey print and with any kind of colour vision. pyplot is
not used, so nothing has to be closed and no setting of the reader's changes the look.
"""

from attnlab.plots.channels import gates
from attnlab.plots.lines import costs, curves
from attnlab.plots.panels import panels
from attnlab.plots.places import attention
from attnlab.plots.twin import Plot, Table

__all__ = ["Plot", "Table", "attention", "costs", "curves", "gates", "panels"]
