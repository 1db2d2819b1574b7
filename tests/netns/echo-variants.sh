#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nicety echo in its variants against the kernel: IPv6, jumbo frames, --validate, several queues,
# a model on a thread, small rings and bursts, VLAN tags.
. "$(dirname "$0")/lib.sh"

variant() { # NAME MTU URI_OPTIONS ECHO_OPTIONS...: start an echo on tap0
	title=$1
	before=$(echos Out)
	mtu=$2
	uri="model:82599?wire=tap:tap0$3"
	shift 3
	start echo "$NICETY" echo --json "$@" "$uri"
	check "$title: the interface appears" tap_up tap0 "$mtu" 10.0.0.1/24 fd00::1/64
	check "$title: it answers" answers tap0 10.0.0.2
}
summary() { # CHECK...: stop it; further expressions over its summary
	check "$title: ends with exit code 0" stop echo
	check "$title: answered exactly the requests that were sent" json "$tmp/echo.out" \
		"o['counters']['icmp_replies'] + o['counters']['icmpv6_replies'] == $(($(echos Out) - before)) + ${raw:-0}"
	check "$title: no violations" json "$tmp/echo.out" "o['violations'] == 0"
	check "$title: answers and drops add up" json "$tmp/echo.out" \
		"o['received'] == o['answered'] + o['dropped']"
	for expression; do
		check "$title: $expression" json "$tmp/echo.out" "$expression"
	done
	wait_for sh -c '! ip link show dev tap0' || failed=$((failed + 1))
}

variant "IPv6" 1500 ''
check "IPv6: ping" ping_all 100 -6 -i 0.005 fd00::2
check "IPv6: flood" ping_all 3000 -6 -f fd00::2
for size in 0 1 17 63 64 65 511 1023 1024 1451 1452; do
	check "IPv6: ping of $size bytes" ping_all 20 -6 -i 0.002 -s $size fd00::2
done
summary "o['counters']['icmpv6_replies'] >= 100 + 3000 + 11 * 20" \
	"o['counters']['nd_replies'] >= 1"

variant "jumbo" 9000 '' --mtu 9000
for size in 0 1472 1473 2000 4000 8191 8192 8193 8971 8972; do
	check "jumbo: ping of $size bytes" ping_all 20 -M do -i 0.002 -s $size 10.0.0.2
done
check "jumbo: IPv6 ping of 8952 bytes" ping_all 20 -6 -M do -i 0.002 -s 8952 fd00::2
check "jumbo: flood" ping_all 2000 -f -s 8972 10.0.0.2
summary "o['counters']['icmpv6_replies'] >= 20"

variant "--validate" 1500 '' --validate
check "--validate: flood" ping_all 2000 -f 10.0.0.2
check "--validate: odd size" ping_all 20 -i 0.002 -s 1471 10.0.0.2
check "--validate: IPv6 flood" ping_all 2000 -6 -f fd00::2
summary "o['counters']['drop_bad_icmp_sum'] == 0" \
	"o['counters']['drop_bad_ip_sum'] == 0"

variant "4 queues" 1500 '' --queues 4
check "4 queues: flood" ping_all 2000 -f 10.0.0.2
for n in $(seq 3 12); do
	check "4 queues: address 10.0.0.$n" ping_all 20 -i 0.002 10.0.0.$n
done
summary

variant "threaded" 1500 "&host=thread"
check "threaded: flood" ping_all 2000 -f 10.0.0.2
summary

variant "KX4 id, smallest ring, burst 1" 1500 '&id=10f7' --ring 64 --burst 1
check "KX4 id: flood" ping_all 5000 -f 10.0.0.2
summary

variant "VLAN" 1500 ''
check "VLAN: untagged as before" ping_all 10 -i 0.002 10.0.0.2
mac=$(ip neighbour show 10.0.0.2 dev tap0 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
check "VLAN: replies carry the tag of their request" \
	python3 "$(dirname "$0")/vlan_ping.py" tap0 "$mac" 7 1000
check "VLAN: the highest tag" python3 "$(dirname "$0")/vlan_ping.py" tap0 "$mac" 4094 20
raw=1020
summary
raw=0

variant "--count" 1500 '' --count 50
ping -q -f -c 200 -w 3 10.0.0.2 >/dev/null 2>&1
wait "$echo_pid"
check "--count: ends by itself with exit code 0" test $? = 0
check "--count: not long after 50" json "$tmp/echo.out" "50 <= o['received'] <= 85"
finish
