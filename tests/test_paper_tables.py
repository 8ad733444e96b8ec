"""Printed tables: exact numbers beside them, and no printed number taken as a fact."""

import pytest
import torch

from attnlab.costs import count
from attnlab.paper_tables import (
    BOTTLENECKS,
    LATE,
    MEBI,
    PLAIN_MULTIPLY_ADDS,
    PLAIN_PARAMETERS,
    ROWS,
    Added,
    table,
)
from attnlab.resnet50 import ResNet50

EXACT = {
    "plain": 25_557_032,
    "se": 28_071_976,
    "se, biases": 28_088_024,
    "eca, k 3557": 25_557_112,
    "cbam": 28_089_624,
    "cbam, no biases": 28_073_576,
    "bam": 25_915_099,
    "nonlocal, 1 in stage 4": 27_658_792,
    "gc, 1 in stage 4": 25_690_345,
    "gc, stages 3 to 5": 28_078_773,
    "fca": 28_071_976,
    "gsop": 36_305_704,
    "ge, no parameters": 25_557_032,
    "ge, theta": 31_106_600,
    "ge, theta+": 33_637_592,
}


def test_exact_parameters_of_every_row():
    assert {row.label: row.parameters for row in ROWS} == EXACT


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (Added("nonlocal", ((3, 2), (4, 3))), 7_358_464),
        (Added("nonlocal", ((3, 4), (4, 6))), 14_716_928),
        (Added("gc", LATE, {"reduction": 4}), 10_000_909),
        (Added("a2", ((4, 1),)), 1_050_368),
        (Added("scse"), 20_157_328),
        (Added("nam"), 30_208),
        (Added("bam", BOTTLENECKS), 358_067),
    ],
)
def test_other_additions_to_resnet_50(added, expected):
    assert added.total(["parameters"]) == expected


def test_plain_numbers_are_those_of_the_network():
    with torch.device("meta"):
        plain = count(ResNet50(early=True), (3, 224, 224))
    assert (plain.parameters, plain.multiply_adds) == (PLAIN_PARAMETERS, PLAIN_MULTIPLY_ADDS)


def test_printed_parameters_read_in_a_source_are_ours_when_rounded():
    checked = [row for row in ROWS if row.basis != "recalled" and row.millions is not None]
    assert checked
    for row in checked:
        assert round(row.parameters / row.unit, 2) == row.millions, row
    assert any(row.unit == MEBI for row in checked)


def test_operations_are_unknown_where_the_registry_knows_no_form():
    rows = {row.label: row for row in ROWS}
    assert rows["gsop"].multiply_adds is not None
    assert rows["gsop"].all_operations is None
    assert rows["se"].multiply_adds == PLAIN_MULTIPLY_ADDS + 2_514_944
    assert rows["se"].all_operations == rows["se"].multiply_adds + 2 * 5_519_360


def test_table_labels_each_printed_number_with_its_basis():
    lines = table().splitlines()[1:]
    assert len(lines) == len(ROWS)
    for line, row in zip(lines, ROWS, strict=True):
        assert line.startswith(row.label)
        assert line.endswith(row.basis)
        assert f"{row.parameters:,}" in line
