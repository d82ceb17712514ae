import base64
import sys

for line in sys.stdin:
    line = line.strip()
    plain = line.replace(":", "")
    print(line)
    print(plain)
    try:
        octets = bytes.fromhex(plain)
    except ValueError:
        octets = line.encode()
    for part in octets, octets[:16]:
        print(part.hex())
        print(part.hex(" "))
        print(part.hex(":"))
        print(base64.b64encode(part).decode().rstrip("=")[:-1])
