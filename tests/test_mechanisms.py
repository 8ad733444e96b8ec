"""The registry: complete, right in its arithmetic, and readable by tools that have no torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from attnlab.mechanisms import ARTICLES, MECHANISMS, UnknownKey, mechanism
from attnlab.mechanisms.__main__ import main, table

PACKAGE = Path(__file__).parents[1] / "attnlab" / "mechanisms"

def test_what_is_taught_has_a_page_and_an_exercise():
    for record in MECHANISMS.values():
        taught = record.status == "taught"
        assert taught == (record.exercise is not None), record.key
        assert (record.status in ("planned", "named")) == (record.page is None), record.key
    assert mechanism("se").status == "taught"


@pytest.mark.parametrize("record", list(MECHANISMS.values()), ids=list(MECHANISMS))
def test_record_is_complete(record):
    paper = record.paper
    assert record.title
    assert record.attends
    assert set(record.articles) <= set(ARTICLES)
    assert record.articles, "no article names it"
    assert paper.url.startswith(("https://arxiv.org/abs/", "https://doi.org/10."))
    assert all(len(author.split()) >= 2 for author in paper.authors)
    assert str(paper.year) in paper.bibkey
    assert 1998 <= paper.year <= 2022


def test_papers_are_told_apart():
    papers = [record.paper for record in MECHANISMS.values()]
    assert len({p.bibkey for p in papers}) == len({p.url for p in papers}) == len(papers)


@pytest.mark.parametrize(
    ("key", "citation"),
    [
        ("se", "Hu et al., CVPR 2018"),
        ("cbam", "Woo et al., ECCV 2018"),  # articles say CVPR
        ("bam", "Park et al., BMVC 2018"),  # articles say BMC
        ("gc", "Cao et al., ICCV Workshops 2019"),  # articles say ICCV
        ("fca", "Qin et al., ICCV 2021"),  # articles say not accepted
        ("nam", "Liu et al., NeurIPS Workshops 2021"),
        ("gam", "Liu et al., arXiv 2021"),
    ],
)
def test_venues_that_articles_get_wrong(key, citation):
    assert mechanism(key).paper.cite() == citation


def test_family_tree_has_no_cycle_and_runs_forward_in_time():
    def ancestors(key, path=()):
        assert key not in path, f"{' -> '.join((*path, key))} is a circle"
        for descent in mechanism(key).descends_from:
            assert descent.change
            assert mechanism(descent.parent).paper.year <= mechanism(key).paper.year
            ancestors(descent.parent, (*path, key))

    for key in MECHANISMS:
        ancestors(key)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("sbam", "no mechanism 'sbam'; did you mean 'cbam'?"),
        ("SE", "did you mean 'se'"),
        ("SENet", "did you mean 'se'"),
        ("squeeze-and-excite", "did you mean 'se'"),
        ("non_local", "did you mean 'nonlocal'"),
        ("qqqq", "known: se, eca, ge, sk"),
    ],
)
def test_unknown_key_names_the_nearest(wrong, hint):
    with pytest.raises(UnknownKey, match=hint.replace("?", r"\?")):
        mechanism(wrong)
    assert issubclass(UnknownKey, KeyError)


def test_registry_imports_the_standard_library_only():
    for source in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module]
            else:
                continue
            for module in modules:
                standard = module.partition(".")[0] in sys.stdlib_module_names
                assert standard or module.startswith("attnlab.mechanisms"), (source.name, module)


def test_registry_runs_as_a_program_without_torch():
    blocked = "import sys; sys.modules['torch'] = sys.modules['numpy'] = None; import runpy; "
    command = blocked + "sys.argv = ['x']; runpy.run_module('attnlab.mechanisms')"
    command += "; from attnlab.mechanisms import mechanism; print(mechanism('se').title)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.stdout.strip() == "Squeeze-and-excitation", done.stderr


def test_table_lists_every_key_and_card_shows_one(capsys):
    assert [line.split()[0] for line in table().splitlines()[1:]] == list(MECHANISMS)
    assert main(["se"]) == 0
    assert "2*C*h + bias*(h + C) with h = C // r; r = 16; bias = 0" in capsys.readouterr().out
    assert main(["sbam"]) == "no mechanism 'sbam'; did you mean 'cbam'?"
