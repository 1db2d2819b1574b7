#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Frames through models, drivers and wires: forwarded, generated, dumped, answered. Each number is
# checked against what another part of the way has counted.
. "$(dirname "$0")/lib.sh"

clean='j["received"] == j["forwarded"] and not (j["lost"] or j["reordered"] or j["duplicated"] or j["corrupted"])'
calm='j["violations"] == 0 and j["complete"]'

for host in sync thread; do
	expect 0 fwd "model:82599?host=$host&wire=gen:count=20000,size=64" \
		"model:82599?host=$host&wire=gen:check" --json
	json "$clean and $calm and j['forwarded'] == 20000"
	json 'j["cycles_per_packet"] > 0 and j["mpps"] > 0'
	json 'j["ports"][0]["counters"]["rx_packets"] == j["ports"][1]["counters"]["tx_packets"] == 20000'
done
expect 0 fwd 'model:82599?wire=gen:count=5000,size=64-1518,flows=7' 'model:82599?wire=gen:check' \
	--mac-update --burst 1 --ring 64 --json
json "$clean and $calm and j['forwarded'] == 5000"
expect 0 fwd 'model:82599?wire=gen:count=3000,size=imix' 'model:82599?wire=gen:check' --one-way
prints "received 3000, lost 0, reordered 0, duplicated 0, corrupted 0"
prints "violations: 0"
# Frames longer than a buffer.
expect 0 fwd 'model:82599?wire=gen:count=2000,size=9000' 'model:82599?wire=gen:check' --mtu 9000 --json
json "$clean and $calm and j['forwarded'] == 2000"
# Limits: the sink sees no gap, and what was not forwarded is not called lost.
expect 0 fwd 'model:82599?wire=gen:' 'model:82599?wire=gen:check' --count 1000 --json
json 'j["forwarded"] >= 1000 and j["lost"] == 0'
expect 0 fwd 'model:82599?wire=gen:' 'model:82599?wire=gen:check' --duration 100ms --json
json '0.09 < j["seconds"] < 5'
# An output whose link is down takes nothing: a clear end, not a hang.
expect 1 fwd 'model:82599?wire=gen:count=5000,size=64' model:82599 --json
says "is its link up?"
json "not j['complete'] and j['forwarded'] + j['dropped'] == 5000"

for rate in 20kpps 100Mbps 1% max; do
	expect 0 gen 'model:82599?wire=gen:check' --rate $rate --count 2000 --flows 3 --json
	json "$calm and j['sent'] == 2000 and j['port']['counters']['wire_received'] == 2000"
	json 'not any(j["port"]["counters"]["wire_" + n] for n in ("lost", "corrupted", "foreign"))'
	json 'j["wire_bps"] <= j["line_bps"]'
done
expect 0 gen 'model:82599?wire=gen:check' --rate 10kpps --count 500 --json
json '0 < j["pps"] <= 1e4'
expect 0 gen 'model:82599?wire=gen:check' --size imix --count 1200 --json
json "j['bytes'] == 100 * (7 * 60 + 4 * 590 + 1514) and j['port']['counters']['wire_corrupted'] == 0"
expect 0 gen 'model:82599?wire=gen:check' --size 9000 --count 100 --json
json "j['bytes'] == 100 * 8996 and j['port']['counters']['wire_received'] == 100"
expect 1 gen model:82599 --count 1
says "link is down"

expect 0 dump 'model:82599?wire=gen:count=40,size=100' -w a.pcapng --json
json "$calm and j['frames'] == 40 and j['bytes'] == 40 * 96 and j['missed'] == 0"
expect 0 dump 'model:82599?wire=gen:count=2,size=64' -w -
[ "$(head -c 4 out | od -An -tx1 | tr -d ' ')" = 0a0d0d0a ] && ok || bad "dump -w - is no pcapng"
expect 1 dump 'model:82599?wire=gen:count=1' -w /nonexistent/x
says "/nonexistent/x"

# What reads capture files; a build without libpcap says so.
reading() {
	expect 0 dump 'model:82599?wire=pcap:in=a.pcapng' -n 3
	prints "IPv4 198.18.0.1 > 198.19.0.1, UDP 49152 > 9, 96 bytes"
	expect 0 dump 'model:82599?wire=pcap:in=a.pcapng' -w b.pcapng --snaplen 64 --json
	json 'j["frames"] == 40'

	# Frames of a file, through gen and the checking sink; the numbers in it start over after 40.
	expect 0 gen 'model:82599?wire=gen:check' --pcap a.pcapng --count 40 --rate pcap --json
	json "$calm and j['sent'] == 40 and j['port']['counters']['wire_received'] == 40"
	expect 1 gen 'model:82599?wire=gen:check' --pcap /nonexistent/x
	says "/nonexistent/x"
	head -c 1000 a.pcapng >cut.pcapng
	expect 1 gen 'model:82599?wire=gen:check' --pcap cut.pcapng
	says "cut.pcapng"
	says "truncated"
	expect 1 dump 'model:82599?wire=pcap:in=cut.pcapng' -w c.pcapng
	says "truncated"
	: >empty
	expect 1 gen 'model:82599?wire=gen:check' --pcap empty
	says "empty"

	# An echo that reads its requests from a file ends by itself; nothing here is a request.
	expect 0 echo 'model:82599?wire=pcap:in=a.pcapng,out=d.pcapng' --json
	# (A file does not wait for the path to be made: what comes before is counted by the NIC.)
	json 'j["received"] + j["port"]["counters"]["rx_missed"] == 40'
	json 'j["received"] == j["dropped"] and j["answered"] == 0 and j["violations"] == 0'
	json 'j["received"] == sum(j["counters"].values())'
	json 'j["latency_ns"]["count"] == j["received"]'
}
"$NICETY" gen 'model:82599?wire=gen:check' --pcap a.pcapng --count 1 --rate 1kpps >out 2>err
if grep -q 'built without libpcap' err; then
	skip "reading captures" "this build has no libpcap"
else
	reading
fi
expect 0 demo --in-process --count 3
prints "3 packets transmitted, 3 received"
prints "OK: 3 of 3 pings answered"

# Ctrl-C keeps the results.
for signal in INT TERM; do
	"$NICETY" gen 'model:82599?wire=gen:check' --rate 1kpps --duration 20 --json >out 2>err &
	sleep 2
	kill -$signal $!
	wait $!
	[ $? -eq 0 ] && ok || bad "SIG$signal: exit code"
	json 'j["sent"] > 100 and j["seconds"] < 15'
done
summary
