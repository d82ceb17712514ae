#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files over http or https, with ETag and Last-Modified, and bad ways to
serve.

/FILE is a file of the working directory, and 304 if the client has it
(RFC 9110 section 13).  Before it may stand, as /WAY/FILE:

  plain         without an ETag; dateless: without Last-Modified, too
  redirect-N    to the same with N - 1, 0 being the file; to=URL: to there
  status-N      that status
  cut drip silent big big-header not-http

Each request is a line of the file "requests": path, If-None-Match,
If-Modified-Since, status.
"""
import argparse
import email.utils
import hashlib
import http.server
import os
import ssl
import time
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self, status):
        with open("requests", "a") as file:
            print(self.path, self.headers["If-None-Match"] or "-",
                  (self.headers["If-Modified-Since"] or "-").replace(" ", "_"),
                  status, file=file)

    def answer(self, status, fields=(), body=b"", length=None):
        self.note(status)
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        parts = self.path.lstrip("/").split("/", 1)
        way, name = parts if len(parts) == 2 else ("", parts[0])
        word, _, number = way.partition("-")
        if way.startswith("to="):
            self.answer(302, [("Location", urllib.parse.unquote(way[3:]))])
        elif word == "status":
            self.answer(int(number), body=b"no\n")
        elif word == "redirect" and int(number) > 0:
            where = "/redirect-%d/%s" % (int(number) - 1, name)
            self.answer(301, [("Location", where)])
        elif way == "not-http":
            self.note(0)
            self.wfile.write(b"\x16\x03\x01 what?\r\n")
            self.close_connection = True
        elif way == "silent":
            self.note(0)
            time.sleep(30)
        elif way == "big":
            self.answer(200, body=b"x" * ((1 << 20) + 1))
        elif way == "big-header":
            self.answer(200, [("X-A", "x" * 1000)] * 20, b"x")
        else:
            self.file(way, name)

    def file(self, way, name):
        try:
            with open(os.path.basename(name), "rb") as file:
                body = file.read()
                changed = int(os.fstat(file.fileno()).st_mtime)
        except OSError:
            return self.answer(404)
        fields = [("Content-Type", "application/pkix-crl")]
        etag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
        modified = email.utils.formatdate(changed, usegmt=True)
        if way not in ("plain", "dateless"):
            fields.append(("ETag", etag))
        if way != "dateless":
            fields.append(("Last-Modified", modified))
        if way == "cut":
            self.close_connection = True
            return self.answer(200, fields, body[:-20], len(body))
        if way == "drip":
            self.answer(200, fields, b"", len(body))
            for octet in body:
                self.wfile.write(bytes([octet]))
                time.sleep(0.1)
            return None
        has = self.headers["If-None-Match"]
        if has and way not in ("plain", "dateless"):
            same = has == etag
        else:
            same = self.headers["If-Modified-Since"] == modified
        if same and way != "dateless":
            return self.answer(304, fields)
        return self.answer(200, fields, body)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with open(options.port_file + ".new", "w") as file:
        print(server.server_address[1], file=file)
    os.rename(options.port_file + ".new", options.port_file)
    server.serve_forever()


try:
    main()
except KeyboardInterrupt:
    pass
