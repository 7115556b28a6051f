"""A bad line between a tablet and the server: so many bytes a second, cut now and then, everything counted."""

import asyncio
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

CHUNK = 4096
BUFFER = 16 * 1024
"""Small, so that what a sender has handed over is soon on its way or lost, as on a real radio link."""


@dataclass
class Line:
    """A loopback proxy in a thread of its own. `rate`: bytes a second upwards, all connections together."""

    target: tuple[str, int]
    rate: float = 0.0  # 0: as fast as it goes
    cut_every: float = 0.0  # seconds; 0: never
    down_for: float = 0.0  # seconds without a line after each cut
    answer: bytes = b""  # what a captive portal says to everything, instead of the server
    up: int = 0
    cuts: int = 0
    alive: bool = True
    _open: set = field(default_factory=set)
    _meetings: set = field(default_factory=set)
    _free_at: float = 0.0

    def __enter__(self) -> "Line":
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """Where the tablet finds the server."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self, *, stay_down: bool = False) -> None:
        """Break everything that is under way; `stay_down` until `mend`."""
        self.alive = not stay_down
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        """The line is there again."""
        self.alive = True

    def _run(self, ready: threading.Event) -> None:
        async def main():
            self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
            with socket.socket() as door:
                door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
                door.bind(("127.0.0.1", 0))
                self.port = door.getsockname()[1]
                server = await asyncio.start_server(self._met, sock=door, limit=BUFFER)
                cutter = asyncio.ensure_future(self._cut_now_and_then())
                ready.set()
                await self._end.wait()
                cutter.cancel()
                self.alive = False  # who has been let in just now is turned away
                self._loop.remove_reader(door)  # nobody else is; closed at once, asyncio would forget those
                self._cut()
                for meeting in self._meetings:
                    meeting.cancel()
                while others := asyncio.all_tasks() - {asyncio.current_task()}:
                    await asyncio.wait(others)
                turn = self._loop.create_future()  # in the next one what was broken off is closed
                self._loop.call_soon(turn.set_result, None)
                await turn
                server.close()

        asyncio.run(main())

    async def _cut_now_and_then(self) -> None:
        while not self._end.is_set():
            await self._let_pass(self.cut_every or 0.05)
            if not self.cut_every:
                continue
            self.alive = not self.down_for
            self._cut()
            await self._let_pass(self.down_for)
            self.alive = True

    def _cut(self) -> None:
        self.cuts += 1
        for writer in list(self._open):
            writer.transport.abort()

    async def _let_pass(self, seconds: float) -> None:
        """So slow is this line; ends at once when the line is taken away."""
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), seconds)

    def _met(self, reader, writer) -> None:
        """Somebody called. Noted at once, so that no connection is left over when the line is taken away."""
        if self.alive:
            self._open.add(writer)
            self._meetings.add(asyncio.ensure_future(self._meet(reader, writer)))
        else:
            writer.transport.abort()

    async def _meet(self, reader, writer) -> None:
        back = None
        try:
            if self.answer:
                await self._say(reader, writer)
                return
            there, back = await asyncio.open_connection(*self.target)
            self._open.add(back)
            await asyncio.gather(self._upwards(reader, back), self._downwards(there, writer))
        except OSError:
            pass
        finally:
            for end in filter(None, (writer, back)):
                self._open.discard(end)
                with suppress(OSError, RuntimeError):
                    end.transport.abort()

    async def _say(self, reader, writer) -> None:
        await reader.read(BUFFER)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                     % (len(self.answer), self.answer))
        await writer.drain()

    async def _upwards(self, reader, writer) -> None:
        while piece := await reader.read(CHUNK):
            if self.rate:
                self._free_at = max(self._free_at, self._loop.time()) + len(piece) / self.rate
                await self._let_pass(self._free_at - self._loop.time())
            self.up += len(piece)
            writer.write(piece)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    async def _downwards(self, reader, writer) -> None:
        while piece := await reader.read(BUFFER):
            writer.write(piece)
            await writer.drain()
        writer.close()
