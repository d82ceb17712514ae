#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An EST server (RFC 7030, RFC 8951) on a CA of blesec-ca, and a bad one.

It serves /cacerts, /csrattrs, /simpleenroll and /simplereenroll on 127.0.0.1.
A client is one with a certificate of --client-ca, or with the user and the
password; to renew, it has the certificate itself, and the request names what
that names.

The file "switches" in the working directory is read for each request: lines
of NAME or OPERATION:NAME, or NAME=VALUE.  Without it, the server is honest.

  chunked            answers in chunks of 7 octets
  lines=N            base64 in lines of N digits (64; 0: one line)
  pending=N retry=V  the first N requests to enrol are answered by 202 and
                     this Retry-After ("none": no such field)
  attrs=HEX          the answer to /csrattrs, DER; "204" and "404": no answer
  root-first         the CA's certificate before the new one
Its faults:
  status=N [text=T type=C]   that status, with a text
  type=C             that Content-Type ("none": none)
  garbage-base64 cut-base64 empty raw-der
  content signature no-certificate many trailing garbage-der    (PKCS#7)
  other-key other-ca expired not-yet                     (the certificate)
  redirect=URL       307 to there; "same": to the same with "?again"
                     "loop": for ever; "none": without a Location
  big-body big-header silent drip cut not-http
  refuse-client      TLS itself refuses, after the client's certificate
"""
import argparse
import base64
import hashlib
import http.server
import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import time

PREFIX = "/.well-known/est"
OPERATIONS = ("cacerts", "csrattrs", "simpleenroll", "simplereenroll")


def run(*command, data=b"", cwd=None):
    done = subprocess.run(command, input=data, capture_output=True, cwd=cwd)
    if done.returncode:
        raise ValueError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def openssl(*arguments, data=b"", cwd=None):
    return run("openssl", *arguments, data=data, cwd=cwd)


def switches(operation):
    found = {}
    try:
        lines = open("switches").read().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        name, _, value = line.partition("=")
        if ":" in name:
            only, _, name = name.partition(":")
            if only != operation:
                continue
        found[name] = value
    return found


def new_request(name="other"):
    key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt",
                  "ec_paramgen_curve:P-256")
    with open("other.key", "wb") as file:
        file.write(key)
    return openssl("req", "-new", "-key", "other.key", "-subj", "/CN=" + name,
                   "-config", "/dev/null")


def dated(csr, start, end):
    """Signed past blesec-ca, which signs nothing of that kind."""
    with open("dated.csr", "wb") as file:
        file.write(csr)
    return openssl("ca", "-batch", "-config", "openssl.cnf", "-notext", "-in",
                   os.path.abspath("dated.csr"), "-startdate", start,
                   "-enddate", end, cwd=options.ca)


def issue(csr, on):
    if "other-key" in on:
        csr = new_request()
    if "expired" in on:
        return dated(csr, "20200101000000Z", "20210101000000Z")
    if "not-yet" in on:
        return dated(csr, "20400101000000Z", "20410101000000Z")
    ca = options.other_ca if "other-ca" in on else options.ca
    return run(options.blesec_ca, "sign", "--force", "--dir", ca, data=csr)


def pkcs7(pem, on):
    """The octets of a PKCS#7 with these certificates, or a wrong one."""
    if "signature" in on or "content" in on:
        der = openssl("cms", "-sign", "-nodetach", "-binary", "-outform",
                      "DER", "-signer", options.cert, "-inkey", options.key,
                      data=b"content")
    elif "no-certificate" in on:
        der = bytes.fromhex("302506092a864886f70d010702a0183016020101310030"
                            "0b06092a864886f70d010701a1003100")
    elif "garbage-der" in on:
        der = b"\x30\x82\x01\x00" + secrets.token_bytes(20)
    else:
        # Not by a file: the one before may be at work yet, for nobody.
        der = openssl("crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin",
                      "-outform", "DER",
                      data=pem * 17 if "many" in on else pem)
    if "content" in on:
        # the same, without its signature: the last SET is empty
        der = openssl("cms", "-data_create", "-outform", "DER", data=b"x")
    return der + (b"\0" * 3 if "trailing" in on else b"")


def names(kind, pem):
    """What simplereenroll compares: subject and subjectAltNames."""
    text = openssl(kind, "-noout", "-subject", "-nameopt", "RFC2253",
                   data=pem)
    whole = openssl(kind, "-noout", "-text", data=pem).decode()
    sans = re.search(r"Subject Alternative Name:.*\n *(.*)", whole)
    return text, sans and sorted(sans.group(1).split(", "))


class Pending:
    left = None
    nonce = secrets.token_hex(8)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "est_server"

    def log_message(self, *arguments):
        with open("requests", "a") as file:
            file.write("%s %s\n" % (self.command, self.path))
            for name in ("Content-Type", "Content-Transfer-Encoding",
                         "User-Agent"):
                if self.headers.get(name):
                    file.write("  %s: %s\n" % (name, self.headers[name]))

    def answer(self, status, body=b"", kind=None, headers=()):
        self.send_response(status)
        kind = self.on.get("type", kind)
        if kind and kind != "none":
            self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        if "big-header" in self.on:
            for n in range(300):
                self.send_header("X-%d" % n, "y" * 100)
        if "chunked" in self.on and status == 200:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(body), 7):
                part = body[at:at + 7]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if "drip" in self.on:
            for octet in body:
                self.wfile.write(bytes((octet,)))
                time.sleep(0.5)
        elif "cut" in self.on:
            self.wfile.write(body[:len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def payload(self, der, kind):
        if "raw-der" in self.on:
            return self.answer(200, der, kind)
        body = base64.b64encode(der)
        lines = int(self.on.get("lines", 64))
        if lines:
            body = b"\r\n".join(body[at:at + lines] for at in
                                range(0, len(body), lines)) + b"\r\n"
        if "garbage-base64" in self.on:
            body = body[:10] + b"*" + body[10:]
        if "cut-base64" in self.on:
            body = base64.b64encode(der)[:-3]
        if "empty" in self.on:
            body = b"\r\n"
        if "big-body" in self.on:
            body *= 1 + 300000 // len(body)
        self.answer(200, body, kind)

    def digest_ok(self, text):
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', text))

        def md5(*parts):
            return hashlib.md5(":".join(parts).encode()).hexdigest()

        one = md5(options.user, "est", options.password)
        two = md5(self.command, said.get("uri", ""))
        return said.get("response") == md5(
            one, Pending.nonce, said.get("nc", ""), said.get("cnonce", ""),
            said.get("qop", ""), two)

    def is_client(self):
        said = self.headers.get("Authorization", "")
        if self.connection.getpeercert():
            return True
        if not options.user:
            return False
        if options.digest:
            return said.startswith("Digest ") and self.digest_ok(said)
        wanted = "%s:%s" % (options.user, options.password)
        return said == "Basic " + base64.b64encode(wanted.encode()).decode()

    def challenge(self):
        value = 'Basic realm="est"'
        if options.digest:
            value = 'Digest realm="est", qop="auth", nonce="%s"' \
                % Pending.nonce
        self.answer(401, b"who are you?\n", "text/plain",
                    [("WWW-Authenticate", value)])

    def is_pending(self):
        if Pending.left is None:
            Pending.left = int(self.on.get("pending", 0))
        if Pending.left <= 0:
            Pending.left = None
            return False
        Pending.left -= 1
        return True

    def enrol(self, operation, data):
        if not self.is_client():
            return self.challenge()
        if self.headers.get_content_type() != "application/pkcs10":
            return self.answer(415, b"no pkcs10\n", "text/plain")
        # RFC 8951 section 3.1: whatever Content-Transfer-Encoding says
        try:
            der = base64.b64decode(b"".join(data.split()), validate=True)
            csr = openssl("req", "-inform", "DER", "-verify", data=der)
            client = self.connection.getpeercert(binary_form=True)
            if operation == "simplereenroll":
                if not client:
                    return self.answer(403, b"renewal wants the "
                                       b"certificate\n", "text/plain")
                pem = ssl.DER_cert_to_PEM_cert(client).encode()
                if names("x509", pem) != names("req", csr):
                    return self.answer(400, b"other names than in the "
                                       b"certificate\n", "text/plain")
            if self.is_pending():
                retry = self.on.get("retry", "1")
                if retry.startswith("date+"):
                    retry = self.date_time_string(time.time() +
                                                  int(retry[5:]))
                return self.answer(202, b"", None, [] if retry == "none"
                                   else [("Retry-After", retry)])
            cert = issue(csr, self.on)
        except ValueError as error:
            return self.answer(400, str(error).encode()[:80] + b"\n",
                               "text/plain")
        if "root-first" in self.on:
            cert = open(options.cacerts, "rb").read() + cert
        self.payload(pkcs7(cert, self.on), "application/pkcs7-mime; "
                     "smime-type=certs-only")

    def redirected(self):
        target = self.on.get("redirect")
        if target is None or (target == "same" and "again" in self.path):
            return False
        if target in ("same", "loop"):
            target = self.path.partition("?")[0] + "?again"
        self.answer(307, b"", None, [] if target == "none" else
                    [("Location", target)])
        return True

    def serve(self, data=b""):
        path = self.path.partition("?")[0]
        base = PREFIX + ("/" + options.label if options.label else "")
        operation = path.rpartition("/")[2]
        self.on = switches(operation)
        if path != base + "/" + operation or operation not in OPERATIONS:
            return self.answer(404, b"nothing here\n", "text/plain")
        if (self.command == "POST") != operation.startswith("simple"):
            return self.answer(405, b"not so\n", "text/plain")
        if "silent" in self.on:
            return time.sleep(3600)
        if "not-http" in self.on:
            self.close_connection = True
            return self.wfile.write(b"220 mail.example ESMTP\r\n")
        if self.redirected():
            return None
        if "status" in self.on:
            return self.answer(int(self.on["status"]),
                               self.on.get("text", "").encode() + b"\n",
                               "text/plain")
        if operation == "cacerts":
            return self.payload(pkcs7(open(options.cacerts, "rb").read(),
                                      self.on), "application/pkcs7-mime")
        if operation == "csrattrs":
            attrs = self.on.get("attrs", "204")
            if attrs in ("204", "404"):
                return self.answer(int(attrs))
            return self.payload(bytes.fromhex(attrs), "application/csrattrs")
        return self.enrol(operation, data)

    def do_GET(self):
        self.serve()

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if self.headers.get("Transfer-Encoding") or length > 65536:
            self.on = {}
            self.close_connection = True
            return self.answer(413, b"too long\n", "text/plain")
        return self.serve(self.rfile.read(length))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def get_request(self):
        connection, address = self.socket.accept()
        connection.settimeout(60)
        # The handshake is the thread's: one silent client stops no other.
        context = tls_context("refuse-client" in switches(""))
        return context.wrap_socket(connection, server_side=True,
                                   do_handshake_on_connect=False), address

    def handle_error(self, request, client_address):
        with open("errors", "a") as file:
            file.write("%s\n" % (sys.exc_info()[1],))
        # What is unread would make a reset of the close, and of the alert
        # before it nothing would be seen.
        request.settimeout(0.5)
        try:
            while socket.socket.recv(request, 65536):
                pass
        except OSError:
            pass


def tls_context(refuse):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    if options.tls == "1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if refuse:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(os.path.join(options.other_ca,
                                                   "cacert.pem"))
    elif options.client_ca:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(options.client_ca)
    return context


parser = argparse.ArgumentParser()
parser.add_argument("--ca", required=True, help="directory of blesec-ca")
parser.add_argument("--other-ca", help="another, for faults")
parser.add_argument("--cacerts", help="PEM file, default: of the CA")
parser.add_argument("--client-ca", help="PEM file")
parser.add_argument("--cert", required=True)
parser.add_argument("--key", required=True)
parser.add_argument("--user")
parser.add_argument("--password", default="")
parser.add_argument("--digest", action="store_true")
parser.add_argument("--label")
parser.add_argument("--tls", default="1.3")
parser.add_argument("--port-file", required=True)
parser.add_argument("--blesec-ca",
                    default=os.environ.get("BLESEC_CA", "blesec-ca"))
options = parser.parse_args()
for option in ("ca", "other_ca", "cert", "key"):
    value = getattr(options, option)
    setattr(options, option, value and os.path.abspath(value))
options.cacerts = options.cacerts or os.path.join(options.ca, "cacert.pem")

server = Server(("127.0.0.1", 0), Handler)
with open(options.port_file + ".new", "w") as out:
    out.write("%d\n" % server.server_address[1])
os.rename(options.port_file + ".new", options.port_file)
server.serve_forever()
