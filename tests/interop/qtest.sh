#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Our drivers on the NICs that QEMU's authors wrote, without a guest: two of a kind in one machine,
# joined by a hub; this process is the machine's processor (src/bus/qtest.c). First the backend
# alone (qtest_raw), then the conformance suite.
#
#   qtest.sh [--short] [CHIP...]
#
# As root; scripts/interop/setup.sh makes the tree that QEMU is in.
if [ "$(id -u)" != 0 ]; then
	echo "SKIPPED $(basename "$0"): needs root, to make and enter the tree that QEMU is in" >&2
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
fi
here=$(dirname "$0")
if [ -z "${NICETY_MOUNTS-}" ]; then
	"$here/../../scripts/interop/setup.sh" || exit 1
fi
# Mounts of its own: they vanish with the last process.
[ -n "${NICETY_MOUNTS-}" ] || NICETY_MOUNTS=1 exec unshare -m "$0" "$@"

tests=$(cd "$here/../.." && cd "${BUILD:-build}/tests" && pwd) || exit 1
tree=${XDG_CACHE_HOME:-$HOME/.cache}/nicety/trixie
tmp=$(mktemp -d)
qemu=
trap '[ -z "$qemu" ] || kill -KILL $qemu; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP
mount --bind "$tmp" "$tree/mnt" || exit 1

# QEMU's name and ours. Each igb is behind a PCIe port: two on one bus get in each other's way.
chips="e1000,82540em e1000e,82574l igb,82576"
passed=0
failed=0

boot() { # QEMU'S DEVICE: a machine with two of them
	local a=addr=04.0 b=addr=05.0 ports=
	behind=
	if [ "$1" = igb ]; then
		ports="-device pcie-root-port,id=p1,addr=04.0,slot=1 -device pcie-root-port,id=p2,addr=05.0,slot=2"
		a=bus=p1
		b=bus=p2
		behind=/00.0
	fi
	rm -f "$tmp/qtest" "$tmp/ram"
	# shellcheck disable=SC2086
	timeout -k 1 600 setpriv --pdeathsig KILL chroot "$tree" qemu-system-x86_64 \
		-accel qtest -qtest unix:/mnt/qtest,server=on,wait=off -qtest-log none \
		-nodefaults -no-user-config -display none \
		-m 256M -machine q35,memory-backend=ram,max-ram-below-4g=64M \
		-object memory-backend-file,id=ram,size=256M,share=on,mem-path=/mnt/ram \
		-netdev hubport,id=n1,hubid=0 -netdev hubport,id=n2,hubid=0 $ports \
		-device "$1,netdev=n1,mac=02:00:00:00:00:0a,romfile=,$a" \
		-device "$1,netdev=n2,mac=02:00:00:00:00:0b,romfile=,$b" 2>"$tmp/qemu.log" &
	qemu=$!
	for _ in $(seq 300); do
		[ -S "$tmp/qtest" ] && return 0
		kill -0 $qemu 2>/dev/null || break
		sleep 0.1
	done
	sed 's/^/        /' "$tmp/qemu.log"
	return 1
}
halt() {
	[ -n "$qemu" ] || return 0
	kill -KILL $qemu 2>/dev/null
	{ wait $qemu; } 2>/dev/null
	qemu=
}
# A test program: its cmocka report, counted. A program that ends without one has failed.
run() { # NAME PROGRAM ARGUMENTS...
	local name=$1 code ok bad out=$tmp/out
	shift
	timeout -k 1 300 "$@" >"$out" 2>&1
	code=$?
	ok=$(grep -c '^\[       OK \]' "$out")
	bad=$(($(grep -c '^\[ RUN      \]' "$out") - ok - $(grep -c '^\[  SKIPPED \] [^ ]*$' "$out")))
	[ $code = 0 ] || [ $bad -gt 0 ] || bad=1
	[ $((ok + bad)) -gt 0 ] || bad=1
	grep '^NOT ON QEMU' "$out" | sort -u
	if [ $bad -gt 0 ]; then
		echo "FAILED  $name: $ok passed, $bad failed"
		grep -vE '^\[ RUN|^\[       OK' "$out" | tail -n 40 | sed 's/^/        /'
	else
		echo "ok      $name: $ok tests"
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
}
on_machine() { # QEMU'S DEVICE, NAME PROGRAM ARGUMENTS...: on a machine of its own
	local device=$1
	shift
	if boot "$device"; then
		export NICETY_QTEST_A="qtest:$tmp/qtest?addr=04.0$behind&ram=$tmp/ram"
		export NICETY_QTEST_B="qtest:$tmp/qtest?addr=05.0$behind&ram=$tmp/ram"
		run "$@"
	else
		echo "FAILED  $1: no machine"
		failed=$((failed + 1))
	fi
	halt
}

# The chip's own loopback, no hub: QEMU's 82574L has it as silicon has. Its 82540EM loses what is sent
# in the second in which it is deaf, its 82576 has a link only by negotiation (docs/hardware.md).
in_loopback() {
	local case
	boot e1000e || { failed=$((failed + 1)); return; }
	for case in link sizes padding queues addresses counters interrupts vlan checksums jumbo; do
		if timeout -k 1 60 "$tests/../nicety" selftest --loopback --case $case \
			"qtest:$tmp/qtest?addr=04.0&ram=$tmp/ram" >"$tmp/out" 2>&1 &&
			grep -q '^1 ok, 0 failed, 0 skipped$' "$tmp/out"; then
			echo "ok      e1000e: loopback: $case"
			passed=$((passed + 1))
		else
			echo "FAILED  e1000e: loopback: $case"
			sed 's/^/        /' "$tmp/out"
			failed=$((failed + 1))
		fi
	done
	halt
}

[ "${1-}" != --short ] || shift # there is no longer form
export NICETY_HOST=qtest
for row in $chips; do
	device=${row%,*}
	export NICETY_CHIP=${row#*,}
	[ $# = 0 ] || [[ " $* " == *" $device "* ]] || continue
	on_machine "$device" "$device: backend" "$tests/qtest_raw" "$device"
	for suite in basic features path; do
		on_machine "$device" "$device: $suite" "$tests/conformance_$suite"
	done
	[ $device != e1000e ] || in_loopback
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
