# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For tests with the kernel's network stack as peer. Each test runs in a network namespace of its
# own, so that nothing outside is touched; with it go all its interfaces. NICETY is the tool.
set -u
PATH="$PATH:/usr/sbin:/sbin"
NICETY=${NICETY:-$(cd "$(dirname "$0")/../.." && pwd)/build/nicety}
passed=0
failed=0

skip() {
	echo "SKIPPED $(basename "$0"): $1" >&2
	exit 77
}
if [ -z "${NICETY_NETNS-}" ]; then
	export NICETY NICETY_NETNS=1
	[ -x "$NICETY" ] || { echo "$NICETY is not built" >&2; exit 1; }
	if [ "$(id -u)" = 0 ]; then
		exec unshare -n "$0" "$@"
	fi
	unshare -Urn true 2>/dev/null || skip "this kernel allows no user namespaces"
	exec unshare -Urn "$0" "$@"
fi
# A namespace is not enough where the device file is for root only.
ip tuntap add probe0 mode tap 2>/dev/null || skip "no TAP device: is /dev/net/tun there and writable?"
ip link del probe0
ip link set lo up

tmp=$(mktemp -d)
children=
cleanup() {
	for pid in $children; do
		kill -KILL "$pid" 2>/dev/null
	done
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

check() { # NAME COMMAND...: one test
	checked=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok      $checked"
		passed=$((passed + 1))
	else
		echo "FAILED  $checked: $*"
		sed 's/^/        /' "$tmp/out"
		failed=$((failed + 1))
	fi
}
finish() {
	echo "$passed passed, $failed failed"
	[ $failed = 0 ] && [ $passed -gt 0 ]
	exit
}
wait_for() { # COMMAND...: within 10 seconds it succeeds
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	echo "waited in vain for: $*"
	return 1
}
start() { # NAME COMMAND...: in the background; stdout and stderr in files, $NAME_pid
	name=$1
	shift
	"$@" >"$tmp/$name.out" 2>"$tmp/$name.err" &
	children="$children $!"
	eval "${name}_pid=$!"
}
stop() { # NAME: as Ctrl-C does; its exit code
	eval "pid=\$${1}_pid"
	# shellcheck disable=SC2154
	kill -INT "$pid" || return 1
	wait "$pid"
	code=$?
	[ $code = 0 ] || { echo "$1 ended with $code"; cat "$tmp/$1.out" "$tmp/$1.err"; }
	return $code
}
tap_up() { # INTERFACE MTU ADDRESS/BITS...: no address of its own accord, so no stray frames
	interface=$1
	mtu=$2
	shift 2
	wait_for ip link show dev "$interface" || return 1
	ip link set "$interface" addrgenmode none
	ip link set "$interface" mtu "$mtu" up || return 1
	for address; do
		case $address in
		*:*) ip -6 address add "$address" dev "$interface" nodad || return 1 ;;
		*) ip address add "$address" dev "$interface" || return 1 ;;
		esac
	done
}
answers() { # INTERFACE ADDRESS: until the device receives, what the kernel sends is lost
	wait_for arping -q -f -c 1 -w 1 -I "$1" "$2"
}
json() { # FILE EXPRESSION: a Python expression over the object, as the variable o
	python3 -c '
import json, sys
with open(sys.argv[1]) as f:
    text = f.read()
o = json.loads(text.strip().splitlines()[-1])
result = eval(sys.argv[2])
print(result)
if result is False:
    short = {k: {n: v for n, v in x.items() if v} if isinstance(x, dict) else x
             for k, x in o.items()}
    print(sys.argv[2], "is false of", json.dumps(short))
    sys.exit(1)
' "$1" "$2"
}
echos() { # Out|In: echo requests the kernel sent, replies it received, of IPv4 and IPv6 together
	case $1 in
	Out) names='OutEchos Icmp6OutEchos' ;;
	In) names='InEchoReps Icmp6InEchoReplies' ;;
	esac
	awk -v names="$names" '
		BEGIN { split(names, want, " ") }
		$1 == "Icmp:" && !head { head = 1; for (i = 2; i <= NF; i++) column[$i] = i; next }
		$1 == "Icmp:" { sum += $column[want[1]] }
		$1 == want[2] { sum += $2 }
		END { print sum + 0 }' /proc/net/snmp /proc/net/snmp6
}
all_answered() {
	[ "$(echos In)" = "$(echos Out)" ]
}
# Every request is answered, none twice. The kernel's counters judge, not ping's statistics: on a
# busy machine ping ends before the last reply is scheduled, and calls that a loss.
ping_all() { # COUNT PING_ARGUMENTS...
	count=$1
	shift
	ping -q -n -c "$count" -w 60 "$@" >"$tmp/ping" 2>&1
	cat "$tmp/ping"
	# ping may send a few more than asked while it waits for the last reply.
	received=$(sed -n 's/^[0-9]* packets transmitted, \([0-9]*\) received.*/\1/p' "$tmp/ping")
	[ "${received:-0}" -ge "$count" ] &&
		! grep -Eq 'duplicates|errors|corrupted|wrong data' "$tmp/ping" &&
		wait_for all_answered && return
	echo "the kernel sent $(echos Out) requests and received $(echos In) replies so far"
	return 1
}
