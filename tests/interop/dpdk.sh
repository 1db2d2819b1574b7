#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# DPDK's drivers on our models: Debian's dpdk-testpmd with the plug-in of tests/interop/dpdk, judged
# by tests/interop/dpdk/runs.py. Needs no root once the packages are there.
#
#   dpdk.sh [--short] [RUN...]
#
# BUILD names the build folder. SHOW=1 prints the models' reports; LENIENT= (empty) fails and lists
# all rules that DPDK breaks. REGISTERS=FILE adds to FILE which registers were used: registers.py
# tells about it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILD:-$top/build}

if [ "$(uname -m)" != x86_64 ]; then
	echo "SKIPPED $(basename "$0"): register accesses are decoded for x86-64 only" >&2
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
fi
headers=$("$top/scripts/interop/dpdk.sh" | tail -n 1)
[ -d "$headers" ] || exit 1
[ -e "$build/build.ninja" ] || meson setup "$build" "$top" || exit 1
# Configuring an option that has the value already costs a reconfiguration: ask first.
grep -qs "$headers" "$build/meson-info/intro-buildoptions.json" ||
	meson configure "$build" "-Ddpdk_headers=$headers" || exit 1
ninja -C "$build" tests/interop/dpdk/libnicety-dpdk.so >"$build/interop-dpdk.log" || {
	cat "$build/interop-dpdk.log"
	exit 1
}
exec python3 "$here/dpdk/runs.py" "$build/tests/interop/dpdk/libnicety-dpdk.so" "$@"
