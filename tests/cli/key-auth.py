import os
import pty
import select
import sys
import termios
import time

pid, tty = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "-c", sys.argv[1]])
said, asked = b"", 0
answers = sys.argv[2:]
while select.select([tty], [], [], 20)[0]:
    try:
        said += os.read(tty, 1000)
    except OSError:
        break
    while asked < len(answers) and said.count(b": ") > asked:
        # It asks before it has ended the echo.
        for _ in range(100):
            if not termios.tcgetattr(tty)[3] & termios.ECHO:
                break
            time.sleep(0.1)
        os.write(tty, answers[asked].encode() + b"\n")
        asked += 1
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
