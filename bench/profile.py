#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# Where a packet's instructions are: by function and by line, untouched bursts of 32.
#
#   nicety-bench --part count --subject NAME --profile FILE --out /dev/null
#   profile.py NICETY-BENCH FILE
import collections
import os
import subprocess
import sys


def places(program, offsets):
    """{offset: (function, "file:line")}: inlined functions as themselves, intrinsics as callers."""
    run = subprocess.run(["addr2line", "-f", "-i", "-a", "-e", program], text=True, check=True,
                         input="\n".join(offsets), capture_output=True)
    found = {}
    for block in run.stdout.split("\n0x"):
        lines = block.splitlines()
        frames = list(zip(lines[1::2], lines[2::2]))
        function, place = next((f for f in frames if not f[0].startswith("_mm")), frames[-1])
        found[hex(int(lines[0].removeprefix("0x"), 16))] = (
            function, "/".join(place.split(" ")[0].split("/")[-3:]))
    return found


def show(title, counts, most):
    print(title)
    for name, count in counts.most_common(most):
        if count >= 0.01:
            print(f"  {count:8.2f}  {name}")


def main():
    if len(sys.argv) != 3 or not os.path.exists(sys.argv[1]):
        print("usage: profile.py NICETY-BENCH FILE", file=sys.stderr)
        return 2
    with open(sys.argv[2], encoding="utf-8") as f:
        counts = {line.split()[1]: float(line.split()[0]) for line in f}
    where = places(sys.argv[1], [o for o in counts if o != "0x0"])
    functions, lines = collections.Counter(), collections.Counter()
    for offset, count in counts.items():
        function, place = where.get(offset, ("outside of this program", "?"))
        functions[function] += count
        lines[f"{place}  {function}"] += count
    show("instructions per packet, by function", functions, 30)
    show("by line", lines, 60)
    return 0


sys.exit(main())
