"""Taking up what code prints and displays, instead of showing it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from ..shell import get_ipython
from .functions import publish_display_data

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.display import Output


S = TypeVar("S", bound="CapturingStream")


class RichOutput:
    """One output that was captured.

    :param data: its representations by MIME type.
    :param metadata: more about them, by MIME type.
    :param transient: what front ends are told but do not store: ``display_id``.
    :param update: whether it takes the place of the outputs of the same ``display_id``.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
    ) -> None:
        self.data = dict(data or {})
        self.metadata = dict(metadata or {})
        self.transient = dict(transient or {})
        self.update = update

    def display(self) -> None:
        """Show it."""
        publish_display_data(self.data, self.metadata, transient=self.transient, update=self.update)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.data, self.metadata

    def __repr__(self) -> str:
        return f"<RichOutput {', '.join(self.data) or 'empty'}>"


class CapturedIO:
    """What was captured: text of the two streams, and outputs. Calling it shows it all.

    :param stdout: gives what was written to standard output so far; ``None`` for nothing.
    :param stderr: the same of standard error.
    :param outputs: what was displayed.
    """

    def __init__(
        self,
        stdout: Callable[[], str] | None,
        stderr: Callable[[], str] | None,
        outputs: list[RichOutput] | None = None,
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        #: What was displayed, and values of cells, in order.
        self.outputs: list[RichOutput] = [] if outputs is None else outputs

    @property
    def stdout(self) -> str:
        """What was written to standard output."""
        return self._stdout() if self._stdout else ""

    @property
    def stderr(self) -> str:
        """What was written to standard error."""
        return self._stderr() if self._stderr else ""

    def show(self) -> None:
        """Write and show everything again: standard output, standard error, outputs."""
        for stream, text in ((sys.stdout, self.stdout), (sys.stderr, self.stderr)):
            if stream is not None and text:
                stream.write(text)
                stream.flush()
        for output in self.outputs:
            output.display()

    __call__ = show

    def __str__(self) -> str:
        return self.stdout

    def __repr__(self) -> str:
        return (
            f"<CapturedIO stdout: {len(self.stdout)} characters, stderr: {len(self.stderr)}, "
            f"outputs: {len(self.outputs)}>"
        )


class capture_output:
    """Take up what the body of a ``with`` statement prints and displays.

    Gives a :class:`CapturedIO`, which can be read in the body too. Nests. The streams are those of the
    whole process: what other threads print meanwhile is taken up with the rest, and what a logger made in
    the body writes later goes where it would have gone without. What child processes and C code write
    below Python is not taken up, unless ``descriptors`` is set.

    :param stdout: whether to take up what is written to ``sys.stdout``.
    :param stderr: whether to take up what is written to ``sys.stderr``.
    :param display: whether to take up what is displayed, in every representation there is; else it goes where
        it would go, in a terminal to standard output.
    :param descriptors: whether to take up what is written to the descriptors of the two streams, by child
        processes and C code, as well; it is put into files meanwhile. What a child that outlives
        the body writes after it is lost.
    :raises OSError: if ``descriptors`` is set, and one of them is closed or there is no room for the files.
    """

    def __init__(
        self, stdout: bool = True, stderr: bool = True, display: bool = True, *, descriptors: bool = False
    ) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.display = display
        self.descriptors = descriptors
        self._open: list[ExitStack] = []

    def __enter__(self) -> CapturedIO:
        texts: dict[str, Callable[[], str]] = {}
        outputs: list[RichOutput] = []
        if self.descriptors:
            for number in (1, 2):
                os.fstat(number)  # a file that is opened where one is missing would take its place
        with ExitStack() as stack:
            for name, wanted in (("stdout", self.stdout), ("stderr", self.stderr)):
                if wanted and self.descriptors:
                    texts[name] = stack.enter_context(_captured_descriptor(name))
                elif wanted:
                    texts[name] = stack.enter_context(capturing(name, CapturingStream)).text
            shell = get_ipython()
            if self.display and shell is not None:
                stack.enter_context(collected(shell, outputs))
            self._open.append(stack.pop_all())
        return CapturedIO(texts.get("stdout"), texts.get("stderr"), outputs)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.pop().close()


class _Kept(io.BytesIO):
    """The bytes below a :class:`CapturingStream`."""

    sink: Callable[[bytes], int] | None = None

    def write(self, data: Any) -> int:
        """Keep bytes, or put them where they are to go."""
        if self.sink is None:
            return super().write(data)
        left = memoryview(bytes(data))
        while left:
            left = left[self.sink(left) :]  # type: ignore[arg-type]
        return len(data)


class CapturingStream(io.TextIOWrapper):
    """A text stream that keeps what is written to it; once ended, it hands it on.

    :param outer: what it stands in for.
    """

    def __init__(self, outer: Any) -> None:
        self.outer = outer
        self.ended = False
        self._kept = _Kept()
        # What cannot be encoded is to come out as it went in.
        super().__init__(self._kept, encoding="utf-8", errors="surrogatepass", newline="", write_through=True)

    def write_to(self, sink: Callable[[bytes], int]) -> None:
        """Put what is written somewhere else instead of keeping it.

        :param sink: takes bytes and gives how many it took.
        """
        self._kept.sink = sink

    def write(self, text: str) -> int:
        """Keep text, or hand it on."""
        if not self.ended:
            return super().write(text)
        outer = self.beyond()
        return len(text) if outer is None else int(outer.write(text) or 0)

    def writelines(self, lines: Any) -> None:
        """Keep texts, or hand them on."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """See to it that what was handed on arrives."""
        outer = self.beyond() if self.ended else None
        if outer is None:
            super().flush()
        else:
            outer.flush()

    def close(self) -> None:
        """Do nothing: code that closes the standard streams is not to lose what it wrote."""

    def text(self) -> str:
        """Give what was kept."""
        return decoded(self._kept.getvalue())

    def beyond(self) -> Any:
        """Give the stream to hand on to: the first outside that has not ended."""
        outer = self.outer
        while isinstance(outer, CapturingStream) and outer.ended:
            outer = outer.outer
        return outer


def decoded(data: bytes) -> str:
    """Give bytes that were captured as text; what is no UTF-8 in them is escaped."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # written below the text
        return data.decode("utf-8", "backslashreplace")


@contextmanager
def capturing(name: str, kind: Callable[[Any], S]) -> Iterator[S]:
    """Replace a standard stream.

    :param name: ``stdout`` or ``stderr``.
    :param kind: makes what to put in its place.
    """
    stream = kind(getattr(sys, name, None))
    setattr(sys, name, stream)
    try:
        yield stream
    finally:
        stream.ended = True
        current = getattr(sys, name, None)
        # A capture that began later and goes on hands on to this one, which hands on from now.
        if current is stream or not isinstance(current, CapturingStream) or current.ended:
            setattr(sys, name, stream.beyond())


@contextmanager
def _captured_descriptor(name: str) -> Iterator[Callable[[], str]]:
    """Replace a standard stream and its descriptor by one file, which keeps the order of what is written."""
    from .descriptors import redirected

    outer = getattr(sys, name, None)
    if outer is not None:
        outer.flush()
    with redirected(name) as file, capturing(name, CapturingStream) as stream:
        stream.write_to(lambda data: os.write(file.writing, data))
        yield lambda: decoded(file.contents())


class _Collector:
    """A publisher that keeps outputs."""

    types: Collection[str] | None = None

    def __init__(self, outputs: list[RichOutput]) -> None:
        self.outputs = outputs

    def publish(self, output: Output) -> bool:
        """Keep an output."""
        self.outputs.append(RichOutput(output.data, output.metadata, output.transient, output.update))
        return True

    def clear(self, wait: bool) -> bool:
        """Drop what was kept."""
        self.outputs.clear()
        return True


@contextmanager
def collected(shell: InteractiveShell, outputs: list[RichOutput]) -> Iterator[None]:
    """Keep what one shell shows, in every representation there is."""
    publisher = shell.display.publisher
    collector = _Collector(outputs)
    publisher.add(collector)
    try:
        yield
    finally:
        publisher.remove(collector)
