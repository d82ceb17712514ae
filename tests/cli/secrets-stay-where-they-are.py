import base64
import re
import sys

for line in open("secrets").read().split():
    if re.fullmatch("([0-9a-f]{2}:)+[0-9a-f]{2}", line):
        octets = bytes.fromhex(line.replace(":", ""))
        print(octets.hex())
        print(octets[-32:].hex())
        for start in range(3):
            print(base64.b64encode(octets[-32:][start:start + 27]).decode())
print(sys.argv[1])
print(base64.b64encode(b"device:" + sys.argv[1].encode()).decode())
