"""No page for instructors tells them to type what no test types."""

import ast
import re

import pytest
from page_commands import PAGES, commands, inline
from scratch import ROOT

# Pages whose commands are run as they stand, except for those listed below.
RUN = {
    name: f"test_page_commands_run.py::{test}"
    for name, test in {
        "README.md": "test_the_commands_of_a_graded_class_run",
        "grading.md": "test_the_commands_of_a_graded_class_run",
        "records.md": "test_the_commands_of_a_graded_class_run",
        "hub.md": "test_a_hub_is_set_up",
        "cluster.md": "test_a_certificate_is_made",
        "private.md": "test_a_private_fork_asks_something_else",
        "leaving.md": "test_plain_sphinx_builds_the_book",
    }.items()
}
EXCHANGE = "test_grader_exchange.py::test_both_roads_give_the_marks_that_the_two_should_have"
TLS = "test_grader_cluster.py::test_marks_and_verdicts_are_those_of_this_machine"
POSTGRES = ("test_grader_postgres.py::"
            "test_rows_are_those_of_sqlite_and_a_regrade_keeps_what_people_entered")
# Page, command -> the test that runs it in another setting, and words of it in that test's file.
ELSEWHERE = {
    ("README.md", "make demo"): (
        "test_page_commands_run.py::test_the_demo_runs", "make demo"),
    ("README.md", "make test"): ("test_page_commands.py::test_every_command_has_its_test", ""),
    **{("hub.md", command): (EXCHANGE, command) for command in (
        "nbgrader release_assignment se", "nbgrader list", "nbgrader fetch_assignment se",
        "nbgrader submit se", "nbgrader list --inbound", "nbgrader collect se",
        "autograder grade se", "nbgrader release_feedback se", "nbgrader fetch_feedback se",
        "nbgrader autograde se", "nbgrader generate_feedback se")},
    ("cluster.md", "autograder grade se --scheduler tls://HOST:8786 --tls-ca cert.pem "
     "--tls-cert cert.pem --tls-key key.pem"): (TLS, "Scheduler("),
    ("cluster.md", "dask scheduler --host HOST --port 8786 --protocol tls --tls-ca-file cert.pem "
     "--tls-cert cert.pem --tls-key key.pem"): (TLS, 'dask("scheduler", "--host='),
    ("cluster.md", "dask worker tls://HOST:8786 --nthreads 8 --tls-ca-file cert.pem "
     "--tls-cert cert.pem --tls-key key.pem"): (TLS, 'dask("worker"'),
    ("cluster.md", "export WHERE_TO_LOOK_DB=postgresql://grader@db.example.org/course"): (
        POSTGRES, "WHERE_TO_LOOK_DB"),
    ("cluster.md", "autograder grade se"): (POSTGRES, '"grade"'),
}  # fmt: skip
TESTED = {(page.name, command) for page in PAGES for command in commands(page)}


def test_every_command_has_its_test():
    orphans = [found for found in sorted(TESTED - ELSEWHERE.keys()) if found[0] not in RUN]
    assert not orphans, f"no test runs these; run them in test_page_commands_run.py: {orphans}"


def test_no_entry_outlives_its_command():
    assert ELSEWHERE.keys() <= TESTED


@pytest.mark.parametrize(("test", "words"), sorted({*ELSEWHERE.values(),
                                                    *((test, "") for test in RUN.values())}))
def test_the_test_that_is_named_is_there_and_holds_the_words(test, words):
    file, _, name = test.partition("::")
    text = (ROOT / "tests" / file).read_text("utf-8")
    functions = [node.name for node in ast.walk(ast.parse(text))
                 if isinstance(node, ast.FunctionDef)]
    assert name in functions
    assert words in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_command_within_a_sentence_names_a_verb_that_there_is(page):
    from nbgrader.apps import NbGraderApp

    from autograder.commands import VERBS

    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    there = {"autograder": {*VERBS, "VERB"}, "make": {*targets}, "jupyter": {"lab"},
             "nbgrader": {*NbGraderApp().subcommands}}
    unknown = [text for text in inline(page) if text.split()[1] not in there[text.split()[0]]]
    assert not unknown
