#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Our drivers on real devices of a guest: QEMU with its e1000, e1000e and igb, two of each joined by
# a cable. nicety and the conformance suite run inside. Between that the devices belong to the
# kernel's drivers.
#
#   guest.sh [--short] [RUN]...
#
#   vfio      Debian's kernel, VFIO behind an IOMMU
#   sysfs     Debian's kernel, sysfs and uio_pci_generic, no IOMMU
#   persist   Debian's kernel and udev: bindings that outlive plugging in and booting
#   noiommu   a kernel of its own (scripts/interop/guest-kernel.sh), VFIO without an IOMMU
#   iommufd   that kernel, VFIO by device nodes and iommufd
#
# --short: the first two, fewer tests. TESTS=PATTERN runs only those tests of the suite;
# CHIPS=PATTERN only these chips.
. "$(dirname "$0")/lib.sh"
. "$here/guest-checks.sh"

build=$(dirname "$NICETY")
# Kernel's driver, CHIP of tests/conformance, where its two are in the guest.
chips='
e1000 82540em 0000:00:03.0 0000:00:04.0
e1000e 82574l 0000:00:05.0 0000:00:06.0
igb 82576 0000:01:00.0 0000:02:00.0
'
runs='vfio sysfs persist noiommu iommufd'
if [ "${1-}" = --short ]; then
	shift
	runs='vfio sysfs'
	TESTS=${TESTS-'link_and_mac|every_frame_size|wrap_from|two_queues|multicast|tags_are|tcp_is_cut|frame_wakes|echo_sends'}
fi
[ $# = 0 ] || runs=$*
chips=$(grep -E "${CHIPS-.}" <<<"$chips")

devices() { # QEMU's arguments for all chips
	local driver a b address number=0
	while read -r driver _ a b; do
		number=$((number + 1))
		for address in $a $b; do
			net=net${address:5:2}${address:8:2}
			mac=02:00:00:00:00:$([ "$address" = "$a" ] && echo 0a || echo 0b)
			place=addr=${address:8:2}.0
			if [ "${address:5:2}" != 00 ]; then # behind a port of its own
				echo "-device pcie-root-port,id=port${address:5:2},slot=${address:6:1},addr=1${address:6:1}.0"
				place=bus=port${address:5:2}
			fi
			echo "-netdev hubport,id=$net,hubid=$number -device $driver,romfile=,netdev=$net,mac=$mac,$place"
		done
	done <<<"$chips"
}
conformance() { # CHIP A B PROGRAM TEST: a check of its own, unless the suite says that it cannot be
	guest "NICETY_CHIP=$1 NICETY_HOST=pci NICETY_ON_QEMU=1 NICETY_PCI_A=$2 NICETY_PCI_B=$3 NICETY_TEST=$5 timeout 110 conformance_$4 2>&1" >"$tmp/test"
	if grep -q "^NOT ON QEMU $5" "$tmp/test"; then
		grep "^NOT ON QEMU $5" "$tmp/test"
	elif grep -q "SKIPPED . $5" "$tmp/test"; then
		echo "NOT ON QEMU $5: only a model can do this"
	else
		check "$title: $5" passed "$5"
	fi
}
passed() { # TEST
	cat "$tmp/test"
	grep -q " OK . $1" "$tmp/test"
}
all_tests() { # of the conformance suite: PROGRAM TEST
	for program in basic features path; do
		sed -n "s/.*cmocka_unit_test(\(.*\)),.*/$program \1/p" "$here/../conformance/test_$program.c" |
			grep -E "${TESTS-}"
	done
}
left_out() { # CHIP TEST
	case $2,$1 in
	# It is about wires and ids that only models have.
	bad_configurations_are_refused,* | paths_that_cannot_be_are_refused,*) ;;
	# QEMU's e1000 keeps a changed address over a reset: no later test would get a frame.
	the_address_can_be_changed,82540em) ;;
	# Message interrupts want VFIO.
	a_frame_wakes_the_waiter,8257* | waiting_times_out,8257* | every_frame_interrupts,8257*)
		[ "$kernel_side" != vfio-pci ] ;;
	*) return 1 ;;
	esac
}
interface() { # ADDRESS
	guest "interface $1"
}
refuses_what_is_in_use() { # ADDRESS
	local name
	name=$(interface "$1")
	guest "ip address add 10.9.9.9/24 dev $name" || return 1
	guest "! nicety bind $1 $kernel_side 2>/tmp/refusal; cat /tmp/refusal; grep -q 'in use' /tmp/refusal" || return 1
	[ "$(interface "$1")" = "$name" ] && guest "ip address flush dev $name"
}
persists() { # ADDRESS: the rule is there until unbind
	guest "nicety bind $1 $kernel_side --persist && cat /etc/udev/rules.d/*$1* && grep -q driver_override /etc/udev/rules.d/*$1* && nicety unbind $1 && ! ls /etc/udev/rules.d/*$1* 2>/dev/null"
}
kernel_works() { # A B: the kernel's drivers have both again, and a ping goes from one to the other
	local a b
	a=$(interface "$1") || { echo "$a"; return 1; }
	b=$(interface "$2") || { echo "$b"; return 1; }
	guest "unshare -n sleep 600 & echo \$! >/tmp/other; sleep 1; ip link set $b netns \$(cat /tmp/other) && nsenter -t \$(cat /tmp/other) -n ip address add 10.1.0.2/24 dev $b && nsenter -t \$(cat /tmp/other) -n ip link set $b up && ip address add 10.1.0.1/24 dev $a && ip link set $a up && carrier $a && sleep 2 && pings 10 1000 10.1.0.2" || return 1
	guest "kill \$(cat /tmp/other); ip address flush dev $a; ip link set $a down; sleep 1; ls /sys/class/net"
}
faults() { # ADDRESS: DMA to memory that is not the device's shows in the kernel's log
	guest "dmesg -c >/dev/null; dma_outside $1; dmesg | tee /tmp/log | grep -E 'DMAR: .*fault addr 0x7f000000'; code=\$?; [ \$code = 0 ] || tail /tmp/log; (exit \$code)"
}
doctor() { # ADDRESS: nothing is wrong, but that there is no IOMMU where there is none
	if [ "$iommu" ]; then
		guest "nicety doctor $1"
	else
		guest "! nicety doctor $1 >/tmp/doctor; cat /tmp/doctor; grep -q '^iommu .*there is none' /tmp/doctor && grep -q '^1 finding' /tmp/doctor"
	fi
}
on_chip() { # RUN DRIVER CHIP A B
	local program test
	check "$title: bind refuses an interface in use" refuses_what_is_in_use "$4"
	[ "$1" = noiommu ] || check "$title: bind --persist, unbind" persists "$4"
	for address in $4 $5; do
		check "$title: bind $address" guest "nicety bind $address $kernel_side"
	done
	check "$title: list" guest "nicety list | tee /tmp/list | grep '$4.*$kernel_side'; cat /tmp/list"
	check "$title: doctor" doctor "$4"
	check "$title: info" guest "nicety info pci:$4$query"
	case $1 in
	vfio) without_root "$3" "$4" "$5" ;;
	iommufd) node_or_group "$3" "$4" "$5" ;;
	noiommu) only_by_name "$4" ;;
	esac
	while read -r program test; do
		left_out "$3" "$test" || conformance "$3" "pci:$4$query" "pci:$5$query" "$program" "$test"
	done < <(all_tests)
	[ -z "$iommu" ] || [ "$3" = 82576 ] ||
		check "$title: DMA outside the mapping is a fault" faults "$4"
	for address in $4 $5; do
		check "$title: unbind $address" guest "nicety unbind $address"
	done
	check "$title: the kernel's driver works again" kernel_works "$4" "$5"
}
loads() { # MODULE...
	guest "for m in $*; do sudo modprobe \$m || break; done && for i in \$(seq 100); do ls /sys/class/net | grep -q eth\$((2 * $(wc -l <<<"$chips") - 1)) && break; usleep 100000; done; echo 100 >/proc/sys/vm/nr_hugepages"
}
one() { # RUN
	local drivers
	drivers=$(cut -d ' ' -f 1 <<<"$chips")
	kernel_side=vfio-pci
	query=
	arguments=intel_iommu=on
	iommu='-device intel-iommu,intremap=on'
	vmlinuz=vmlinuz
	case $1 in
	sysfs)
		kernel_side=uio_pci_generic
		query='?sysfs'
		arguments=
		iommu=
		;;
	noiommu)
		query='?noiommu'
		iommu=
		vmlinuz=vmlinuz-own
		;;
	iommufd) vmlinuz=vmlinuz-own ;;
	esac
	echo "-- $1"
	# shellcheck disable=SC2046,SC2086
	check "$1: the guest boots" boot 2 "$arguments" -machine q35 -m 1G $iommu $(devices)
	case $1 in
	vfio | sysfs)
		doctor_machine "$1"
		# shellcheck disable=SC2086
		check "$1: modules, hugepages" loads $drivers vfio-pci uio_pci_generic
		;;
	*) check "$1: hugepages" loads ;;
	esac
	[ "$1" != noiommu ] || unsafe_mode "$(sed -n '1s/.* .* \(.*\) .*/\1/p' <<<"$chips")"
	while read -r driver chip a b; do
		title="$1, $chip"
		on_chip "$1" "$driver" "$chip" "$a" "$b"
	done <<<"$chips"
	check "$1: power off" power_off
	exec 3<&- 4>&-
}
own_kernel() {
	local file
	file=$("$here/../../scripts/interop/guest-kernel.sh" | tail -n 1) && cp "$file" "$tmp/vmlinuz-own"
}
check "the guest's programs" guest_programs
check "the guest's files" guest_files
# shellcheck disable=SC2046
check "the guest is put together" make_guest $(cut -d ' ' -f 1 <<<"$chips") vfio-pci vfio_iommu_type1 uio_pci_generic
case $runs in
*noiommu* | *iommufd*) check "the guest's own kernel" own_kernel ;;
esac
for run in $runs; do
	if [ "$run" = persist ]; then persist; else one "$run"; fi
done
finish
