"""CAPTURE: the supervision timeout of each LE connection in it, in 10 ms."""
import struct
import sys

COMPLETE, ENHANCED = 0x01, 0x0A
EVENT = 3

with open(sys.argv[1], "rb") as file:
    file.read(16)
    while header := file.read(24):
        _, length, flags, _, _ = struct.unpack(">IIIIQ", header)
        packet = file.read(length)
        # an LE Meta event, of a connection that was made
        if flags & 0xFFFF != EVENT or packet[:1] != b"\x3e":
            continue
        kind, status = packet[2:4]
        if kind in (COMPLETE, ENHANCED) and status == 0:
            at = 18 if kind == COMPLETE else 30
            print(struct.unpack_from("<H", packet, at)[0])
