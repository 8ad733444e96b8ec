"""Every golden case, one item each, named by its id; `--golden-dir DIR` runs another folder's."""

from pathlib import Path

import pytest
from golden_blocks import BLOCKS, KEYS, block_for
from golden_cases import Comparison, GoldenError, read_arrays, read_manifest

from attnlab.mechanisms import MECHANISMS

HERE = Path(__file__).parent / "golden"


def pytest_generate_tests(metafunc):
    """One item for a case; a folder that cannot be read is an item too, and it fails."""
    if "golden" not in metafunc.fixturenames:
        return
    items = []
    for folder in map(Path, metafunc.config.option.golden_dir):
        try:
            cases = read_manifest(folder)
            items += [pytest.param((folder, case), id=case["id"]) for case in cases]
        except GoldenError as error:
            items.append(pytest.param(error, id=folder.name))
    metafunc.parametrize("golden", items)


def test_case(golden):
    if isinstance(golden, GoldenError):
        raise golden
    folder, case = golden
    arrays = read_arrays(folder, case)
    complaints = Comparison(case, arrays, block_for(case)).run()
    assert not complaints, "\n".join([case["id"], *complaints])


def test_own_folder_holds_cases_of_every_block_and_of_what_is_taught():
    taught = {key for key, record in MECHANISMS.items() if record.status == "taught"}
    cases = read_manifest(HERE)
    assert {case["mechanism"] for case in cases} == set(BLOCKS)
    assert taught <= {KEYS.get(name, name) for name in BLOCKS}
    files = {path.name for path in HERE.iterdir()}
    assert files == {case["file"] for case in cases} | {"manifest.json", "NOTICE"}


def test_notice_names_every_source():
    notice = (HERE / "NOTICE").read_text(encoding="utf-8")
    for case in read_manifest(HERE):
        assert case["id"] in notice
        assert case["source"]["repo"] in notice
        assert case["source"]["path"] in notice
