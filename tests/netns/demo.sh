#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# `nicety demo`: the real ping answered without loss; and without any right, the peer in process.
. "$(dirname "$0")/lib.sh"

check "demo ends with exit code 0" sh -c "timeout 60 '$NICETY' demo >'$tmp/demo' 2>&1; e=\$?; cat '$tmp/demo'; exit \$e"
check "ping lost nothing" grep -q ' 0% packet loss' "$tmp/demo"
check "no interface is left" sh -c '[ "$(ip -o link | wc -l)" = 1 ]'

if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$tmp"
	cp "$NICETY" "$tmp/nicety"
	check "demo as an ordinary user" sh -c "cd / && timeout 60 setpriv --reuid 65534 --regid 65534 --clear-groups '$tmp/nicety' demo >'$tmp/user' 2>&1; e=\$?; cat '$tmp/user'; exit \$e"
	check "it lost nothing either" grep -Eq '^([0-9]+) packets transmitted, \1 received' "$tmp/user"
fi
finish
