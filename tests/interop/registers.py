#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# Which registers of src/regs/*.def foreign drivers have read or written on our models, and which
# only our own drivers use: docs/hardware.md. FILE is what the runs wrote that had REGISTERS=FILE:
#
#   make interop-linux interop-dpdk REGISTERS=/tmp/registers
#   tests/interop/registers.py /tmp/registers
import json
import os
import re
import sys

REGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "regs")
CHIPS = {"ixgbe": ["82599"], "igb": ["82576"], "e1000": ["82540em", "82574l"],
         "e1000e": ["82574l"]}


def rows(table):
    with open(os.path.join(REGS, table + ".def"), encoding="utf-8") as f:
        return re.findall(r"^REG\((\w+),", f.read(), re.M)


def main():
    if len(sys.argv) < 2:
        print("usage: registers.py FILE...", file=sys.stderr)
        return 2
    used = {}  # driver, chip: names
    runs = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as f:
            for line in f:
                run = json.loads(line)
                key = run["driver"], run["chip"]
                used.setdefault(key, set()).update(run["registers"])
                runs[key] = runs.get(key, 0) + 1
    drivers = sorted({driver for driver, _ in used})
    for (driver, chip), n in sorted(runs.items()):
        print(f"{driver} on {chip}: {n} models")
    print("\n| table | " + " | ".join(drivers) + " | any | unconfirmed |")
    print("|---" * (len(drivers) + 3) + "|")
    for table, chips in CHIPS.items():
        names = rows(table)
        by = [{n for c in chips for n in used.get((d, c), ())} for d in drivers]
        confirmed = [n for n in names if any(n in names_of for names_of in by)]
        counts = [str(sum(n in names_of for n in names)) for names_of in by]
        print(f"| `{table}.def` | {' | '.join(counts)} | {len(confirmed)} of {len(names)} | "
              + ", ".join(sorted(set(names) - set(confirmed))) + " |")
    return 0


sys.exit(main())
