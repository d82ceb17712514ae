import socket
import sys
import time

held = []
for path in sys.argv[1], sys.argv[1] + ".ctrl":
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.listen()
    held.append(s)
time.sleep(60)
