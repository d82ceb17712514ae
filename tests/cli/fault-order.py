from blesec_test import toytls
from blesec_test.attack import T, Said, ends, expect_alert, met, opened

CERT, KEY = f"{T}/central/cert.pem", f"{T}/central/key.pem"


def data(toy, body=b"too early"):
    return b"\x10" + toytls.vector(2, body)


def ready(toy):
    body = toy.peer.ready_body()
    return b"\0" + toytls.vector(2, body)


def finished_only(toy):
    toy.send_finished()


def no_verify(toy):
    toy.send_certificate([CERT])
    toy.send_finished()


def no_certificate(toy):
    toy.send_verify(KEY)
    toy.send_finished()


def verify_first(toy):
    toy.send_verify(KEY)
    toy.send_certificate([CERT])
    toy.send_finished()


def verify_twice(toy):
    toy.send_certificate([CERT])
    toy.send_verify(KEY)
    toy.send_verify(KEY)
    toy.send_finished()


def finished_of_nothing(toy):
    toy.send_certificate([CERT])
    toy.send_verify(KEY)
    toy.send_message(toytls.FINISHED, bytes(32))
    toy.write_application()


def second_hello(toy):
    toy.client_hello()


def data_first(toy):
    toy.send(ready(toy) + data(toy))


def data_before_finished(toy):
    toy.send_certificate([CERT])
    toy.send_verify(KEY)
    toy.write_application()
    toy.send(ready(toy) + data(toy))


def data_in_clear(toy):
    toy.writing = None
    toy.send(ready(toy) + data(toy))


def foreign_transcript(toy):
    toy.send_certificate([CERT])
    toy.send_verify(KEY, transcript=b"")
    toy.send_finished()


def update_first(toy):
    toy.send_message(24, b"\0")


for attack in (finished_only, no_verify, no_certificate, verify_first,
               verify_twice, finished_of_nothing, second_hello, data_first,
               data_before_finished, data_in_clear, foreign_transcript,
               update_first):
    said = Said()
    toy = toytls.Toy(opened())
    toy.client_hello()
    toy.read_flight()
    attack(toy)
    toy.send(ready(toy) + data(toy))
    expect_alert([10, 20, 51, 47, 116], toy.receive)
    ends(toy.peer)
    said.closed("protocol error", "peer refused")
    assert not said.secured() and not said.all("message"), attack.__name__

# Before any keys are agreed.
for first in (b"\x17\x03\x03\0\x20" + bytes(32), b"\x16\x03\x03\0\4\x14\0\0\0",
              b"\x16\x03\x03\0\4\x0b\0\0\0", b"\x14\x03\x03\0\1\1"):
    said = Said()
    toy = toytls.Toy(opened())
    toy.raw(first)
    expect_alert([10, 22, 50], toy.read_record)
    ends(toy.peer)
    said.closed("protocol error")

# The same against connect.
CERT, KEY = f"{T}/peripheral/cert.pem", f"{T}/peripheral/key.pem"
for attack in (finished_only, no_verify, no_certificate, verify_first,
               finished_of_nothing, data_first, data_before_finished,
               foreign_transcript):
    tool, peer = met()
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    toy.server_hello()
    toy.encrypted_extensions()
    toy.certificate_request()
    toy.application_keys()
    attack(toy)
    expect_alert([10, 20, 51, 47], toy.read_client_flight)
    tool.ends(5, "protocol error")
    assert not tool.said.secured() and not tool.said.all("message")
