#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A device that goes away under a running loop: the loop ends by itself, says so, and fails.
. "$(dirname "$0")/lib.sh"

serve() { # SOCKET
	"$NICETY" model 82599 --socket "$1" --wire loop >model.out 2>&1 &
	model=$!
	for _ in $(seq 100); do
		[ -S "$1" ] && return
		sleep 0.1
	done
	bad "the model does not serve"
}
# vanishes COMMAND...: kill its device after two seconds; it must end within 20. With
# $asleep the command sleeps from before that until so many seconds later.
asleep=
vanishes() {
	# shellcheck disable=SC2016
	timeout 20 sh -c 'echo $$ >pid; exec "$@"' sh "$NICETY" "$@" >out 2>err &
	loop=$!
	sleep 2
	[ -z "$asleep" ] || kill -STOP "$(cat pid)"
	kill -9 $model
	wait $model 2>/dev/null
	[ -z "$asleep" ] || { sleep "$asleep" && kill -CONT "$(cat pid)"; }
	wait $loop
	code=$?
	if [ $code -eq 1 ]; then ok; else bad "nicety $*: exit code $code, not 1"; fi
	says "gone"
}

serve "$dir/a"
vanishes echo "vfio-user:$dir/a"
serve "$dir/b"
vanishes echo --latency "vfio-user:$dir/b" --json
serve "$dir/c"
vanishes fwd "vfio-user:$dir/c" 'model:82599?wire=gen:check'
serve "$dir/d"
vanishes fwd --latency "vfio-user:$dir/d" 'model:82599?wire=gen:check'
serve "$dir/e"
vanishes gen "vfio-user:$dir/e" --rate 1kpps --json
json 'j["sent"] > 0 and not j["complete"]'
# Also if its time is over before it asks for the device again.
serve "$dir/f"
asleep=3
vanishes gen "vfio-user:$dir/f" --duration 4
summary
