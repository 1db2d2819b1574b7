#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Linux's own drivers on our models, each served by `nicety model` to a guest in QEMU. A board is
# one row of the table below; every run boots a guest of its own.
#
#   linux.sh [--short] [BOARD,CPUS,INTERRUPTS[+INTERRUPTS][,selftest]...]
#
# INTERRUPTS: msix, msi, intx; the one after "+" in the same guest, with the driver loaded again.
# (msi must come first: the board then offers one MSI-X vector, too few for any driver.) SHOW=1
# prints what the guest's driver logged. selftest: the driver's own test of the NIC instead of ours,
# which writes patterns to registers. LENIENT= (empty) fails and lists all rules that Linux breaks.
# REGISTERS=FILE adds to FILE which registers were used: registers.py tells about it.
. "$(dirname "$0")/lib.sh"

# What Linux does against the datasheet, and works on silicon: docs/hardware.md tells about each.
# Any other rule fails the run.
ixgbe_rules=eimc-reserved,touched-in-reset,autoc-unlocked,rx-descriptor-dd,access-width
ixgbe_selftest=crc-strip-differs,dca-rxctrl-bit12,fctrl-while-rx,rdrxctl-fcoe-wrfix,rdrxctl-rscackc,rdrxctl-rscfrstsize,ring-alignment,ring-length,tail-before-enable
e1000_selftest=head-outside,rctl-while-rx,ring-alignment,ring-length,ring-while-enabled,tail-outside,tipg-zero
e1000e_rules=ring-length,ring-while-enabled
e1000e_selftest=head-outside,rctl-while-rx,ring-alignment,tail-outside,tx-descriptor-dd
igb_rules=touched-in-reset,rx-descriptor-dd
igb_selftest=rctl-lbm,ring-alignment,ring-while-enabled,tail-before-enable
# BOARD MODEL MODULE QUEUES (the most) MTU COUNTERS (of the NIC in ethtool -S: received, sent) RULES,
# RULES OF THE SELFTEST
boards="
10fb 82599?id=10fb ixgbe 4 9000 rx_pkts_nic,tx_pkts_nic $ixgbe_rules $ixgbe_selftest
10f7 82599?id=10f7 ixgbe 4 9000 rx_pkts_nic,tx_pkts_nic $ixgbe_rules $ixgbe_selftest
100e 82540em?id=100e e1000 1 9000 rx_packets,tx_packets none $e1000_selftest
10d3 82574l?id=10d3 e1000e 1 9000 rx_packets,tx_packets $e1000e_rules $e1000e_selftest
10c9 82576?id=10c9 igb 4 9000 rx_packets,tx_packets $igb_rules $igb_selftest
"
runs='10fb,2,msix+intx 10f7,1,msi 100e,1,intx 10d3,1,msix 10c9,2,msix'
mib=4      # of each TCP stream
flaps=3    # link down and up
reloads=1  # rmmod, insmod
if [ "${1-}" = --short ]; then
	shift
else
	runs="$runs 10fb,1,msix+intx 10fb,4,msix+intx 10fb,2,msi 10f7,1,msix 10f7,2,msix+intx 10f7,4,msi+intx"
	runs="$runs 10d3,2,msi+intx 10c9,4,msix+intx 10c9,1,msi"
	runs="$runs 10fb,2,msi,selftest 10f7,1,msix,selftest"
	runs="$runs 100e,1,intx,selftest 10d3,2,msix,selftest 10c9,2,msi,selftest"
	mib=16
	flaps=20
	reloads=5
fi
[ $# = 0 ] || runs=$*

# The link register of each driver in ethtool's register dump, while the link is up.
link_in_dump() { # MODULE
	case $1 in
	ixgbe) echo 'Link Status: *up' ;;
	*) echo 'Link up: *link config' ;;
	esac
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
# A stream to the host and back: what arrives must be what was sent.
cat >"$tmp/serve.py" <<'END2'
import hashlib
import socket
import sys

server = socket.create_server((sys.argv[1], 7000),
                              family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
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
tcp() { # ADDRESS
	local sum
	start serve python3 "$tmp/serve.py" "$1"
	wait_for grep -q ready "$tmp/serve.out" || return 1
	sum=$(guest "dd if=/dev/urandom of=/tmp/data bs=1M count=$mib 2>/dev/null; sha256sum </tmp/data")
	guest "nc $1 7000 </tmp/data >/tmp/back && cmp /tmp/data /tmp/back" || return 1
	wait "$serve_pid" || { cat "$tmp/serve.err"; return 1; }
	[ "$(sed -n 2p "$tmp/serve.out")" = "$((mib << 20)) ${sum%% *}" ]
}
counters_now() { # received and sent: by the wire, by the NIC's registers, by the interface
	local sent received
	quiet
	read -r sent received <<<"$(wire_packets)"
	echo "$received $sent $(guest "echo \$(nic_counters eth0 ${counters/,/ }) \$(packets eth0)")"
}
# The host speaks on its own now and then (IPv6 neighbours, MLD), to addresses that the NIC filters: the
# wire counts such a frame and nobody else does. A run that one falls into is repeated.
counted_alike() { # COMMAND...: what it moves is counted alike everywhere
	counted_alike_once "$@" || counted_alike_once "$@" || counted_alike_once "$@"
}
counted_alike_once() {
	local before after i
	read -r -a before <<<"$(counters_now)"
	"$@" || return 1
	read -r -a after <<<"$(counters_now)"
	echo "wire, NIC, interface: ${before[*]} before, ${after[*]} after"
	[ ${#after[*]} = 6 ] || return 1
	for i in 2 3 4 5; do
		[ $((after[i] - before[i])) = $((after[i % 2] - before[i % 2])) ] || return 1
	done
}
ipv6() {
	guest ipv6_on eth0 fd00::2/64 &&
		guest pings 20 1400 fd00::1 && ping_all 20 -i 0.01 -s 1400 fd00::2 && tcp fd00::1 &&
		guest ipv6_off eth0
}
vlan() {
	local mac
	guest modprobe 8021q || return 1
	guest "ip link add link eth0 name vlan77 type vlan id 77 && ip address add 10.7.0.2/24 dev vlan77 && ip link set vlan77 up" || return 1
	mac=$(ip -j link show dev tap0 | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["address"])')
	guest "arp -i vlan77 -s 10.7.0.1 $mac" || return 1
	python3 "$here/../netns/vlan_ping.py" tap0 "$guest_mac" 77 200 || return 1
	guest 'ip link del vlan77'
}
flap() { # TIMES
	guest "repeat $1 'ip link set eth0 down && ip link set eth0 up && carrier eth0 && pings 5 56 10.0.0.1'"
}
pull_the_cable() {
	ip link set tap0 carrier off
	guest carrier_is eth0 0 || return 1
	ip link set tap0 carrier on
	guest carrier_is eth0 1 && guest pings 5 56 10.0.0.1 && ping_all 5 -i 0.01 10.0.0.2
}
reload() { # TIMES
	guest "repeat $1 'rmmod $module && [ ! -e /sys/class/net/eth0 ] && load_driver $module'"
}
use_queues() { # N
	guest "ethtool -L eth0 combined $1; carrier eth0 && set -- /sys/class/net/eth0/queues/rx-* && [ \$# = $1 ]" &&
		guest pings 20 1472 10.0.0.1 && ping_all 1000 -f 10.0.0.2
}
interrupts_by() { # KIND
	local name
	case $1 in
	msix) name=PCI-MSIX ;;
	msi) name=PCI-MSI- ;;
	intx) name=IO-APIC ;;
	esac
	guest "grep eth0 /proc/interrupts | tee /tmp/interrupts; grep -q $name /tmp/interrupts"
}

one() { # BOARD CPUS INTERRUPTS [selftest]
	local kinds=${3//+/ } kind board=$1
	read -r _ uri module max_queues largest counters rules selftest_rules <<<"$(grep "^$1 " <<<"$boards")"
	[ -n "${rules-}" ] || { echo "no board $1 in the table" >&2; return 1; }
	[ -z "${4-}" ] || rules=$rules,$selftest_rules
	rules=${LENIENT-$rules}
	[ "${kinds%% *}" != msi ] || uri="$uri&vectors=1"
	title="$1, $2 CPU"
	echo "-- $title, $3"
	start model "$NICETY" model "$uri" --json --socket "$tmp/nic" --wire tap:tap0 \
		${rules:+--lenient "$rules"}
	check "$title: the model serves" wait_for test -S "$tmp/nic"
	check "$title: its cable is there" tap_up tap0 9000 10.0.0.1/24 fd00::1/64
	check "$title: the guest boots" boot "$2" ipv6.disable_ipv6=1 \
		-machine q35,memory-backend=ram \
		-object memory-backend-memfd,id=ram,size=512M,share=on \
		-device pcie-root-port,id=slot1,slot=1 -device \
		'{"driver":"vfio-user-pci","bus":"slot1","socket":{"type":"unix","path":"/mnt/nic"}}'
	if ! kill -0 "$qemu_pid" 2>/dev/null; then
		cat "$tmp/qemu.err" "$tmp/model.err"
		return
	fi
	if [ -n "${4-}" ]; then
		selftest
		return
	fi
	check "$title: the kernel counts" guest watch_traffic eth0
	for kind in $kinds; do
		title="$board, $2 CPU, $kind"
		[ "$kind" != intx ] || guest 'for d in /sys/bus/pci/devices/*; do [ "$(cat $d/class)" != 0x020000 ] || echo 0 >$d/msi_bus; done'
		probe_and_ping "$2" "$kind"
		[ "$kind" != "${kinds%% *}" ] || everything_else
		quiet
		wire=$(wire_packets)
		check "$title: rmmod" guest "rmmod $module && [ ! -e /sys/class/net/eth0 ]"
	done
	title="$board, $2 CPU"
	check "$title: no error in the guest's log" guest clean_log "$module"
	finish_one
}
jumbo() {
	check "$title: MTU $largest" guest "ip link set eth0 mtu $largest && carrier eth0"
	check "$title: jumbo ping by the guest" guest pings 20 8000 10.0.0.1
	check "$title: jumbo ping by the host" ping_all 20 -i 0.01 -M do -s 8000 10.0.0.2
	check "$title: TCP in jumbo frames" tcp 10.0.0.1
	[ "$module" != e1000e ] || check "$title: headers were split from them" \
		guest 'n=$(nic_counters eth0 rx_header_split); echo "$n"; [ "$n" -gt 500 ]'
}
probe_and_ping() { # CPUS KIND
	check "$title: probe" guest load_driver "$module"
	check "$title: link" guest interface_up eth0 10.0.0.2/24
	guest_mac=$(guest cat /sys/class/net/eth0/address)
	check "$title: interrupts are of this kind" interrupts_by "$2"
	for size in 0 56 1472; do
		check "$title: ping of $size bytes by the guest" guest pings 20 $size 10.0.0.1
		check "$title: ping of $size bytes by the host" ping_all 20 -i 0.01 -s $size 10.0.0.2
	done
	for n in 1 2 4; do
		# With one interrupt a driver leaves it at one queue.
		[ $n -gt "$1" ] || [ $n -gt "$max_queues" ] || { [ $n -gt 1 ] && [ "$2" != msix ]; } ||
			check "$title: ping and flood with $n queues" use_queues $n
	done
}
everything_else() {
	check "$title: TCP, counted alike by kernel, NIC and wire" counted_alike tcp 10.0.0.1
	check "$title: IPv6: pings, TCP" ipv6
	check "$title: tagged pings" vlan
	check "$title: down and up again, $flaps times" flap $flaps
	check "$title: the cable pulled and plugged in" pull_the_cable
	check "$title: the register dump" \
		guest "ethtool -d eth0 >/tmp/dump && grep -q '$(link_in_dump "$module")' /tmp/dump"
	[ "$largest" = 1500 ] || jumbo
	# tx_dropped has what the guest wanted to send when the cable was pulled; rx_fifo_errors and
	# rx_missed_errors what came while its queue was off (igb turns the receiver on first) or
	# found no descriptor, if the guest is slow: finish_one looks at these.
	check "$title: no errors counted" guest \
		'cd /sys/class/net/eth0/statistics && ! grep -v "^0$" $(ls -d *_errors rx_dropped | grep -v -e rx_fifo -e rx_missed)'
	lost=$(guest 'cd /sys/class/net/eth0/statistics && echo $(($(cat rx_fifo_errors) + $(cat rx_missed_errors)))')
	check "$title: rmmod and probe again, $reloads times" reload $reloads
	check "$title: link after it" guest interface_up eth0 10.0.0.2/24
	check "$title: ping after it" guest pings 20 1472 10.0.0.1
}
model_ends() {
	check "$title: the model broke off nothing, no other rule was broken" stop model
	[ -z "${REGISTERS-}" ] || sed 's/^{/{"driver":"Linux",/' "$tmp/model.out" >>"$REGISTERS"
}
selftest() {
	check "$title: probe" guest load_driver "$module"
	check "$title: link" guest interface_up eth0 10.0.0.2/24
	check "$title: the driver's self-test" guest ethtool -t eth0 offline
	check "$title: ping after it" guest "carrier eth0 && pings 20 1472 10.0.0.1"
	check "$title: no error in the guest's log" guest clean_log "$module"
	check "$title: power off" power_off
	model_ends
	exec 3<&- 4>&-
}
finish_one() {
	# What the host sends on its own after the driver is gone stays in the interface's queue.
	read -r wire_out wire_in <<<"$wire"
	read -r received good sent sums frames segments <<<"$(guest traffic)"
	sent_to_it=$(wire_packets | cut -d ' ' -f 2)
	guest_log=$(guest dmesg)
	check "$title: power off" power_off
	model_ends
	result=$tmp/model.out
	check "$title: no violations" json "$result" "o['violations'] == 0"
	check "$title: guest received $received, what the model delivered" json "$result" \
		"o['counters']['model_delivered'] == $received"
	check "$title: guest sent $sent, what the model put on the wire" json "$result" \
		"o['counters']['model_wire_out'] == $sent"
	check "$title: $lost frames found no queue or descriptor, no more than the model says" json "$result" \
		"$lost <= sum(o['counters'].get('model_rx_' + k, 0) for k in ('queue_off', 'no_descriptor', 'packet_buffer_full'))"
	check "$title: the wire says the same" json "$result" \
		"o['counters']['model_wire_out'] == $wire_out and $wire_in <= o['counters']['model_wire_in'] <= $sent_to_it"
	check "$title: guest gave $frames large frames for $segments segments, as the model cut" json "$result" \
		"o['counters']['model_tx_segmented'] == $frames > 0 and o['counters']['model_tx_segments'] == $segments > 2 * $frames"
	check "$title: $sums checksums for the NIC to fill in" json "$result" \
		"o['counters']['model_tx_checksums'] == $sums > $frames"
	check "$title: $good checksums that the NIC verified" json "$result" \
		"o['counters']['model_rx_checksums_good'] == $good > 0"
	[ -z "${SHOW-}" ] || echo "$guest_log" | grep -E "$module|eth0"
	exec 3<&- 4>&-
}

check "the guest's programs" guest_program "$tmp/root" /usr/sbin/ethtool
check "the guest is put together" make_guest $(cut -d ' ' -f 3 <<<"$boards" | sort -u) 8021q
for run in $runs; do
	# shellcheck disable=SC2086
	one ${run//,/ }
done
finish
