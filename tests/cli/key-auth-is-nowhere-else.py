import base64
import os
import sys

word = base64.b64decode(os.environ["WORD"])
with open(f"/proc/{sys.argv[1]}/maps") as maps, \
        open(f"/proc/{sys.argv[1]}/mem", "rb", 0) as mem:
    for line in maps:
        span, mode = line.split()[:2]
        start, end = (int(x, 16) for x in span.split("-"))
        # A sanitizer maps terabytes, of which little is there.
        if mode[0] != "r" or end - start > 1 << 28:
            continue
        try:
            mem.seek(start)
            if word in mem.read(end - start):
                sys.exit(0)
        except (OSError, ValueError, OverflowError):
            pass
sys.exit(1)
