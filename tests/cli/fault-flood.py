import random
import time

from blesec_test import peer as blesec
from blesec_test.attack import events, garbage, good, secured
from blesec_test.harness import eventually

rng = random.Random(3)
watch = secured()
slowest = 0.0
for number in range(300):
    garbage(rng, number % 6, 20)
    if number % 10 == 0:
        text = f"during-{number}"
        start = time.monotonic()
        watch.send(text.encode())
        eventually(text, lambda text=text: any(
            e.get("text") == text for e in events("serve")))
        slowest = max(slowest, time.monotonic() - start)
        try:
            watch.pump(0)
        except blesec.Late:
            pass
assert slowest < 10, f"the good peer waited {slowest:.1f} s"
good("after-flood")
watch.bye()
