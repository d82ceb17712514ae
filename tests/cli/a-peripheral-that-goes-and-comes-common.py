import json, os, random, signal, struct, subprocess, sys, threading, time
from blesec_test.peripheral import INDICATE, NOTIFY, READ, Peripheral
from blesec_test.secured import Secured

B, T = os.environ["B"], os.environ["T"]
name = sys.argv[1]


def start(tool, *args, out):
    return subprocess.Popen([f"{B}/tools/blesec-{tool}", *args],
                            stdin=sys.stdin, stdout=open(out, "w"),
                            stderr=open(out + ".err", "w"))


def events(path, event):
    with open(path) as file:
        return [e for e in (json.loads(l) for l in file if l.endswith("\n"))
                if e["event"] == event]


def states():
    return [e["state"] for e in events(name + ".json", "peripheral")]


def gateway():
    return start("serve", "--dir", "sensor", "--gateway",
                 f"unix:{T}/{name}.peripheral", f"unix:{T}/{name}",
                 out=name + ".json")


sensor = Peripheral(name + ".peripheral")
sensor.service(0x180d)
rate = sensor.characteristic(0x2a37, NOTIFY)
level = sensor.characteristic(0x2a19, INDICATE | NOTIFY)
other = sensor.characteristic(0x2a38, NOTIFY | READ, b"there")
