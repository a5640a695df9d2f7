"""Nobody fills the memory of the web process with headers."""

import asyncio

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from app.web.protocol import MOST_HEADERS, BoundedProtocol


async def app(_scope: object, receive: object, send: object) -> None:
    while (await receive()).get("more_body"):  # type: ignore[operator]
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"fine"})  # type: ignore[operator]


async def ask(*parts: bytes) -> bytes:
    """Send the parts one after the other, as long as they are taken, and give the first line of the answer."""
    config, state = Config(app, log_config=None), ServerState()
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BoundedProtocol(config, state, {}), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            return await reader.readline()
        except ConnectionResetError:
            return b"reset"
        finally:
            writer.close()


HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
PIECE = b"x" * 16_384


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([HEAD, b"A: b\r\n" * MOST_HEADERS, b"\r\n"], id="too many headers"),
        pytest.param([HEAD, b"A: ", *[PIECE] * 8], id="a header without end"),
        pytest.param([b"GET /", *[PIECE] * 8], id="an address without end"),
        pytest.param(
            [HEAD, b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", b"A: ", *[PIECE] * 8],
            id="a trailer without end",
        ),
    ],
)
def test_endless_heads_are_cut(parts: list[bytes]) -> None:
    assert asyncio.run(ask(*parts)) in (b"HTTP/1.1 400 Bad Request\r\n", b"reset", b"")


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([HEAD, b"A: b\r\n" * 90, b"\r\n"], id="many headers"),
        pytest.param([HEAD, b"Content-Length: 262144\r\n\r\n", *[PIECE] * 16], id="a large body"),
        pytest.param(
            [HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\na\r\n"] * 20_000, b"0\r\n\r\n"], id="small chunks"
        ),
    ],
)
def test_what_is_fair_is_taken(parts: list[bytes]) -> None:
    assert asyncio.run(ask(*parts)) == b"HTTP/1.1 200 OK\r\n"
