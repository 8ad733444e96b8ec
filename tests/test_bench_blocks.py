"""The benchmark of blocks compares like with like, and says which block is slower."""

import pytest
import torch

from tools import bench_blocks as bench


@pytest.mark.parametrize("key", bench.PAIRS)
@pytest.mark.parametrize("shape", [(2, 32, 3, 5), (1, 16, 6, 4)], ids=str)
def test_naive_form_is_the_same_function(key, shape):
    build, naive = bench.PAIRS[key]
    block = bench.built(build, shape[1], "cpu").double().eval()
    x = torch.randn(shape, dtype=torch.float64)
    assert not torch.equal(block(x), x)
    torch.testing.assert_close(naive(block, x), block(x), rtol=1e-9, atol=1e-9)


def test_table_has_a_line_for_each_shape(monkeypatch, capsys):
    monkeypatch.setattr(bench, "SHAPES", ((2, 16, 4, 4), (1, 32, 3, 5)))
    monkeypatch.setattr(bench, "REPEATS", 2)
    bench.main(["gc", "--train"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("forward and backward, cpu, torch ")
    assert [line[:18].strip() for line in lines[3:5]] == ["gc", "gc"]
    assert lines[-1].endswith("slower than the naive form (by more than 5 %)")


@pytest.mark.parametrize(("times", "slower", "status"), [((2.0, 1.0), 2, 1), ((1.0, 1.0), 0, 0)])
def test_exit_status_says_whether_a_block_is_slower(times, slower, status, monkeypatch, capsys):
    monkeypatch.setattr(bench, "compare", lambda block, naive, x, train: times)
    monkeypatch.setattr(bench, "SHAPES", ((1, 16, 2, 2),))
    assert bench.main(["se", "eca"]) == status
    assert f"{slower} slower" in capsys.readouterr().out


def test_unknown_block_is_named(capsys):
    with pytest.raises(SystemExit, match="2"):
        bench.main(["sea"])
    assert "no block sea; choose of se, eca" in capsys.readouterr().err
