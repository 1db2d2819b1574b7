#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# `nicety dump -w` writes what tshark reads: the number of frames, their bytes, nanosecond time
# stamps that only grow; and the file comes back out of `wire=pcap`.
. "$(dirname "$0")/lib.sh"
command -v tshark >/dev/null || skip "tshark is not installed (make check installs it)"

field() { # FILE FIELD...: one line a frame
	file=$1
	shift
	arguments=
	for name; do
		arguments="$arguments -e $name"
	done
	# shellcheck disable=SC2086
	tshark -n -r "$file" -T fields $arguments 2>/dev/null
}
# What the kernel sends is known: these frames, written with a raw socket.
cat >"$tmp/send.py" <<'END'
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("tap0", 0))
with open(sys.argv[1], "w") as want:
    for i in range(200):
        size = 60 + i * 7  # to 1453
        frame = bytes.fromhex("0200000000010200000000028899") + i.to_bytes(2, "big")
        frame += bytes((i + k) & 255 for k in range(size - len(frame)))
        assert s.send(frame) == size
        want.write(f"{size} {frame.hex()}\n")
END
start dump "$NICETY" dump --count 200 -w "$tmp/a.pcapng" 'model:82599?wire=tap:tap0'
check "the interface appears" tap_up tap0 1500
begin=$(date +%s)
check "frames are sent" python3 "$tmp/send.py" "$tmp/want"
wait "$dump_pid"
check "ends after --count with exit code 0" test $? = 0
end=$(date +%s)

file=$tmp/a.pcapng
check "tshark reads it" sh -c "tshark -n -r '$file' >/dev/null"
check "is pcapng with nanoseconds" sh -c \
	"capinfos -E -t '$file' | grep -qi pcapng && capinfos '$file' | grep -q 'Time precision *= nanoseconds\|File timestamp precision: *nanoseconds'"
field "$file" frame.len >"$tmp/got-sizes"
cut -d ' ' -f 1 "$tmp/want" >"$tmp/want-sizes"
check "200 frames of the sizes sent, in order" cmp "$tmp/want-sizes" "$tmp/got-sizes"
tshark -n -r "$file" -T json -x 2>/dev/null >"$tmp/frames.json"
check "every byte is what was sent" python3 -c '
import json, sys
got = [f["_source"]["layers"]["frame_raw"][0] for f in json.load(open(sys.argv[1]))]
want = [line.split()[1] for line in open(sys.argv[2])]
sys.exit(got != want)' "$tmp/frames.json" "$tmp/want"
field "$file" frame.time_epoch >"$tmp/times"
check "time stamps grow and are of this minute" python3 -c '
import sys
from decimal import Decimal
t = [Decimal(line) for line in open(sys.argv[1])]
assert len(t) == 200 and t == sorted(t), "not monotone"
assert int(sys.argv[2]) - 1 <= t[0] <= t[-1] <= int(sys.argv[3]) + 1, (t[0], t[-1])
assert any(x % Decimal("0.000001") for x in t), "no nanoseconds"
' "$tmp/times" "$begin" "$end"

# The file as a wire: the same frames arrive again.
check "the file plays back into a dump" "$NICETY" dump -w "$tmp/b.pcapng" \
	"model:82599?wire=pcap:in=$tmp/a.pcapng"
field "$tmp/b.pcapng" frame.len >"$tmp/again-sizes"
check "with the same frames" cmp "$tmp/want-sizes" "$tmp/again-sizes"
tshark -n -r "$file" -F pcap -w "$tmp/c.pcap" 2>/dev/null
check "a classic pcap plays back too" "$NICETY" dump -w "$tmp/d.pcapng" \
	"model:82599?wire=pcap:in=$tmp/c.pcap"
field "$tmp/d.pcapng" frame.len >"$tmp/classic-sizes"
check "with the same frames, too" cmp "$tmp/want-sizes" "$tmp/classic-sizes"

# -s cuts, the original length stays.
check "dump --snaplen" "$NICETY" dump --snaplen 64 -w "$tmp/e.pcapng" \
	"model:82599?wire=pcap:in=$tmp/a.pcapng"
field "$tmp/e.pcapng" frame.len >"$tmp/cut-sizes"
check "keeps the original length" cmp "$tmp/want-sizes" "$tmp/cut-sizes"
check "and 64 bytes at most" sh -c \
	"[ \"\$(tshark -n -r '$tmp/e.pcapng' -T fields -e frame.cap_len 2>/dev/null | sort -n | tail -n 1)\" = 64 ]"
finish
