import sys
import time

from blesec_test.att import CONFIGURATION, Att

silent = [Att.unix("link") for _ in range(8)]
mute, runner, writer = (Att.unix("link") for _ in range(3))
value, program = mute.discover()[2:4]
mute.write(value.descriptors[CONFIGURATION], b"\1\0")
for _ in range(100):
    runner.write_command(program.value, b"x")
open("ready", "w").close()
end = time.monotonic() + float(sys.argv[1])
n = 0
while time.monotonic() < end:
    try:
        writer.write_command(value.value, n.to_bytes(4, "little"))
        n += 1
    except OSError:
        writer = Att.unix("link")
writer.write(value.value, b"last")
print(n)
