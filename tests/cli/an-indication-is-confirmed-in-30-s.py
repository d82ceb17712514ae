import time

from blesec_test.att import CONFIGURATION, Att

lines = open("lines", "w")


def say(value):
    print('{"uuid":"2a19","value":%d}' % value, file=lines, flush=True)


good, mute, idle = (Att.unix("link") for _ in range(3))
level = good.discover()[-4]
assert level.uuid == "2a19", level
for att in good, mute:
    att.write(level.descriptors[CONFIGURATION], b"\2\0")
idle.read(level.value)
began = time.monotonic()
ended = None
for n in range(40):
    say(n % 100)
    assert good.listen(0.5, 1) == [(level.value, bytes([n % 100]))], n
    # The client confirms nothing; the last value waits all the same.
    while not ended:
        try:
            pdu = mute.receive(0)
        except TimeoutError:
            break
        except (EOFError, ConnectionResetError):
            ended = time.monotonic() - began
            break
        assert pdu == b"\x1d" + level.value.to_bytes(2, "little") + b"\0", pdu
    if not ended:
        time.sleep(0.4)
    elif ended:
        break
assert ended and 29 < ended < 38, ended
assert good.read(level.value) == idle.read(level.value)
