#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# One dpdk-testpmd on software NICs: starts it on a terminal of its own, types commands, waits for
# the prompt, and reads what it and the models counted. Used by runs.py.
import json
import os
import pty
import re
import select
import subprocess
import tempfile
import time

PROMPT = "testpmd> "
# Time is counted in looks, not by the clock: a machine that stood still is no hang of testpmd.
LOOK_S = 0.2
LOOKS = 300


class Hang(Exception):
    pass


class Testpmd:
    def __init__(self, plugin, devices, eal=(), options=()):
        self.folder = tempfile.TemporaryDirectory()
        self.cable = os.path.join(self.folder.name, "cable")
        self.report_path = os.path.join(self.folder.name, "report")
        self.log = open(os.path.join(self.folder.name, "log"), "w+", encoding="utf-8",
                        errors="replace")
        self.output = ""
        self.seen = 0
        command = ["dpdk-testpmd", "-d", os.path.basename(plugin), "-l", "0,1", "--no-huge",
                   "--no-shconf", "--no-telemetry", "-m", "256",
                   "--log-level=pmd.net.*.init:debug", "--log-level=pmd.net.*.driver:info",
                   *eal, "--", "-i", "--total-num-mbufs=32768",
                   "--disable-link-check", *options]
        env = {**os.environ, "NICETY_DPDK_DEVICES": ";".join(devices),
               "NICETY_DPDK_REPORT": self.report_path, "NICETY_DPDK_CABLE": self.cable,
               "LD_LIBRARY_PATH": os.path.dirname(plugin), "TERM": "dumb",
               "TMPDIR": self.folder.name}
        master, slave = pty.openpty()
        # In an empty folder: if EAL finds the plug-in by its bare name, it judges its path.
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=self.log, env=env,
                                        cwd=self.folder.name, start_new_session=True)
        os.close(slave)
        self.terminal = master

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.terminal)
        self.log.close()
        self.folder.cleanup()

    def logged(self):
        """What DPDK, the driver and the models logged so far."""
        self.log.seek(0)
        return self.log.read()

    def read(self, seconds):
        """Take what it prints within that time. Return: it may print more."""
        ready, _, _ = select.select([self.terminal], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.terminal, 1 << 16)
        except OSError:  # the terminal's other end is closed
            return False
        # Cursor movements of the command line editor say nothing.
        self.output += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", data.decode(errors="replace"))
        return bool(data)

    def wait(self, text):
        """Until it printed @text. Return: what it printed before."""
        looks = 0
        while text not in self.output[self.seen:]:
            before = len(self.output)
            if not self.read(LOOK_S):
                raise Hang(f"testpmd ended with {self.process.wait(timeout=60)}")
            looks += len(self.output) == before
            if looks > LOOKS or len(self.output) > 1 << 26:
                raise Hang(f"testpmd does not say {text!r}")
        begin = self.seen
        self.seen = self.output.index(text, begin) + len(text)
        return self.output[begin:self.seen]

    def threads(self):
        """Its threads, where the kernel has them and what time they used: for a hang."""
        lines, folder = [], f"/proc/{self.process.pid}/task"
        for task in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            try:
                with open(f"{folder}/{task}/stat", encoding="utf-8") as f:
                    name, fields = f.read().rsplit(")", 1)
                with open(f"{folder}/{task}/wchan", encoding="utf-8") as f:
                    where = f.read()
            except OSError:
                continue
            fields = fields.split()
            lines.append(f"{name}) {fields[0]} {where} user {fields[11]} system {fields[12]}\n")
        return "".join(lines)

    def type(self, command):
        """Return: the answer, up to the next prompt."""
        os.write(self.terminal, command.encode() + b"\n")
        return self.wait(PROMPT)

    def plug_silently(self, plugged):
        if plugged:
            with open(self.cable, "w", encoding="utf-8"):
                pass
        else:
            os.remove(self.cable)
        time.sleep(0.05)

    def plug(self, ports, plugged=True):
        """Plug the cables in or out, until testpmd tells of the change, by interrupt, for each of
        the @ports (some drivers tell four seconds later)."""
        self.plug_silently(plugged)
        begin = self.seen
        for port in range(ports):
            self.seen = begin
            self.wait(f"Port {port}: link state change event")
        self.seen = len(self.output)
        return self.type("show port summary all")

    def port_stats(self):
        """For each port {"RX-packets": n, ...}."""
        stats = []
        for block in re.split(r"NIC statistics for port", self.type("show port stats all"))[1:]:
            stats.append({k: int(v) for k, v in re.findall(r"([RT]X-\w+): +(\d+)", block)})
        return stats

    def port_xstats(self):
        """For each port {"rx_good_packets": n, ...}."""
        stats = []
        for block in re.split(r"NIC extended statistics for port",
                              self.type("show port xstats all"))[1:]:
            stats.append({k: int(v) for k, v in re.findall(r"^(\w+): (\d+)$", block, re.M)})
        return stats

    def until(self, condition):
        """Until @condition(port_stats()) holds. Return: the last statistics."""
        for _ in range(LOOKS):
            stats = self.port_stats()
            if condition(stats):
                return stats
            time.sleep(LOOK_S)
        raise Hang(f"the frames do not arrive: {stats}")

    def rest(self):
        """Until the statistics stay the same for a second. Return: them."""
        last, same = None, 0
        for _ in range(LOOKS):
            stats = self.port_stats()
            same = same + 1 if stats == last else 0
            if same == 5:
                return stats
            last = stats
            time.sleep(LOOK_S)
        raise Hang("the counters do not come to rest")

    def quit(self):
        """Return: exit code, the models' reports."""
        os.write(self.terminal, b"quit\n")
        for _ in range(LOOKS):
            if not self.read(LOOK_S) or self.process.poll() is not None:
                break
        code = self.process.wait(timeout=60)
        while self.read(0) and select.select([self.terminal], [], [], 0)[0]:
            pass
        with open(self.report_path, encoding="utf-8") as f:
            return code, [json.loads(line) for line in f]
