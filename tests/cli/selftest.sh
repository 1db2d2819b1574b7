#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The self-test as a user meets it: what passes, what a failure says, exit codes. The cases
# themselves run in tests/conformance/test_selftest.c.
. "$(dirname "$0")/lib.sh"

expect 0 selftest 'model:82599?wire=link:x' 'model:82599?wire=link:x&mac=02:00:00:00:00:02'
prints "ok       sizes"
prints "ok       path"
prints " ok, 0 failed, 0 skipped"
expect 0 selftest 'model:82599?wire=loop' --json
json 'j["failed"] == 0 and j["skipped"] == 1 and j["ok"] == len(j["cases"]) - 1'
json '[c["detail"] for c in j["cases"] if c["result"] == "skipped"] == ["needs a second device"]'

# No cable, but the chip's own loopback.
for chip in 82599 82540em 82574l 82576; do
	expect 0 selftest "model:$chip" --loopback --case sizes
	prints "1 ok, 0 failed, 0 skipped"
done
expect 2 selftest model:82599 model:82599 --loopback
says "for one device"

# No cable: the first case says so, and no other is tried.
expect 1 selftest model:82599
prints "FAILED   link"
prints "expected a link within 5 s; seen: model:82599 is down"
prints "0 ok, 1 failed, 0 skipped"

# A cable that leads nowhere: each failed case says what it expected and what it saw.
expect 1 selftest 'model:82599?wire=gen:count=1' --case sizes
prints "expected a frame of 60 bytes; seen: nothing within 3 s (does the wire loop?"
expect 1 selftest 'model:82599?wire=gen:count=1' --case counters --json
json 'j["failed"] == 1 and "expected" in j["cases"][0]["detail"] and "seen" in j["cases"][0]["detail"]'

expect 1 selftest model:12345
prints "cannot be opened"
expect 2 selftest
expect 2 selftest 'model:82599?wire=loop' --case nonsense
says "there is no such case"
summary
