#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# All tests with foreign drivers, one after the other, added up into one last line.
#
#   all.py [--short]
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = ("linux.sh", "dpdk.sh", "qtest.sh", "guest.sh")
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


def run(script):
    """(passed, failed, skipped) of one script; its output is shown while it runs."""
    counts = None
    with subprocess.Popen([os.path.join(HERE, script), *sys.argv[1:]], stdout=subprocess.PIPE,
                          text=True, errors="replace") as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            match = SUMMARY.match(line)
            counts = [int(n or 0) for n in match.groups()] if match else counts
    if counts is None:
        return 0, 1, 0  # it died without a count
    if process.returncode not in (0, 77) and not counts[1]:
        counts[1] = 1  # it failed without naming a failure
    return counts


def main():
    total = [0, 0, 0]
    for script in SCRIPTS:
        print(f"== {script} {' '.join(sys.argv[1:])}", flush=True)
        total = [a + b for a, b in zip(total, run(script))]
    passed, failed, skipped = total
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed + skipped else 0


sys.exit(main())
