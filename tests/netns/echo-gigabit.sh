#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nicety echo on the software 82540EM, 82545EM and 82574L against the kernel: floods, sizes, jumbo
# frames, IPv6, VLAN tags, two queues, a model on a thread.
. "$(dirname "$0")/lib.sh"

variant() { # NAME MTU URI ECHO_OPTIONS...: start an echo on tap0
	title=$1
	before=$(echos Out)
	mtu=$2
	uri=$3
	shift 3
	start echo "$NICETY" echo --json "$@" "$uri"
	check "$title: the interface appears" tap_up tap0 "$mtu" 10.0.0.1/24 fd00::1/64
	check "$title: it answers" answers tap0 10.0.0.2
}
summary() { # stop it; its numbers are the kernel's
	check "$title: ends with exit code 0" stop echo
	check "$title: answered exactly the requests that were sent" json "$tmp/echo.out" \
		"o['counters']['icmp_replies'] + o['counters']['icmpv6_replies'] == $(($(echos Out) - before)) + ${raw:-0}"
	check "$title: no violations" json "$tmp/echo.out" "o['violations'] == 0"
	check "$title: answers and drops add up" json "$tmp/echo.out" \
		"o['received'] == o['answered'] + o['dropped']"
	check "$title: the interface goes" wait_for sh -c '! ip link show dev tap0'
}

for chip in 82540em '82540em?id=100f' 82574l; do
	case $chip in
	*\?*) uri="model:$chip&wire=tap:tap0" ;;
	*) uri="model:$chip?wire=tap:tap0" ;;
	esac
	variant "$chip" 1500 "$uri"
	check "$chip: flood" ping_all 5000 -f 10.0.0.2
	for size in 0 1 17 18 19 63 64 65 511 1023 1024 1471 1472; do
		check "$chip: ping of $size bytes" ping_all 20 -i 0.002 -s $size 10.0.0.2
	done
	check "$chip: IPv6 flood" ping_all 2000 -6 -f fd00::2
	mac=$(ip neighbour show 10.0.0.2 dev tap0 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
	check "$chip: replies carry the tag of their request" \
		python3 "$(dirname "$0")/vlan_ping.py" tap0 "$mac" 7 1000
	raw=1000
	summary
	raw=0
	variant "$chip jumbo" 9000 "$uri" --mtu 9000
	for size in 0 1472 1473 4000 8191 8193 8971 8972; do
		check "$chip: jumbo ping of $size bytes" ping_all 20 -M do -i 0.002 -s $size 10.0.0.2
	done
	check "$chip: jumbo flood" ping_all 2000 -f -s 8972 10.0.0.2
	summary
	variant "$chip on a thread" 1500 "$uri&host=thread" --ring 64 --burst 1
	check "$chip on a thread: flood" ping_all 2000 -f 10.0.0.2
	summary
done

variant "82574l, two queues" 1500 'model:82574l?wire=tap:tap0' --queues 2
check "82574l, two queues: flood" ping_all 2000 -f 10.0.0.2
for n in $(seq 3 12); do
	check "82574l, two queues: address 10.0.0.$n" ping_all 20 -i 0.002 10.0.0.$n
done
summary
finish
