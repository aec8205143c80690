# One command each: set up, show, check, test, rebuild, measure.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test check rebuild bench accuracy clean

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: setup
	$(BIN)/classifier tag training/examples/headlines.txt --to table
	@echo "The page: $(BIN)/classifier serve, then open http://127.0.0.1:8000"

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest --cov --cov-report=term

# The shipped models, from the repository's own data; for the real labelled texts and the unlabelled
# headlines: make rebuild ARGS="--extra …/real.jsonl.gz --headlines …/headlines --benchmarks …/benchmarks"
rebuild: setup
	$(BIN)/python training/rebuild.py $(ARGS)

# make bench ARGS="--data …/headlines": the folder that holds raw.jsonl.gz
bench: setup
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python training/benchmarks/speed.py $(ARGS)

# The public sets; make accuracy ARGS="--data …/benchmarks --headlines …/headlines --final": the folder of
# the three sets, and that of headlines without labels for word vectors
accuracy: setup
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	for name in thucnews tnews nlpcc; do \
		$(BIN)/python training/benchmarks/accuracy.py $$name $(ARGS) || exit 1; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
