# SPDX-License-Identifier: Apache-2.0
"""Loopback stand-ins for the two services that claude uses, so that the real program runs without an account.

`OAuthEndpoint` is an HTTPS proxy that answers, itself, for the host that exchanges an authorization code for a token.
`Api` answers the requests of a token check and of `claude -p`, and records the bearer of each.
"""

import contextlib
import http.server
import json
import os
import secrets
import socket
import ssl
import string
import subprocess
import threading

TOKEN_PREFIX = "sk-ant-oat01-"
OAUTH_HOSTS = ("platform.claude.com", "console.anthropic.com", "api.anthropic.com", "claude.ai")


def new_token():
    """A token of the known shape: the prefix, 93 characters, and AA: 108 in all."""
    alphabet = string.ascii_letters + string.digits + "-_"
    return TOKEN_PREFIX + "".join(secrets.choice(alphabet) for _ in range(93)) + "AA"


def _make_certificates(folder):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    with open(os.path.join(folder, "host.ext"), "w", encoding="ascii") as out:
        out.write("subjectAltName=" + ",".join("DNS:" + host for host in (*OAUTH_HOSTS, "localhost")) + "\n")
        out.write("basicConstraints=CA:FALSE\n")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key",
            "-out", "ca.pem", "-days", "7", "-subj", "/CN=jackind tests", "-addext", "basicConstraints=critical,CA:TRUE")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "host.key",
            "-out", "host.csr", "-subj", "/CN=stand-in")
    openssl("x509", "-req", "-in", "host.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "host.pem",
            "-days", "7", "-extfile", "host.ext")


class OAuthEndpoint:
    """Runs from `start` to `stop`. It issues `token`, valid for `expires_in` seconds; a status other than 200 refuses.
    `codes` are the authorization codes that it got."""

    def __init__(self, folder, token=None, status=200):
        self.folder = os.path.abspath(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.token = token or new_token()
        self.status = status
        self.expires_in = 365 * 24 * 3600
        self.exchanges = 0
        self.codes = []
        _make_certificates(self.folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(os.path.join(self.folder, "host.pem"), os.path.join(self.folder, "host.key"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def environment(self):
        """The environment that makes claude use this endpoint in place of the real hosts."""
        proxy = f"http://127.0.0.1:{self.port}"
        return {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "NO_PROXY": "127.0.0.1,localhost",
                "NODE_EXTRA_CA_CERTS": os.path.join(self.folder, "ca.pem"),
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}

    def stop(self):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError, ssl.SSLError, ValueError), client:
            head, _ = _read_head(client)
            method, target = head.split(b" ")[:2]
            if method != b"CONNECT" or target.decode().rsplit(":", 1)[0] not in OAUTH_HOSTS:
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with self._context.wrap_socket(client, server_side=True) as tls:
                while True:
                    head, body = _read_head(tls)
                    length = 0
                    for line in head.split(b"\r\n")[1:]:
                        name, _, value = line.partition(b":")
                        if name.strip().lower() == b"content-length":
                            length = int(value)
                    while len(body) < length:
                        body += tls.recv(65536)
                    self._answer(tls, head.split(b"\r\n")[0].decode(), body)

    def _answer(self, tls, request_line, body):
        status, reply = "404 Not Found", {"type": "error", "error": {"type": "not_found_error", "message": "no"}}
        if "/v1/oauth/token" in request_line:
            self.exchanges += 1
            self.codes.append(json.loads(body).get("code"))
            if self.status == 200:
                status = "200 OK"
                reply = {"token_type": "Bearer", "access_token": self.token, "refresh_token": "sk-ant-ort01-unused",
                         "expires_in": self.expires_in, "scope": "user:inference"}
            else:
                status, reply = f"{self.status} Refused", {"error": "invalid_grant", "error_description": "refused"}
        payload = json.dumps(reply).encode()
        tls.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n".encode()
                    + payload)


def _read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            raise OSError("closed")
        data += chunk
    head, rest = data.split(b"\r\n\r\n", 1)
    return head, rest


class TlsApi:
    """A proxy that accepts a CONNECT for one of the real hosts and acts as that host: TLS with a certificate that
    `ca.pem` in `folder` signs, and behind it the `Api`. `connects` are the requested hosts. `direct`: it is the host
    alone, and no proxy."""

    def __init__(self, folder, api, direct=False):
        self.direct = direct
        self.folder = os.path.abspath(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.connects = []
        self._api = api
        _make_certificates(self.folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(os.path.join(self.folder, "host.pem"), os.path.join(self.folder, "host.key"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError, ssl.SSLError, ValueError), client:
            if not self.direct:
                head, _ = _read_head(client)
                method, target = head.split(b" ")[:2]
                if method != b"CONNECT":
                    return
                self.connects.append(target.decode())
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with self._context.wrap_socket(client, server_side=True) as tls:
                head, _ = _read_head(tls)
                with socket.create_connection(("127.0.0.1", self._api.port)) as server:
                    server.sendall(head + b"\r\nConnection: close\r\n\r\n")
                    while data := server.recv(65536):
                        tls.sendall(data)


class Api:
    """`valid` is the set of accepted bearers; None accepts all. `answer` may override (status, body, headers)."""

    def __init__(self, valid=None, organization="11111111-2222-3333-4444-555555555555"):
        self.valid = valid
        self.organization = organization
        self.override = None
        self.requests = []
        self._holds = []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self):
                self.rfile.read(int(self.headers.get("content-length") or 0))
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    api._handle(self)

            do_GET = do_POST = do_HEAD = _handle

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def hold(self, path_prefix):
        """Delays the answer to the next request for such a path until the returned Hold releases it."""
        hold = Hold(path_prefix)
        self._holds.append(hold)
        return hold

    def bearers(self, path_prefix):
        return [bearer for method, path, bearer in self.requests if path.startswith(path_prefix)]

    def _handle(self, request):
        authorization = request.headers.get("authorization") or ""
        bearer = authorization.removeprefix("Bearer ")
        self.requests.append((request.command, request.path, bearer))
        for hold in self._holds:
            if request.path.startswith(hold.path_prefix):
                self._holds.remove(hold)
                hold.arrived.set()
                hold.released.wait(60)
                break
        headers = {"content-type": "application/json", "anthropic-organization-id": self.organization}
        if self.override is not None:
            status, payload, extra = self.override
            headers.update(extra)
        elif self.valid is not None and request.command != "HEAD" and bearer not in self.valid:
            status, payload = 401, _error("authentication_error", "Invalid bearer token")
        elif request.path.startswith("/v1/models"):
            status = 200
            payload = json.dumps({"data": [{"type": "model", "id": "claude-stand-in", "display_name": "Stand-in"}],
                                  "has_more": False}).encode()
        elif request.path.startswith("/v1/messages"):
            status = 200
            payload = json.dumps({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-stand-in",
                                  "content": [{"type": "text", "text": "PONG"}], "stop_reason": "end_turn",
                                  "usage": {"input_tokens": 1, "output_tokens": 1}}).encode()
        else:
            status, payload = 404, _error("not_found_error", "no")
        if request.command == "HEAD":
            payload = b""
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(payload)))
        request.end_headers()
        request.wfile.write(payload)


class Hold:
    def __init__(self, path_prefix):
        self.path_prefix = path_prefix
        self.arrived = threading.Event()
        self.released = threading.Event()

    def wait_for_request(self, limit):
        if not self.arrived.wait(limit):
            raise AssertionError(f"there was no request for {self.path_prefix}")

    def release(self):
        self.released.set()


def _error(kind, message):
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
