#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Wrong use: exit code 2, one line that names the cause and the way out. Help: exit code 0.
. "$(dirname "$0")/lib.sh"

expect 2
says "usage: nicety COMMAND"
expect 2 bogus
says "no command 'bogus'"
says "nicety help"
expect 2 help bogus
expect 0 --help
expect 0 --version
prints "nicety "
for command in demo echo fwd gen dump info regs list bind unbind doctor selftest; do
	expect 0 $command --help
	prints "usage: nicety $command"
	prints "options:"
	expect 0 help $command
	expect 2 $command --no-such-option
	says "no option --no-such-option"
	says "nicety $command --help"
done

expect 2 echo
says "an argument is missing"
expect 2 echo model:82599 model:82599
says "one argument too many"
expect 2 fwd model:82599
expect 2 echo --valdate model:82599
says "did you mean --validate"
expect 2 echo --burst
says "--burst wants a value"
expect 2 echo --burst x model:82599
says "--burst x: want a number"
expect 2 echo --burst 0 model:82599
expect 2 echo --burst 257 model:82599
expect 2 echo --burst -1 model:82599
expect 2 echo --validate=1 model:82599
says "takes no value"
expect 2 echo --queues 65 model:82599
expect 2 echo -x model:82599
says "no option -x"
expect 2 echo --duration 1y model:82599
says "want a time"
expect 2 echo --count 1e3 model:82599
says "want a number"

for rate in 10 1pp 0pps -1pps 1Tbps infbps 0x1pps pcap pcap*0; do
	expect 2 gen --rate "$rate" model:82599
	says "--rate $rate"
done
for size in 63 9217 0 x 64.5x imixx; do
	expect 2 gen --size "$size" model:82599
	says "--size $size"
done
expect 2 gen --flows 0 model:82599
expect 2 gen --flows 16385 model:82599
expect 2 gen --dst 1:2:3 model:82599
expect 2 gen --dst 02:00:00:00:00:01x model:82599
expect 2 dump --json model:82599
says "--json needs -w FILE"
expect 2 demo --count 0

# The library names the cause, the tool passes it on.
expect 2 echo --ring 100 model:82599
says "power of two"
expect 2 fwd --ring 99999 model:82599 model:82599
says "power of two"
expect 1 echo nonsense:foo
says "nonsense:foo"
says "nicety-uri(7)"
expect 1 echo model:99
says "no model '99'"
expect 2 echo 'model:82599?wire=bogus:x'
says "unknown wire"
expect 2 echo 'model:82599?colour=red'
says "unknown option 'colour'"
expect 2 echo 'model:82599?vectors=0'
says "vectors=0: want a number"
summary
