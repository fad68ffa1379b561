"""The shop as a process, and clients that speak HTTP/2 in raw frames or HTTP/1.1 in bytes, as rude as they like."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

import h2.config
import h2.connection
import h2.events
import h2.settings
import hpack
from hyperframe.frame import HeadersFrame, SettingsFrame, WindowUpdateFrame

# After a GOAWAY the streams that there are go on (RFC 9113 §6.8); the library takes it for the end.
_open = h2.connection.ConnectionState.CLIENT_OPEN
_goaway = (_open, h2.connection.ConnectionInputs.RECV_GOAWAY)
h2.connection.H2ConnectionStateMachine._transitions[_goaway] = (None, _open)

TOKEN = "limits-token.0123456789"


class Shop:
    """The real binary in a directory of its own, on SQLite."""

    def __init__(self, binary, descriptors=None, log="info"):
        self.directory = tempfile.TemporaryDirectory()
        environment = {"SHOP_ADDR": "127.0.0.1:0", "SHOP_ADMIN_TOKEN": TOKEN, "RUST_LOG": log}
        limit = descriptors and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)))
        self.log = open(os.path.join(self.directory.name, "log"), "wb+")
        self.process = subprocess.Popen(
            [binary], cwd=self.directory.name, env=environment, preexec_fn=limit, stdout=self.log, stderr=self.log
        )
        found = wait_until(lambda: re.search(rb"listening on http://([0-9.]+):([0-9]+)", self.printed_bytes()), 60)
        self.address = (found[1].decode(), int(found[2]))

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if failed:
            print(self.printed()[-4000:])
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.directory.cleanup()

    def printed_bytes(self):
        with open(self.log.name, "rb") as log:
            return log.read()

    def printed(self):
        return self.printed_bytes().decode(errors="replace")

    def memory(self):
        """Resident memory, in MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def sockets(self):
        files = f"/proc/{self.process.pid}/fd"
        return sum(os.readlink(os.path.join(files, file)).startswith("socket:") for file in os.listdir(files))

    def stop(self):
        """SIGTERM: the exit code, and how long it took."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30), time.monotonic() - begin

    def ask(self, path, body=None, patience=30):
        """A well-behaved client, on a connection of its own: how many bytes it gets. Anything but a 2xx is an error."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {TOKEN}"}
        data = json.dumps(body).encode() if body is not None else None
        url = f"http://{self.address[0]}:{self.address[1]}{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=patience) as answer:
            return len(answer.read())

    def fill(self, orders, lines):
        """Orders of so many lines, so that a small request has a large answer; its length."""
        self.ask("/v1/products", {"sku": "MANY-1", "name": "Many", "unitPrice": 1, "stock": 1_000_000})
        line = {"sku": "MANY-1", "quantity": 1}
        for _ in range(orders):
            self.ask("/v1/orders", {"customer": "ann", "lines": [line] * lines, "note": "n" * 200})
        return self.ask(LARGE)


LARGE = "/v1/orders?limit=100"


class Http2:
    """One HTTP/2 connection. Windows are opened by hand only."""

    def __init__(self, address, window=65_535, patience=30):
        self.socket = socket.create_connection(address, timeout=patience)
        self.connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        # The window of a stream; the connection's stays open.
        initial = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window}
        self.connection.local_settings = h2.settings.Settings(client=True, initial_values=initial)
        self.connection.initiate_connection()
        self.received, self.answered, self.reset, self.goodbye, self.closed = {}, {}, {}, False, False
        self.ended, self.has_settings = set(), False
        self.flush()

    def flush(self):
        try:
            self.socket.sendall(self.connection.data_to_send())
        except OSError:
            self.closed = True

    def get(self, path):
        stream = self.connection.get_next_available_stream_id()
        head = [(":method", "GET"), (":path", path), (":scheme", "http"), (":authority", "shop.test")]
        self.connection.send_headers(stream, head, end_stream=True)
        self.received[stream] = 0
        return stream

    def open(self, stream, size, of_connection=True):
        """Lets the server send so many bytes more."""
        if not self.closed:
            self.connection.increment_flow_control_window(size, stream)
            if of_connection:
                self.connection.increment_flow_control_window(size)
            self.flush()

    def read(self, patience):
        """Takes what comes within this time; false once the connection is over."""
        deadline = time.monotonic() + patience
        while not self.closed and (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65_536)
            except TimeoutError:
                break
            except OSError:
                data = b""
            if not data:
                self.closed = True
                break
            for event in self.connection.receive_data(data):
                self.note(event)
            self.flush()
        return not self.closed

    def read_until(self, seen, patience):
        deadline = time.monotonic() + patience
        while not seen():
            assert self.read(0.1), "the connection is over"
            assert time.monotonic() < deadline, "nothing happened"

    def note(self, event):
        match event:
            case h2.events.RemoteSettingsChanged():
                self.has_settings = True
            case h2.events.ResponseReceived():
                self.answered[event.stream_id] = dict(event.headers)[":status"]
            case h2.events.DataReceived():
                self.received[event.stream_id] += len(event.data)
            case h2.events.StreamEnded():
                self.ended.add(event.stream_id)
            case h2.events.StreamReset():
                self.reset[event.stream_id] = event.error_code
            case h2.events.ConnectionTerminated():
                self.goodbye = True

    def close(self):
        self.socket.close()


class Frames:
    """An HTTP/2 connection in frames, without a library that minds what is allowed."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=30)
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize())
        self.encoder, self.stream = hpack.Encoder(), -1

    def request(self, path):
        """The frame that asks for a path, on the next stream."""
        self.stream += 2
        head = [(":method", "GET"), (":path", path), (":scheme", "http"), (":authority", "shop.test")]
        return serialize(HeadersFrame(self.stream, self.encoder.encode(head), flags=["END_HEADERS", "END_STREAM"]))

    def send(self, data):
        """Writes, and throws away what is there to read; false once the connection is over."""
        try:
            self.socket.sendall(data)
            self.socket.setblocking(False)
            return self.socket.recv(1 << 20) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            self.socket.settimeout(30)


def serialize(frame):
    # A window that is opened by 0 is what no library writes.
    if isinstance(frame, WindowUpdateFrame):
        return b"\0\0\4\x08\0" + frame.stream_id.to_bytes(4, "big") + frame.window_increment.to_bytes(4, "big")
    return frame.serialize()


def wait_until(look, patience):
    deadline = time.monotonic() + patience
    while not (seen := look()):
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.05)
    return seen
