# make help lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Python compiles what it imports; compiling all of it takes pip longer than installing it.
export PIP_COMPILE := 0
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
FOR_USE := $(VENV)/.for-use
FOR_WORK := $(VENV)/.for-work
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(FOR_USE) ## make .venv with what running and training need; TORCH_INDEX=... says whose torch

dev: $(FOR_WORK) ## add to .venv what tests, linters, benchmarks and the data set need

# The compiled Python is checked first: an old one fails with pip's much longer message.
$(FOR_USE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Imyarek needs Python 3.11 or newer, set PYTHON=...") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python tools/install_torch.py
	$(PIP) -e .
	@touch $@

$(FOR_WORK): $(FOR_USE)
	$(PIP) -e '.[dev]'
	@touch $@

run: setup ## start the bot; without BOT_TOKEN, the playground page
	@$(BIN)/python -m bot start

test: dev ## run every test
	$(BIN)/python -m pytest -n 2 --dist worksteal

portable: dev ## run the tests that compute as other processors would
	$(BIN)/python -m tests.portable

lint: dev ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

train: setup ## train the shipped model anew
	$(BIN)/python -m ml train --out ml/data/names.safetensors --plot docs/pictures/training.png

dataset: dev ## rebuild ml/data/names.csv from its sources
	$(BIN)/python -m ml dataset

guide: dev ## renew the code, tables and output shown in docs/ru
	$(BIN)/python -m tests.docs.guide

bench: dev ## print the benchmark tables
	$(BIN)/python -m bench

load: dev ## print how long somebody waits while others flood the bot
	$(BIN)/python -m bench flood

faults: dev ## rehearse failures and kills by the hundred: minutes
	$(BIN)/python -m pytest -m faults -s

# A fresh environment resolved from pyproject.toml, written down. torch stays out: its CPU and
# GPU builds carry different version labels, and pyproject.toml pins it already.
lock: ## write constraints.txt anew
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python tools/install_torch.py
	.venv-lock/bin/python -m pip install --quiet '.[dev]'
	{ echo '# Written by make lock.'; .venv-lock/bin/python -m pip freeze --all \
	  | grep -viE '^(torch|imyarek|pip|setuptools|nvidia-.*|cuda-.*|triton)( |==|@)'; } > constraints.txt
	rm -rf .venv-lock build *.egg-info

.PHONY: help setup dev run test portable lint train dataset guide bench load faults lock
