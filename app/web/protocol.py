"""HTTP as the web process speaks it: uvicorn's, with a bound on what comes before, between and after bodies."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 64 * 1024
MOST_HEADERS = 100


class BoundedProtocol(HttpToolsProtocol):
    """Ends a connection whose request line and headers, or trailers, are too long or too many: the parser takes any."""

    # Bytes since the last that were part of a body, or completed the headers.
    unread = 0

    def data_received(self, data: bytes) -> None:
        self.unread += len(data)
        super().data_received(data)
        if self.unread > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        # An error ends the parsing, and uvicorn answers 400.
        if len(self.headers) >= MOST_HEADERS:
            raise ValueError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.unread = 0
        super().on_message_complete()
