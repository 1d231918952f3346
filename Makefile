# The commands of the project; `make` alone prints them.
PYTHON ?= python3
BIN := .venv/bin
# DVC runs the stages with the `python` it finds first.
export PATH := $(CURDIR)/$(BIN):$(PATH)

# What `make study` runs: every network under every protocol with every seed. A network's name with
# _lr001 behind it is that network at learning rate 0.001. SET changes further parameters:
# SET="train.max_epochs=20 compare.margin=0.01"; name such a study, STUDY=quick, or it takes the place
# of the last one. JOBS networks train at a time, on one core each if there are two: a quarter faster
# than one after the other on both. GPUS of this machine, a running SCHEDULER, or a batch system's CLUSTER
# train instead: docs/scaling.md. SIZE_PX is the slices' edge, the paper's but for simulated slices,
# which answer nothing at any size and at this one within an hour.
COHORT ?= phantom
SIZE_PX ?= $(if $(filter phantom,$(COHORT)),48,128)
STUDY ?= $(COHORT)
HYBRID ?= paper no_entanglement
CLASSICAL ?= counterpart counterpart_lr001 normalised quadratic
PROTOCOLS ?= random patient
SEEDS ?= 0 1 2 3 4
SET ?=
JOBS ?= 2
GPUS ?=
SCHEDULER ?=
CLUSTER ?=
WHERE = --jobs $(JOBS) $(GPUS:%=--gpus %) $(SCHEDULER:%=--scheduler %) $(CLUSTER:%=--cluster %)
# What `make heads` works on: networks of the study, and sections of `variants` if not the usual nine.
FEATURES ?= $(firstword $(HYBRID)) $(firstword $(CLASSICAL))
HEADS ?=
# How long `make fuzz` tries each reader, and which of them if not all: dicom, matlab, images.
SECONDS ?= 300
READER ?=
# Processes that the tests are spread over.
WORKERS ?= 2

# In place of figshare's address for `make clinical`, {id} where a file's id stands.
ADDRESS ?=

.PHONY: help set-up repro clinical publish study heads identify roundings verify experiments check test fuzz mutations \
	soak coverage bench gpu-check audit licences sbom lint clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/installed: requirements.txt pyproject.toml set_up.py
	$(PYTHON) set_up.py requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	$(PYTHON) set_up.py requirements-dev.txt
	@touch $@

set-up: .venv/installed ## make .venv and install the pinned versions into it

repro: .venv/installed ## set up, run the whole pipeline (dvc repro) with the time left, say where the report is
	@$(BIN)/python run_repro.py
	@echo "The report: reports/index.html (or reports/report.md)"
	@echo "Git: dvc.lock and reports/scores may differ now, nothing else"

clinical: .venv/installed ## bring the three sources, say what is missing; REPORT=1 runs the pipeline on them
	$(BIN)/python run_clinical.py $(if $(ADDRESS),--address '$(ADDRESS)')
	$(if $(REPORT),$(BIN)/dvc exp run -S data.cohort=clinical $(SET:%=-S %))

publish: .venv/installed ## copy the default run's report and results to reports/published, for git
	$(BIN)/python publish_run.py

study: .venv/installed ## many networks, protocols and seeds (COHORT, HYBRID, ...); goes on where it stopped
	$(BIN)/python run_study.py --cohort $(COHORT) --name $(STUDY) --hybrid $(HYBRID) --classical $(CLASSICAL) \
		--protocols $(PROTOCOLS) --seeds $(SEEDS) $(WHERE) \
		--set prepare.image_size_px=$(SIZE_PX) train.max_epochs=40 $(SET)

heads: .venv/installed ## every head on frozen features of a study's networks (STUDY, FEATURES, HEADS, JOBS)
	$(BIN)/python run_heads.py --name $(STUDY) --features $(FEATURES) $(if $(HEADS),--heads $(HEADS)) --jobs $(JOBS)

identify: .venv/installed ## which reading of the paper fits its printed losses (COHORT, SEEDS, EPOCHS, SET)
	$(BIN)/python run_identify.py --cohort $(COHORT) --seeds $(wordlist 1,3,$(SEEDS)) $(WHERE) \
		$(if $(EPOCHS),--epochs $(EPOCHS)) --set $(SET)

roundings: .venv/installed ## the default run in ten arithmetics: what is noise? (an hour and a half)
	$(BIN)/python run_roundings.py

experiments: .venv/installed ## experiments side by side: the scores and parameters that differ
	@$(BIN)/python show_experiments.py

verify: .venv/installed ## does this machine get the numbers on record? data and first steps, minutes
	$(BIN)/python run_verify.py

tests/browser/node_modules: tests/browser/package-lock.json
	@if ! command -v npm >/dev/null; then echo "npm is absent: no accessibility tests"; \
	elif npm ci --prefix tests/browser --no-audit --no-fund; then touch $@; \
	else echo "npm could not install axe-core: no accessibility tests"; fi

check: lint ## before a commit: lint, types and every test that is not slow
	$(BIN)/pytest -n $(WORKERS) -m "not slow"

test: lint tests/browser/node_modules ## set up and run every check that CI runs
	$(BIN)/pytest -n $(WORKERS)

fuzz: .venv/installed-dev ## try the readers with files that coverage guides to (SECONDS, READER)
	$(BIN)/python tests/fuzz/fuzz_readers.py --seconds $(SECONDS) $(READER:%=--reader %)

mutations: .venv/installed-dev ## try the listed slips and count how many the tests catch
	$(BIN)/python tests/mutate.py

soak: .venv/installed-dev ## the small pipeline, and a study of 200 runs, killed again and again: the same bytes? (hours)
	PYTHONPATH=src:tests $(BIN)/python tests/soak.py pipeline
	PYTHONPATH=src:tests $(BIN)/python tests/soak.py study

coverage: .venv/installed ## simulated: how often the interval of cross-validation holds the truth (STUDY)
	$(BIN)/python benchmarks/coverage.py --slices reports/study/$(STUDY)/runs/slices.csv

bench: .venv/installed ## measure speed side by side, write reports/benchmarks.md and .json
	$(BIN)/python benchmarks/run_all.py

gpu-check: .venv/installed ## hold CUDA against the CPU, train an epoch of the paper's size: minutes
	$(BIN)/python benchmarks/gpu_check.py

# Tools that look at .venv from outside, so that they are not among what they find.
.audit/installed: requirements-audit.txt
	$(PYTHON) -m venv .audit
	.audit/bin/python -m pip install --quiet -r requirements-audit.txt
	@touch $@

audit: .venv/installed-dev .audit/installed ## known vulnerabilities of what is installed (asks PyPI)
	.audit/bin/pip-audit --skip-editable --path $(shell $(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")

licences: .venv/installed-dev .audit/installed ## list the licences of what is installed: docs/licences.md
	@printf '%s\n' '# Licences of what is installed' '' \
		'Packages of `requirements.txt` and `requirements-dev.txt` and what they need, on Linux, as they' \
		'say it themselves; made by `make licences`. None of them is part of this repository.' '' \
		> docs/licences.md
	.audit/bin/pip-licenses --python=$(BIN)/python --format=markdown --order=name \
		--ignore-packages hqcm >> docs/licences.md

sbom: .venv/installed-dev .audit/installed ## software bill of materials of .venv (CycloneDX): sbom.json
	.audit/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
		--output-file sbom.json .venv

lint: .venv/installed-dev ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean: ## remove the environment and DVC's cache, keep data/raw/clinical and reports
	rm -rf .venv .audit .dvc/cache .dvc/tmp
