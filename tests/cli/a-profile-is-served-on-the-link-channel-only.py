from blesec_test.att import Att

att = Att.unix("link")
assert "2a38" not in [c.uuid for c in att.discover()]
try:
    while True:
        att.receive(15)
except (EOFError, ConnectionResetError):
    pass
