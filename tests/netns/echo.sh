#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nicety echo answers the kernel's ping and arping over a TAP device, in all sizes of an ordinary
# MTU, and its summary counts what ping counted.
. "$(dirname "$0")/lib.sh"

pings() { # NAME COUNT PING_ARGUMENTS...
	name=$1
	shift
	check "$name" ping_all "$@" 10.0.0.2
}
start echo "$NICETY" echo --json 'model:82599?wire=tap:tap0'
check "the interface appears" tap_up tap0 1500 10.0.0.1/24
check "it answers" answers tap0 10.0.0.2

pings "ping" 10 -i 0.1
pings "flood" 10000 -f
pings "back to back, 100 on their way" 5000 -l 100 -i 0
for size in 0 1 2 3 17 18 19 22 23 36 55 56 57 63 64 65 127 128 129 255 256 257 511 512 513 \
	1000 1023 1024 1025 1399 1400 1470 1471 1472; do
	pings "ping of $size bytes" 20 -i 0.002 -s $size
done
pings "pattern of ones (checksum corner)" 20 -i 0.002 -p ff -s 1472
pings "pattern of zeros (checksum corner)" 20 -i 0.002 -p 00 -s 1472
check "arping" arping -q -c 2 -I tap0 10.0.0.77
# Every address answers: the model's wire has nobody else on it.
check "another address" ping_all 10 -i 0.01 10.0.0.99
sent=$(echos Out)
arp=$(ip neighbour show dev tap0 | wc -l)

check "ends on Ctrl-C with exit code 0" stop echo
result=$tmp/echo.out
check "10000 pings and more were sent" test "$sent" -ge 15740
check "answered exactly the requests that the kernel sent" json "$result" \
	"o['counters']['icmp_replies'] == $sent"
check "answered ARP" json "$result" "o['counters']['arp_replies'] >= 3 + $arp"
check "answers and drops add up" json "$result" "o['received'] == o['answered'] + o['dropped']"
check "dropped nothing that was a request" json "$result" \
	"o['counters']['drop_truncated'] == 0 and o['counters']['drop_fragment'] == 0"
check "broke no rule of the datasheet" json "$result" "o['violations'] == 0"
check "said nothing on stderr" test ! -s "$tmp/echo.err"
check "the interface is gone" sh -c '! ip link show dev tap0'
finish
