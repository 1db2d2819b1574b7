#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Linux's own ixgbe on our 82599: Debian's kernel in QEMU, emulated throughout, the model served by
# `nicety model`. Every run is one line of the table at the end; each boots a guest of its own.
#
#   linux.sh [--short] [ID,CPUS,INTERRUPTS...]
#
# As root; what is missing for the guest, scripts/interop/setup.sh makes first. bash for `read -t`:
# a guest that hangs must not hang the test. SHOW=1 prints what the guest's driver logged; LENIENT=
# (empty) fails and lists all rules that Linux breaks.
if [ "$(id -u)" != 0 ]; then
	echo "SKIPPED $(basename "$0"): needs root, to make and enter the tree that QEMU is in" >&2
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
fi
here=$(dirname "$0")
if [ -z "${NICETY_MOUNTS-}" ]; then
	"$here/../../scripts/interop/setup.sh" || exit 1
fi
# Mounts of its own as well as lib.sh's network: both vanish with the last process.
[ -n "${NICETY_MOUNTS-}" ] || NICETY_MOUNTS=1 exec unshare -m "$0" "$@"
. "$here/../netns/lib.sh"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/nicety
tree=$cache/trixie
kernel=$cache/kernel/root
version=$(basename "$(echo "$kernel"/lib/modules/*)")

# What Linux does against the datasheet, and works on silicon: docs/hardware.md tells about each.
# Any other rule fails the run.
lenient=${LENIENT-eimc-reserved,touched-in-reset,autoc-unlocked,rx-descriptor-dd,access-width}
ANSWER_S=120 # a command of the guest takes longer only if it hangs
RUN_S=600    # one guest from boot to power off

module_files() { # MODULE: it and what it needs, in the order to load
	modprobe -d "$kernel" -S "$version" --show-depends "$1" | awk '$1 == "insmod" { print $2 }'
}
make_guest() { # the initramfs: busybox, modules, init
	local module file name root=$tmp/root
	mkdir -p "$root/bin" "$root/modules"
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$here/guest-init" "$root/init"
	for module in ixgbe 8021q; do
		for file in $(module_files $module); do
			name=$(basename "${file%%.ko*}")
			echo "$name" >>"$root/modules/$module.order"
			case $file in
			*.xz) xz -dc "$file" >"$root/modules/$name.ko" ;;
			*) cp "$file" "$root/modules/$name.ko" ;;
			esac
		done
		[ -s "$root/modules/$module.order" ] || return 1
	done
	(cd "$root" && find . | cpio -o -H newc --quiet) >"$tmp/initrd" &&
		cp "$kernel/boot/vmlinuz-$version" "$tmp/vmlinuz"
}

boot() { # CPUS KERNEL_ARGUMENT: QEMU, until the guest's init says that it is ready
	local name
	rm -f "$tmp"/control.*
	mkfifo "$tmp/control.in" "$tmp/control.out" || return 1
	# Kill one of them and the next goes, too.
	start qemu timeout $RUN_S setpriv --pdeathsig KILL chroot "$tree" qemu-system-x86_64 -accel tcg,thread=multi -cpu max \
		-m 512M -smp "$1" -machine q35,memory-backend=ram \
		-object memory-backend-memfd,id=ram,size=512M,share=on \
		-nodefaults -no-user-config -display none -no-reboot \
		-serial file:/mnt/console -serial pipe:/mnt/control \
		-kernel /mnt/vmlinuz -initrd /mnt/initrd \
		-append "console=ttyS0 quiet panic=-1 no_timer_check ipv6.disable=1 $2" \
		-device pcie-root-port,id=slot1,slot=1 -device \
		'{"driver":"vfio-user-pci","bus":"slot1","socket":{"type":"unix","path":"/mnt/nic"}}'
	# Both ways in both processes: opening never blocks, whoever comes first.
	exec 3<>"$tmp/control.out" 4<>"$tmp/control.in"
	(tail -q --pid "$qemu_pid" -f /dev/null; echo "ended " >&3) &
	answer ready && return
	cat "$tmp/qemu.err" "$tmp/console"
	return 1
}
answer() { # PREFIX: print what the guest prints, up to a line with this prefix
	while IFS= read -r -t $ANSWER_S -u 3 line; do
		case $line in
		"$1"*) return 0 ;;
		"ended ") echo "QEMU has ended"; return 1 ;;
		esac
		[ -z "$line" ] || echo "$line"
	done
	echo "the guest does not answer"
	return 1
}
guest() { # COMMAND...: its output and exit code
	local line
	echo "$*" >&4
	answer 'exit ' || return 1
	return "${line#exit }"
}
quiet() { # until nothing is on its way any more, so that counters can be compared
	local now before=
	for _ in $(seq 50); do
		now=$(wire_packets) && [ "$now" = "$before" ] && return
		before=$now
		sleep 0.3
	done
}
wire_packets() { # what the model put out, what was sent to it, as the kernel's interface counts
	ip -s -s -j link show dev tap0 | python3 -c '
import json, sys
s = json.load(sys.stdin)[0]["stats64"]
print(s["rx"]["packets"], s["tx"]["packets"])'
}
add_packets() { # the guest's counters since its driver was loaded
	quiet
	read -r rx tx <<<"$(guest packets eth0)"
	guest_rx=$((guest_rx + rx))
	guest_tx=$((guest_tx + tx))
}

# A stream to the host and back, in large segments: what arrives must be what was sent.
cat >"$tmp/serve.py" <<'END2'
import hashlib
import socket
import sys

server = socket.create_server(("10.0.0.1", 7000))
server.settimeout(120)
print("ready", flush=True)
client, _ = server.accept()
client.settimeout(60)
data = bytearray()
while block := client.recv(1 << 16):
    data += block
client.sendall(data)
client.shutdown(socket.SHUT_WR)
print(len(data), hashlib.sha256(data).hexdigest(), flush=True)
END2
tcp() { # MIB
	local name sum
	start serve python3 "$tmp/serve.py"
	wait_for grep -q ready "$tmp/serve.out" || return 1
	sum=$(guest "dd if=/dev/urandom of=/tmp/data bs=1M count=$1 2>/dev/null; sha256sum </tmp/data")
	guest 'nc 10.0.0.1 7000 </tmp/data >/tmp/back && cmp /tmp/data /tmp/back' || return 1
	wait "$serve_pid" || { cat "$tmp/serve.err"; return 1; }
	[ "$(sed -n 2p "$tmp/serve.out")" = "$(($1 << 20)) ${sum%% *}" ]
}
vlan() {
	local mac
	guest load 8021q || return 1
	guest "ip link add link eth0 name vlan77 type vlan id 77 && ip address add 10.7.0.2/24 dev vlan77 && ip link set vlan77 up" || return 1
	mac=$(ip -j link show dev tap0 | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["address"])')
	guest "arp -i vlan77 -s 10.7.0.1 $mac" || return 1
	python3 "$here/../netns/vlan_ping.py" tap0 "$guest_mac" 77 200 || return 1
	guest 'ip link del vlan77'
}
flap() {
	guest 'ip link set eth0 down && ip link set eth0 up && carrier eth0 && pings 5 56 10.0.0.1'
}
load_driver() {
	guest 'load ixgbe && for i in $(seq 50); do [ ! -e /sys/class/net/eth0 ] || break; usleep 100000; done; [ -e /sys/class/net/eth0 ]'
}

one() { # ID CPUS INTERRUPTS
	title="$1, $2 CPU, $3"
	vectors=PCI-MSIX
	argument=
	[ "$3" = msix ] || { vectors=IO-APIC; argument=pci=nomsi; }
	queues=$2
	[ "$3" = msix ] || queues=1 # one interrupt: the driver leaves it at one queue
	guest_rx=0
	guest_tx=0
	echo "-- $title"
	start model "$NICETY" model 82599 --json --socket "$tmp/nic" --wire tap:tap0 --id "$1" \
		${lenient:+--lenient "$lenient"}
	check "$title: the model serves" wait_for test -S "$tmp/nic"
	check "$title: its cable is there" tap_up tap0 9000 10.0.0.1/24
	check "$title: the guest boots" boot "$2" "$argument"
	if ! kill -0 "$qemu_pid" 2>/dev/null; then
		cat "$tmp/qemu.err" "$tmp/model.err"
		return
	fi
	probe_and_ping
	check "$title: $queues queues" guest \
		"set -- /sys/class/net/eth0/queues/rx-*; [ \$# = $queues ]"
	check "$title: interrupts by $vectors" guest "grep eth0 /proc/interrupts | grep -q $vectors"
	check "$title: TCP, 16 MiB to and fro" tcp 16
	check "$title: tagged pings" vlan
	for n in 1 2 3; do
		check "$title: down and up again, $n" flap
	done
	check "$title: MTU 9000" guest 'ip link set eth0 mtu 9000 && carrier eth0'
	check "$title: jumbo ping by the guest" guest pings 20 8000 10.0.0.1
	check "$title: jumbo ping by the host" ping_all 20 -i 0.01 -M do -s 8000 10.0.0.2
	check "$title: TCP in jumbo frames" tcp 16
	check "$title: no errors counted" guest \
		'cd /sys/class/net/eth0/statistics && [ "$(cat *_errors rx_missed_errors rx_dropped tx_dropped | sort -u)" = 0 ]'
	add_packets
	check "$title: rmmod" guest 'rmmod ixgbe && [ ! -e /sys/class/net/eth0 ]'
	title="$title, again"
	probe_and_ping
	title="${title%, again}"
	add_packets
	check "$title: no error in the guest's log" guest clean_log
	finish_one
}
probe_and_ping() {
	check "$title: probe" load_driver
	check "$title: link" guest interface_up eth0 10.0.0.2/24
	guest_mac=$(guest cat /sys/class/net/eth0/address)
	for size in 0 56 1472; do
		check "$title: ping of $size bytes by the guest" guest pings 20 $size 10.0.0.1
		check "$title: ping of $size bytes by the host" ping_all 20 -i 0.01 -s $size 10.0.0.2
	done
	check "$title: flood" ping_all 1000 -f 10.0.0.2
}
finish_one() {
	wire=$(wire_packets)
	guest_log=$(guest dmesg)
	echo 'poweroff -f' >&4
	check "$title: power off" wait "$qemu_pid"
	check "$title: the model broke off nothing, no other rule was broken" stop model
	result=$tmp/model.out
	check "$title: no violations" json "$result" "o['violations'] == 0"
	check "$title: guest received $guest_rx, what the model delivered" json "$result" \
		"o['counters']['model_delivered'] == $guest_rx"
	check "$title: guest sent $guest_tx, what the model put on the wire" json "$result" \
		"o['counters']['model_wire_out'] == $guest_tx"
	check "$title: the wire says the same" json "$result" \
		"'%d %d' % (o['counters']['model_wire_out'], o['counters']['model_wire_in']) == '$wire'"
	[ -z "${SHOW-}" ] || echo "$guest_log" | grep -E 'ixgbe|eth0'
	exec 3<&- 4>&-
}

runs='10fb,2,msix 10f7,1,intx 10f7,2,msix'
[ "${1-}" = --short ] || runs="$runs 10fb,1,msix 10f7,1,msix 10fb,1,intx 10fb,2,intx"
[ "${1-}" != --short ] || shift
[ $# = 0 ] || runs=$*

mount --bind "$tmp" "$tree/mnt" || exit 1
trap 'umount "$tree/mnt"; cleanup' EXIT
check "the guest is put together" make_guest
for run in $runs; do
	# shellcheck disable=SC2086
	one ${run//,/ }
done
finish
