#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A well-behaved peer: see --help."""

import argparse
import json
import sys

from blesec_test import peer as blesec


def say(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def converse(peer, args):
    """Send all that is to be sent, print what comes, say goodbye."""
    peer.secure(blesec.context(args.role, args.directory))
    say("secured", alpn=peer.tls.selected_alpn_protocol(),
        cipher=peer.tls.cipher()[0])
    for text in args.send:
        peer.send(text.encode())
    if args.end:
        peer.end()
    try:
        count = 0
        while args.count is None or count < args.count:
            body = peer.receive()
            if body is None:
                say("end")
                continue
            count += 1
            say("message", text=body.decode(errors="replace"))
    except blesec.LinkClosed as err:
        say("closed", reason=str(err))
        if peer.answered:
            peer.send_bye()
            peer.close_tls()
            peer.drain()
        peer.close()
        return
    peer.bye()
    say("closed", reason="done")


def main():
    parser = argparse.ArgumentParser(description="A well-behaved peer.")
    parser.add_argument("role", choices=("central", "peripheral"))
    parser.add_argument("address", help="unix:PATH")
    parser.add_argument("directory", help="key.pem, cert.pem and ca.pem")
    parser.add_argument("--send", action="append", default=[],
                        metavar="TEXT", help="one data message; repeatable")
    parser.add_argument("--end", action="store_true",
                        help="send END after that")
    parser.add_argument("--count", type=int, metavar="N",
                        help="say goodbye after N messages received")
    parser.add_argument("--timeout", type=float, default=10.0)
    args = parser.parse_args()
    try:
        if args.role == "central":
            converse(blesec.Central(args.address, args.timeout), args)
        else:
            listener = blesec.listen(args.address)
            say("listening")
            sock = listener.accept()[0]
            converse(blesec.Peripheral(sock, args.timeout), args)
    except blesec.PeerError as err:
        say("failed", error=type(err).__name__, text=str(err))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
