# SPDX-License-Identifier: BSD-2-Clause
#
# A thin front for meson, ninja and scripts/. On a fresh Debian 12, `make demo` and `make check`
# install what is missing through apt-get.
BUILD = build

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@scripts/setup.sh --check build
	meson setup $(BUILD)

setup:
	@scripts/setup.sh build

demo: setup all
	@$(BUILD)/nicety demo

check:
	@scripts/setup.sh build check cross
	@scripts/run-tests

# A long search for inputs that break server and models: make fuzz FUZZ_SECONDS=3600
FUZZ_SECONDS = 600
.PHONY: fuzz
fuzz:
	@scripts/setup.sh build check
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/run-tests fuzz

# Linux's driver in a QEMU guest on our model, as root: make interop-linux RUNS=10fb,2,msix+intx
interop-linux: setup all
	@tests/interop/linux.sh $(RUNS)

# Our drivers on QEMU's own NICs, without a guest: make interop-qemu RUNS=e1000e
interop-qemu: setup all
	@BUILD=$(BUILD) tests/interop/qtest.sh $(RUNS)

# The same NICs in a guest, through VFIO and sysfs of its kernels: make interop-guest RUNS=vfio
interop-guest: setup all
	@tests/interop/guest.sh $(RUNS)

# DPDK's drivers on our models: make interop-dpdk RUNS=82599-vector
interop-dpdk: setup all
	@BUILD=$(BUILD) tests/interop/dpdk.sh $(RUNS)

# The short form of all tests with foreign drivers, as .ci/run wants it.
check-interop: setup all
	@BUILD=$(BUILD) tests/interop/all.py --short

# Driver cost, latency, scaling beside DPDK: tables, charts and bench.json in the build folder;
# bench/README.md tells what each number is. On a machine that does nothing else.
bench:
	@$(MAKE) --no-print-directory bench-run
bench-quick:
	@$(MAKE) --no-print-directory bench-run QUICK=--quick
bench-run:
	@scripts/setup.sh build bench
	@[ -e $(BUILD)/build.ninja ] || meson setup $(BUILD)
	@headers=$$(scripts/interop/dpdk.sh) || echo 'bench: WITHOUT DPDK, for the reason above'; \
	meson setup --reconfigure $(BUILD) -Ddpdk_headers="$$headers" >/dev/null
	@ninja -C $(BUILD) bench/nicety-bench
	@code=0; $(BUILD)/bench/nicety-bench $(QUICK) --out $(BUILD)/bench.jsonl || code=$$?; \
	bench/report.py $(BUILD)/bench.jsonl --json $(BUILD)/bench.json --charts $(BUILD) && \
		exit $$code

# Instructions per packet against bench/baseline.json; bench-baseline writes it anew.
bench-gate: all
	@bench/gate.py $(BUILD)/bench/nicety-bench
bench-baseline: all
	@bench/gate.py --update $(BUILD)/bench/nicety-bench

# One kind of test while working: make test SUITE=unit (or conformance, cli)
test: all
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs $(if $(SUITE),--suite $(SUITE))

size: all
	@scripts/size $(BUILD)

tidy:
	@scripts/tidy

install: all
	@meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf $(BUILD) build-check

help:
	@echo 'make           build into $(BUILD)/; the tool is $(BUILD)/nicety'
	@echo 'make demo      install what is missing, build, answer a real ping'
	@echo 'make check     install what is missing, run all tests'
	@echo 'make interop-linux   as root: Linux in a QEMU guest drives our model'
	@echo 'make interop-dpdk    DPDK drives our models: testpmd with our plug-in'
	@echo 'make interop-qemu    our drivers on the NICs of QEMU, as root'
	@echo 'make interop-guest   our drivers in a QEMU guest, through VFIO and sysfs, as root'
	@echo 'make check-interop   the short form of all, for CI'
	@echo 'make test      run the tests of one build only; SUITE=unit|conformance|cli'
	@echo 'make bench     driver cost beside DPDK (minutes); bench-quick is its short form'
	@echo 'make bench-gate   instructions per packet against the baseline'
	@echo 'make size      size report'
	@echo 'make fuzz      search for inputs that break server and models; FUZZ_SECONDS=600 each'
	@echo 'make tidy      format all sources, run clang-tidy if it is installed'
	@echo 'make install   library, header, tool and man pages; DESTDIR is obeyed'
	@echo 'make clean     remove the build folders'

.PHONY: all setup demo check interop-linux interop-qemu interop-guest interop-dpdk check-interop bench bench-quick bench-run \
	bench-gate bench-baseline test size tidy install clean help
