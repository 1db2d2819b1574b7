#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# --latency and --core of echo and fwd: nothing is lost, nothing is measured.
. "$(dirname "$0")/lib.sh"

g='model:82599?wire=gen:count=20000,size=64'
c='model:82599?wire=gen:check'
expect 0 fwd --latency "$g" "$c" --json
json 'j["in_place"] and j["forwarded"] == j["received"] == 20000 and j["lost"] == 0'
json 'j["cycles_per_packet"] is None and j["violations"] == 0'
expect 0 fwd --latency --mac-update "$g,check" "$c,count=10000" --json
json 'j["in_place"] and j["forwarded"] == j["received"] == 30000 and j["lost"] == 0'
expect 0 fwd --latency --one-way --count 1000 "$g" "$c" --json
json 'j["forwarded"] == 1000'
expect 0 fwd --latency "$g" "$c"
prints "in place, not measured"
expect 0 fwd "$g" "$c" --json
json 'not j["in_place"] and j["cycles_per_packet"] > 0'

# Ports of different drivers have no path in common: by buffers, and it says so.
expect 0 fwd --latency 'model:82574l?wire=gen:count=5000' "$c" --json
json 'not j["in_place"] and j["received"] == 5000 and j["lost"] == 0'
says "no in-place path"

expect 0 echo --latency "$g" --json
json 'j["received"] == 20000 and j["cycles_per_packet"] is None and "latency_ns" not in j'
expect 0 echo "$g" --json
json 'j["cycles_per_packet"] > 0 and j["latency_ns"]["count"] == 20000'

core=$(taskset -cp $$ 2>/dev/null | sed 's/.*: *//; s/[-,].*//')
expect 0 echo --latency --core "${core:-0}" "$g" --json
expect 1 echo --core 1023 "$g"
says "cannot run on core 1023"
expect 1 fwd --core 99999 "$g" "$c"
says "cannot run on core 99999"
summary
