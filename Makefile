# A table of contents; the work is in CMakePresets.json and tools/. `make` alone explains itself.
PRESET ?= dev
BUILD := build/$(PRESET)
PROGRAMS := gyre gyre-agent gyre-injob

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help deps deps-build build programs demo run test drills simulate real-projects bench fuzz lint tidy format draw \
	clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  PRESET=dev|asan|tsan|release chooses the build; dev is the default"

deps: ## install the Debian packages that are missing
	@tools/deps.sh build run test

deps-build:
	@tools/deps.sh build run

$(BUILD)/build.ninja: CMakePresets.json | deps-build
	cmake --preset $(PRESET)
	@touch $@

build: $(BUILD)/build.ninja ## build everything into build/$PRESET
	cmake --build --preset $(PRESET)

programs: $(BUILD)/build.ninja
	cmake --build --preset $(PRESET) --target $(PROGRAMS)

demo: programs ## from nothing to a green workflow on this machine
	tools/demo/run $(BUILD)/bin

run: programs ## start the server with its embedded defaults
	$(BUILD)/bin/gyre server

test: deps build ## build, then run all tests
	@tools/s3_gateway.sh
	tools/test.sh $(BUILD)

drills: deps build ## break disks, databases, networks and processes for hours: ROUNDS=20 DRILL=FullDisk DATABASE=sqlite
	tools/drills.py $(BUILD) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(DRILL),--drill $(DRILL)) \
		$(if $(DATABASE),--database $(DATABASE))

simulate: $(BUILD)/build.ninja ## look for orders of events that break the server: SEEDS=10000, or SEED=n with its trace
	cmake --build --preset $(PRESET) --target gyre_simulate
	$(BUILD)/bin/gyre_simulate $(if $(SEED),--seed $(SEED) --trace,--seeds $(or $(SEEDS),1000))

real-projects: programs ## run the tests of real projects with and without Gyre: PROJECTS="click qs"
	@tools/deps.sh build run real
	nice -n 5 tests/real/run.py --gyre $(BUILD)/bin/gyre $(PROJECTS)

bench: ## measure the release build; prints ratios
	@tools/deps.sh build run bench
	@$(MAKE) --no-print-directory PRESET=release build
	bench/run build/release

fuzz: ## look for inputs that break a reader: SECONDS=60 for each, READERS="compile junit" for some
	@tools/deps.sh build run fuzz
	@[ -f build/fuzz/build.ninja ] || cmake --preset fuzz
	cmake --build --preset fuzz
	tools/fuzz.sh build/fuzz $(or $(SECONDS),60) $(READERS)

lint: $(BUILD)/build.ninja ## check format, include edges and clang-tidy
	@tools/deps.sh test lint
	tools/format.sh --check
	tools/modules.py --check
	tools/tidy.py $(BUILD)

tidy: $(BUILD)/build.ninja ## clang-tidy alone, changed files only
	@tools/deps.sh lint
	tools/tidy.py $(BUILD)

format: ## rewrite the sources in the house format
	tools/format.sh

draw: ## redraw the include graph in docs/architecture.md
	tools/modules.py --draw

clean: ## remove all builds
	rm -rf build
