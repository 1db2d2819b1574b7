#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# Instructions per packet against the committed baseline.
#
#   gate.py [--update] NICETY-BENCH [BASELINE]
#
# 3 % more, or 3 % less, fails: what became cheaper is to be kept, with --update. A compiler other
# than the baseline's makes other instructions: then 15 % are allowed, and said.
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE, OTHER_COMPILER = 0.03, 0.15


def count(program):
    """What the program counts now: (compiler, {row: instructions}, [rows that cannot run here])"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "count")
        code = subprocess.run([program, "--part", "count", "--gated", "--out", path],
                              check=False).returncode
        with open(path, encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
    if code:
        sys.exit(f"gate: {program} failed with {code}")
    found = {f"{r['subject']} {'touched' if r['touch'] else 'untouched'} "
             f"{'burst 1' if r['packets'] == 1 else 'burst 32'}": r["instructions"]
             for r in rows if r["kind"] == "instructions"}
    compiler = next(r["compiler"] for r in rows if r["kind"] == "machine")
    return compiler, found, [r["subject"] for r in rows if r["kind"] == "missing"]


def compare(old, compiler, new, missing):
    """Return: number of faults, said."""
    tolerance = TOLERANCE
    if compiler != old["compiler"]:
        tolerance = OTHER_COMPILER
        print(f"gate: compiled by {compiler}, the baseline by {old['compiler']}: "
              f"{tolerance:.0%} are allowed instead of {TOLERANCE:.0%}")
    faults = 0
    for name in sorted(set(old["instructions"]) | set(new)):
        base, now = old["instructions"].get(name), new.get(name)
        if now is None and name.split()[0] in missing:
            print(f"  {name:40} {base:8.2f}        NOT COMPARED: cannot run on this machine")
            continue
        if base is None or now is None:
            faults += 1
            print(f"  {name:40} {'is not in the baseline' if base is None else 'is gone'}")
            continue
        change = now / base - 1
        bad = abs(change) > tolerance
        faults += bad
        print(f"  {name:40} {base:8.2f} {now:8.2f} {change:+7.1%}{'  FAILED' if bad else ''}")
    return faults


def main():
    parser = argparse.ArgumentParser(description="Instructions per packet against the baseline.")
    parser.add_argument("--update", action="store_true", help="write the baseline")
    parser.add_argument("program")
    parser.add_argument("baseline", nargs="?", default=os.path.join(HERE, "baseline.json"))
    args = parser.parse_args()
    compiler, new, missing = count(args.program)
    if args.update:
        with open(args.baseline, "w", encoding="utf-8") as f:
            json.dump({"compiler": compiler, "instructions": new}, f, indent=1, sort_keys=True)
            f.write("\n")
        print(f"gate: {len(new)} figures written to {args.baseline}")
        return 0
    with open(args.baseline, encoding="utf-8") as f:
        old = json.load(f)
    faults = compare(old, compiler, new, missing)
    print(f"gate: {len(new)} figures, {faults} faults")
    if faults:
        print("gate: if that is what the change is for: make bench-baseline, and commit it")
    return 1 if faults or not new else 0


if __name__ == "__main__":
    sys.exit(main())
