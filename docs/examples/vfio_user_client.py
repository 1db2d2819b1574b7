#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# A driver's first steps on a served software 82599, with nothing but Python: connect, share memory,
# reset the chip, read STATUS and the MAC address, send one frame from the shared memory.
#
#   nicety model 82599 --socket nic.sock --wire gen:check &
#   docs/examples/vfio_user_client.py nic.sock
#
# src/bus/vfio_user_proto.h has the layouts, docs/models.md what else a client can do.
import json
import mmap
import os
import socket
import struct
import sys
import time

VERSION, DMA_MAP, GET_INFO, REGION_READ, REGION_WRITE = 1, 2, 4, 9, 10
REPLY, ERROR = 1, 1 << 5
BAR0, CONFIG = 0, 7
MEMORY, IOVA = 1 << 20, 0x10000000  # how much we share, and where the NIC sees it

# Registers of the 82599 (datasheet section 8.2.3)
CTRL, STATUS, LINKS, RAL, RAH = 0x0, 0x8, 0x42A4, 0xA200, 0xA204
DMATXCTL, TDBAL, TDBAH, TDLEN, TDH, TDT, TXDCTL = 0x4A80, 0x6000, 0x6004, 0x6008, 0x6010, 0x6018, 0x6028
HLREG0 = 0x4240


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.serial = 0

    def receive(self, n):
        data = b""
        while len(data) < n:
            part = self.socket.recv(n - len(data))
            if not part:
                sys.exit("the server hung up")
            data += part
        return data

    def call(self, command, payload=b"", fds=()):
        """Send a command, return the payload of its reply."""
        self.serial = (self.serial + 1) & 0xFFFF
        header = struct.pack("<HHIII", self.serial, command, 16 + len(payload), 0, 0)
        socket.send_fds(self.socket, [header + payload], fds)
        serial, _, size, flags, error = struct.unpack("<HHIII", self.receive(16))
        reply = self.receive(size - 16)
        # All memory is shared by descriptor, so the server never asks us (DMA_READ, DMA_WRITE).
        assert serial == self.serial and flags & REPLY
        if flags & ERROR:
            sys.exit(f"command {command}: {os.strerror(error)}")
        return reply

    def read(self, region, offset, size=4):
        reply = self.call(REGION_READ, struct.pack("<QII", offset, region, size))
        return int.from_bytes(reply[16:], "little")

    def write(self, region, offset, value, size=4):
        self.call(REGION_WRITE, struct.pack("<QII", offset, region, size)
                  + value.to_bytes(size, "little"))


def wait(what, done):
    end = time.monotonic() + 5
    while not done():
        if time.monotonic() > end:
            sys.exit(f"{what} does not happen")


def main():
    nic = Client(sys.argv[1])
    asked = json.dumps({"capabilities": {"max_msg_fds": 16}}).encode() + b"\0"
    major, minor = struct.unpack("<HH", nic.call(VERSION, struct.pack("<HH", 0, 0) + asked)[:4])
    regions = struct.unpack("<IIII", nic.call(GET_INFO, struct.pack("<IIII", 16, 0, 0, 0)))[2]
    print(f"vfio-user {major}.{minor}, {regions} regions")

    # Memory that both sides see: flags 3 let the NIC read and write it.
    fd = os.memfd_create("nicety-example")
    os.ftruncate(fd, MEMORY)
    memory = mmap.mmap(fd, MEMORY)
    nic.call(DMA_MAP, struct.pack("<IIQQQ", 32, 3, 0, IOVA, MEMORY), [fd])

    vendor, device = nic.read(CONFIG, 0, 2), nic.read(CONFIG, 2, 2)
    nic.write(CONFIG, 4, 0x6, 2)  # PCI command: memory space, bus master
    nic.write(BAR0, CTRL, nic.read(BAR0, CTRL) | 1 << 26)  # software reset
    time.sleep(0.01)
    mac = struct.pack("<IH", nic.read(BAR0, RAL), nic.read(BAR0, RAH) & 0xFFFF)
    print(f"{vendor:04x}:{device:04x}, STATUS {nic.read(BAR0, STATUS):#010x}, MAC {mac.hex(':')}")
    wait("link", lambda: nic.read(BAR0, LINKS) & 1 << 30)

    # One frame in one descriptor (7.2.3.2.2): address, then length with EOP, IFCS, RS.
    frame = b"\xff" * 6 + mac + b"\x88\xb5" + b"hello".ljust(46, b"\0")
    memory[4096:4096 + len(frame)] = frame
    memory[0:16] = struct.pack("<QII", IOVA + 4096, len(frame) | 0xB << 24, 0)
    nic.write(BAR0, HLREG0, nic.read(BAR0, HLREG0) | 1 << 10)  # pad short frames
    nic.write(BAR0, DMATXCTL, nic.read(BAR0, DMATXCTL) | 1)
    nic.write(BAR0, TDBAL, IOVA)
    nic.write(BAR0, TDBAH, 0)
    nic.write(BAR0, TDLEN, 128)
    nic.write(BAR0, TXDCTL, nic.read(BAR0, TXDCTL) | 1 << 25)
    wait("queue 0", lambda: nic.read(BAR0, TXDCTL) & 1 << 25)
    nic.write(BAR0, TDT, 1)
    wait("sending", lambda: memory[12] & 1)  # DD: the NIC has written the descriptor back
    print(f"sent {len(frame)} bytes, head is {nic.read(BAR0, TDH)}")


main()
