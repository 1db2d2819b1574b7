#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nicety model: several devices, reports, faults; driven by the tool itself from another process.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

wait_for() { # TEST...: at most 10 seconds
	for _ in $(seq 100); do
		"$@" && return
		sleep 0.1
	done
	return 1
}
serve() { # ARGUMENT...: nicety model in the background; its lines go to report
	"$NICETY" model "$@" >report 2>serve.err &
	served=$!
}
ended() { # CODE: the server ends with it when asked to
	kill -INT $served
	wait $served
	code=$?
	[ $code -eq "$1" ] && ok || { cp report out; cp serve.err err; bad "nicety model: exit code $code, not $1"; }
}

# Two devices in one process; a forwarder in another takes frames from the one to the other.
serve 82599 --socket a --wire gen:count=5000,size=64 --json --and 82599 --socket b --wire gen:check
wait_for test -S b && ok || bad "no socket"
expect 0 fwd vfio-user:a vfio-user:b --json --duration 20 --count 5000
ended 0
sed -n 1p report >out
json 'j["socket"] == "a" and j["chip"] == "82599" and j["event"] == "end" and not j["violations"]'
json 'j["counters"]["wire_sent"] == 5000'
sed -n 2p report >out
json 'j["socket"] == "b" and j["counters"]["wire_received"] == 5000 and j["rules"] == []'
[ ! -e a ] && [ ! -e b ] && ok || bad "the sockets are still there"

# While a driver is there, the live report knows its queues and its link.
serve 82599 --socket a --wire gen:check --json --stats 100ms
wait_for test -S a
expect 0 gen vfio-user:a --rate 1kpps --duration 1
ended 0
grep '"rx_queues":1,"tx_queues":1' report | grep '"link_mbps":10000' | tail -n 1 >out
json 'j["event"] == "stats" and j["connected"] and j["seconds"] > 0'

# Faults, told in text; the driver finds its device gone and says so.
serve 82599 --socket a --wire gen:check --fault remove@1500ms --fault link-flap:500ms
wait_for test -S a
timeout 60 "$NICETY" gen vfio-user:a --rate 1kpps --duration 3 >out 2>err
says "the device is gone"
ended 0
cp report out
prints "fault_removals"
prints "fault_link_flaps"
prints "violations: 0"

# The example client: Python, no library, no driver of ours.
serve 82599 --socket a --wire gen:check --json
wait_for test -S a
timeout 60 python3 "$here/../../docs/examples/vfio_user_client.py" a >out 2>err
code=$?
[ $code -eq 0 ] && ok || bad "the example client: exit code $code"
prints "8086:10fb"
prints "MAC 02:82:59:90:00:01"
prints "sent 60 bytes, head is 1"
ended 0
cp report out
json 'j["counters"]["model_wire_out"] == 1 and j["violations"] == 0'

# Wrong use.
expect 2 model 82599
says "--socket PATH is missing"
expect 2 model 82599 --socket a --and
says "an argument is missing"
expect 2 model 82599 --socket a --and 82599
says "--socket PATH is missing"
expect 2 model 82599 --socket a --fault flood
says "link-flap, dma-error"
expect 1 model 82599 --socket a --and 82599 --socket a
says "already in use"
expect 1 model 12345 --socket a
says "there is no model '12345'"
summary
