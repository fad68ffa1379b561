"""The limits of the server loop, measured from outside. Each function is a sentence; all of them run at once.

    python main.py path/to/shop
"""

import concurrent.futures
import os
import socket
import sys
import time
import traceback

from hyperframe.frame import RstStreamFrame, WindowUpdateFrame

from clients import LARGE, Frames, Http2, Shop, serialize, wait_until

# How long a test waits for what has to happen. The shop's own limits are 10 s each, and a busy machine is slow.
PATIENCE = 120


def answers_that_no_window_is_opened_for_are_given_up(binary):
    with Shop(binary) as shop:
        size, sockets = shop.fill(20, 50), shop.sockets()
        before = shop.memory()
        rude = [Http2(shop.address, window=0) for _ in range(10)]
        for client in rude:
            client.read_until(lambda: client.has_settings, PATIENCE)
            assert client.connection.remote_settings.max_concurrent_streams == 100
            for _ in range(40):
                client.get(LARGE)
            client.flush()
        peak = 0
        while not all(client.closed for client in rude):
            for client in rude:
                client.read(0.02)
            peak = max(peak, shop.memory())
            assert shop.ask("/v1/products"), "a new client is not served"
        wait_until(lambda: shop.sockets() <= sockets, PATIENCE)
        assert sum(len(client.answered) for client in rude) > 0
        log = shop.printed()
        assert "response was not taken in time request_id=" in log and "error.type=send_timeout" in log
        return f"{10 * 40} answers of {size} bytes: {before:.0f} MiB, at most {peak:.0f}, then {shop.memory():.0f}"


def a_window_that_is_opened_byte_by_byte_is_not_enough(binary):
    with Shop(binary) as shop:
        shop.fill(5, 50)
        rude = Http2(shop.address, window=1)
        streams = [rude.get(LARGE) for _ in range(10)]
        deadline = time.monotonic() + PATIENCE
        while rude.read(0.5):
            for stream in streams:
                rude.open(stream, 1)
            assert time.monotonic() < deadline, "it is still there"
        taken = max(rude.received.values())
        return f"it was closed after {taken} bytes of an answer"


def a_slow_client_that_goes_on_gets_all_of_it(binary):
    with Shop(binary) as shop:
        size = shop.fill(20, 50)
        slow = Http2(shop.address, window=2048)
        stream = slow.get(LARGE)
        slow.flush()
        begin = time.monotonic()
        while slow.received[stream] < size:
            slow.open(stream, 2048)
            assert slow.read(0.4), f"it was cut after {slow.received[stream]} of {size} bytes"
        assert slow.received[stream] == size
        return f"{size} bytes in {time.monotonic() - begin:.0f} s"


def http_1_is_no_different(binary):
    """Many requests in one pipe: more than the kernel's buffers hold."""
    with Shop(binary) as shop:
        size, requests = shop.fill(20, 50), 200
        pipe = f"GET {LARGE} HTTP/1.1\r\nhost: shop.test\r\n\r\n".encode() * requests
        rude, slow = (socket.create_connection(shop.address, timeout=PATIENCE) for _ in range(2))
        for client in (rude, slow):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 10)
            client.sendall(pipe)
        # The slow one reads all the time; when it has everything, the other one is long gone.
        taken, deadline = 0, time.monotonic() + 600
        while taken < size * requests:
            data = slow.recv(256 << 10)
            assert data and time.monotonic() < deadline, f"the slow client was cut after {taken} bytes"
            taken += len(data)
            time.sleep(0.02)
        wait_until(lambda: b"response was not taken in time" in shop.printed_bytes(), PATIENCE)
        left = 0
        try:
            while data := rude.recv(1 << 20):
                left += len(data)
        except OSError:
            pass
        assert left < size * requests, "the answers were held"
        return f"{taken} bytes were taken slowly, and {left} of as many were left"


def idle_connections_do_not_take_all_descriptors(binary):
    with Shop(binary, descriptors=256) as shop:
        idle = []
        for _ in range(300):
            client = Http2(shop.address, patience=PATIENCE)
            client.get("/v1/products")
            client.flush()
            idle.append(client)
        most, patience = 0, time.monotonic() + PATIENCE
        while True:
            most = max(most, shop.descriptors())
            for client in idle:
                client.read(0.001)
            try:
                assert shop.ask("/v1/products", patience=2)
                break
            except OSError:
                assert time.monotonic() < patience, "a new client is not served"
        while not all(client.closed for client in idle):
            for client in idle:
                client.read(0.001)
            assert shop.ask("/v1/products"), "a new client is not served"
        assert all(client.answered and client.goodbye for client in idle), "they are told before they are closed"
        assert most < 256, most
        assert "cannot accept" not in shop.printed()
        wait_until(lambda: shop.descriptors() < 64, PATIENCE)
        return f"300 idle connections took at most {most} of 256 descriptors, then {shop.descriptors()}"


def requests_that_are_reset_at_once_cost_little(binary):
    """A request and its RST_STREAM, again and again (CVE-2023-44487); or a request and a frame that makes the server
    reset it (CVE-2025-8671)."""
    requests = 1_000_000 if os.environ.get("BUTTRESS_SOAK", "0") != "0" else 10_000
    connections = 0
    with Shop(binary, log="error") as shop:
        before = shop.memory()
        for frame in (lambda stream: RstStreamFrame(stream, 8), lambda stream: WindowUpdateFrame(stream, 0)):
            sent, rude = 0, Frames(shop.address)
            while sent < requests:
                pairs = (rude.request("/v1/products") + serialize(frame(rude.stream)) for _ in range(100))
                if not rude.send(b"".join(pairs)):
                    rude, connections = Frames(shop.address), connections + 1
                sent += 100
            assert shop.ask("/v1/products"), "a new client is not served"
        after = shop.memory()
        assert after < before + 100, (before, after)
        return f"{2 * requests} took {connections} connections; {before:.0f} MiB, then {after:.0f}"


def sigterm_ends_it_with_0_whoever_is_connected(binary):
    with Shop(binary) as shop:
        shop.fill(20, 50)
        idle, zero, one = Http2(shop.address), Http2(shop.address, window=0), Http2(shop.address, window=1)
        for client in (zero, one):
            for _ in range(10):
                client.get(LARGE)
            client.flush()
            client.read_until(lambda: len(client.answered) == 10, PATIENCE)
        silent, half, unread = (socket.create_connection(shop.address) for _ in range(3))
        half.sendall(b"GET /v1/prod")
        unread.sendall(f"GET {LARGE} HTTP/1.1\r\nhost: shop.test\r\n\r\n".encode() * 200)
        shop.ask("/v1/products")
        code, took = shop.stop()
        assert code == 0 and took < 15, (code, took)
        for client in (idle, zero, one, silent, half, unread):
            client.close()
        return f"it took {took:.1f} s"


ALL = [
    answers_that_no_window_is_opened_for_are_given_up,
    a_window_that_is_opened_byte_by_byte_is_not_enough,
    a_slow_client_that_goes_on_gets_all_of_it,
    http_1_is_no_different,
    idle_connections_do_not_take_all_descriptors,
    requests_that_are_reset_at_once_cost_little,
    sigterm_ends_it_with_0_whoever_is_connected,
]


def main(binary, *names):
    chosen = [test for test in ALL if not names or test.__name__ in names]
    assert chosen, names
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(chosen)) as pool:
        running = {pool.submit(test, os.path.abspath(binary)): test.__name__ for test in chosen}
        for test in concurrent.futures.as_completed(running):
            if error := test.exception():
                failed += 1
                traceback.print_exception(error)
            print(f"{running[test]} ... {'FAILED' if error else 'ok: ' + test.result()}", flush=True)
    sys.exit(failed > 0)


main(*sys.argv[1:])
