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
# vanishes COMMAND...: kill its device after a second; it must end within 20.
vanishes() {
	timeout 20 "$NICETY" "$@" >out 2>err &
	loop=$!
	sleep 2
	kill -9 $model
	wait $model 2>/dev/null
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
# Also if it would have ended by itself before anybody asked.
serve "$dir/f"
vanishes gen "vfio-user:$dir/f" --duration 2.2
summary
