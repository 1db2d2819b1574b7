# SPDX-License-Identifier: BSD-2-Clause
#
# Tagged pings through a raw socket, for kernels without VLAN interfaces: every request must come
# back once, with its tag and its bytes.
#
#   vlan_ping.py INTERFACE MAC VID COUNT
import socket
import struct
import sys

SOL_PACKET, PACKET_AUXDATA = 263, 8


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def request(dst, src, number, size):
    payload = bytes((number + k) & 255 for k in range(size))
    icmp = struct.pack(">BBHHH", 8, 0, 0, 0x77, number) + payload
    icmp = icmp[:2] + struct.pack(">H", checksum(icmp)) + icmp[4:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), number, 0, 64, 1, 0,
                     bytes([10, 7, 0, 1]), bytes([10, 7, 0, 2]))
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return dst + src, ip + icmp, payload


def main():
    interface, vid, count = sys.argv[1], int(sys.argv[3]), int(sys.argv[4])
    dst = bytes.fromhex(sys.argv[2].replace(":", ""))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((interface, 0))
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.settimeout(3)
    src = s.getsockname()[4]
    for number in range(count):
        addresses, packet, payload = request(dst, src, number, 18 + 2 * (number % 700))
        s.send(addresses + struct.pack(">HHH", 0x8100, vid, 0x0800) + packet)
        while True:
            frame, ancillary, _, address = s.recvmsg(4096, 256)
            if address[2] != socket.PACKET_OUTGOING:
                break
        tci = next((struct.unpack_from("=IIIHHHH", data)[5] for level, kind, data in ancillary
                    if (level, kind) == (SOL_PACKET, PACKET_AUXDATA)), None)
        # The kernel has taken the tag out of the frame and tells it beside.
        assert tci == vid, f"reply {number} has tag {tci}, want {vid}"
        assert frame[:6] == src and frame[12:14] == b"\x08\x00", frame[:14].hex()
        reply = frame[14:14 + len(packet)]
        assert reply[12:20] == packet[16:20] + packet[12:16], "addresses are not swapped"
        assert reply[20] == 0 and checksum(reply[20:]) == 0, "ICMP type or checksum"
        assert checksum(reply[:20]) == 0, "IP checksum"
        assert reply[24:] == packet[24:] and reply.endswith(payload), "bytes differ"
    print(f"{count} tagged pings answered with their tag")


main()
