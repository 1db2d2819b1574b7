#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The kernel on both sides of a forwarder: two namespaces ping each other through `nicety fwd` and
# through apps/simple_fwd, each with two models.
. "$(dirname "$0")/lib.sh"

other() { # COMMAND...: in the second namespace
	nsenter -t "$peer_pid" -n "$@"
}
other_up() {
	wait_for ip link show dev tap1 || return 1
	ip link set tap1 netns "$peer_pid" &&
		other ip link set tap1 addrgenmode none &&
		other ip link set tap1 up mtu "$1" &&
		other ip address add 10.0.0.2/24 dev tap1 &&
		other ip -6 address add fd00::2/64 dev tap1 nodad
}
both_up() { # MTU
	tap_up tap0 "$1" 10.0.0.1/24 fd00::1/64 && other_up "$1"
}
gone() {
	wait_for sh -c '! ip link show dev tap0' && wait_for sh -c "! nsenter -t $peer_pid -n ip link show dev tap1"
}
start peer unshare -n sleep 600
wait_for sh -c "[ \"\$(readlink /proc/$peer_pid/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]" ||
	exit 1

start fwd "$NICETY" fwd --json 'model:82599?wire=tap:tap0' 'model:82599?wire=tap:tap1'
check "both interfaces appear" both_up 1500
check "ping" ping_all 50 -i 0.01 10.0.0.2
check "ping from the other side" other ping -q -c 50 -i 0.01 -w 60 10.0.0.1
check "flood" ping_all 5000 -f 10.0.0.2
check "IPv6 flood" ping_all 2000 -6 -f fd00::2
for size in 0 1 17 18 19 64 1024 1471 1472; do
	check "ping of $size bytes" ping_all 20 -i 0.002 -s $size 10.0.0.2
done
check "fragments" ping_all 20 -i 0.005 -s 5000 10.0.0.2

# A TCP stream each way arrives unharmed.
python3 - "$tmp" >"$tmp/sum" <<'END'
import hashlib, random, sys
data = random.Random(1).randbytes(20_000_000)
open(sys.argv[1] + "/data", "wb").write(data)
print(hashlib.sha256(data).hexdigest())
END
cat >"$tmp/serve.py" <<'END'
import hashlib, socket
s = socket.create_server(("10.0.0.2", 7000))
print("ready", flush=True)
c, _ = s.accept()
h = hashlib.sha256()
while True:
    b = c.recv(65536)
    if not b:
        break
    h.update(b)
    c.sendall(b)
c.shutdown(socket.SHUT_WR)
print(h.hexdigest(), flush=True)
END
cat >"$tmp/send.py" <<'END'
import hashlib, socket, sys, threading
data = open(sys.argv[1] + "/data", "rb").read()
s = socket.create_connection(("10.0.0.2", 7000), timeout=30)
t = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
t.start()
h, n = hashlib.sha256(), 0
while True:
    b = s.recv(65536)
    if not b:
        break
    h.update(b)
    n += len(b)
t.join()
print(h.hexdigest(), n)
sys.exit(h.hexdigest() != hashlib.sha256(data).hexdigest())
END
# The taps hand over unfinished checksums and superframes only to those who ask; we did not.
start serve nsenter -t "$peer_pid" -n python3 "$tmp/serve.py"
check "TCP server" wait_for grep -q ready "$tmp/serve.out"
check "20 MB over TCP, there and back" timeout 60 python3 "$tmp/send.py" "$tmp"
check "the server got the same bytes" sh -c "sleep 0.2; grep -qxf '$tmp/sum' '$tmp/serve.out'"

check "ends on Ctrl-C with exit code 0" stop fwd
check "no violations" json "$tmp/fwd.out" "o['violations'] == 0"
check "said nothing on stderr" test ! -s "$tmp/fwd.err"
check "both interfaces are gone" gone

start fwd "$NICETY" fwd --json --mtu 9000 'model:82599?wire=tap:tap0' 'model:82599?wire=tap:tap1'
check "jumbo: both interfaces appear" both_up 9000
for size in 1472 1473 4000 8972; do
	check "jumbo: ping of $size bytes" ping_all 20 -M do -i 0.002 -s $size 10.0.0.2
done
check "jumbo: flood" ping_all 1000 -f -s 8972 10.0.0.2
check "jumbo: ends on Ctrl-C" stop fwd
check "jumbo: no violations" json "$tmp/fwd.out" "o['violations'] == 0"
gone

simple=$(dirname "$NICETY")/apps/simple_fwd
start fwd "$simple" 'model:82599?wire=tap:tap0' 'model:82599?wire=tap:tap1'
check "simple_fwd: both interfaces appear" both_up 1500
check "simple_fwd: flood" ping_all 3000 -f 10.0.0.2
check "simple_fwd: ends on Ctrl-C" stop fwd
finish
