# The verbs of the course; `make` alone lists them. On a system without make, run the commands
# below by hand: each verb is one or two lines.
PYTHON ?= python3
PORT ?= 8000
KEY ?= se
ARGS ?=

export OMP_NUM_THREADS := 1
export PYTHONPATH := $(CURDIR)
BIN := $(CURDIR)/.venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# Recipes find the environment's own commands first; tools/setup.py alone uses $(PYTHON).
RUN := PATH="$(BIN):$$PATH"
QUICK := not slow and not browser and not postgres and not gpu
PYTEST := python -m pytest -n 2 --dist loadfile --nbval-lax tests solutions/notebooks

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all test-gpu book check-book pdf notebooks bundle serve grade bench-grader lock clean clean-all

help: ## list the verbs
	@echo "make VERB [PYTHON=python3.12] [PORT=8000] [KEY=se] [ARGS=...]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## make .venv with the locked versions (returns at once when nothing changed)
	@command -v $(PYTHON) >/dev/null || { \
	  echo "make: no '$(PYTHON)' here; install Python 3.11 or newer, or name it: PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) tools/setup.py
	@$(PYTHON) tools/fetch_npm.py

demo: setup ## everything once: exercises, book, and the sample class graded
	@$(RUN) python tools/demo.py

test: setup ## all tests but the slow ones and those that need a browser, PostgreSQL or a GPU
	@$(RUN) $(PYTEST) -m "$(QUICK)" $(ARGS)

test-all: setup ## every test; a tool that is missing is counted as "not run"
	@$(RUN) $(PYTEST) $(ARGS)

test-gpu: setup ## run and grade the solved notebooks on CIFAR-10, on a GPU where there is one
	@$(RUN) python tools/on_gpu.py $(ARGS)

book: setup ## build the book into _build/html
	@$(RUN) python tools/build_book.py

notebooks: setup ## write the exercises from their sources in solutions/, and lint their tests
	@$(RUN) python tools/notebooks.py $(ARGS)
	@$(RUN) python -m autograder.lint

bundle: setup ## write what students are handed (notebooks, wheel, zip, hashes) into _build/bundle
	@$(RUN) python tools/bundle.py

check-book: setup ## open every page in Chromium: requests, console, axe-core, links
	@$(RUN) python tests/book_audit.py

pdf: book ## print the whole book to _build/where-to-look.pdf (needs Chromium)
	@$(RUN) python tools/print_book.py

serve: book ## show the book on http://127.0.0.1:PORT
	@$(RUN) python tools/serve.py $(PORT)

grade: setup ## grade what lies in course/submitted for exercise KEY
	@$(RUN) python -m autograder grade $(KEY) $(ARGS)

bench-grader: setup ## time the grader beside plain nbgrader autograde (minutes; ARGS=--help)
	@$(RUN) python tools/bench_grader.py $(ARGS)

lock: setup ## pin the newest versions that pyproject.toml allows
	@$(RUN) python tools/lock.py

clean: ## remove what the verbs built; .venv, downloads and course/ stay
	rm -rf _build book/_static/vendor .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

clean-all: clean ## remove the environment and the downloads too; course/ stays
	rm -rf .venv .cache where_to_look.egg-info
