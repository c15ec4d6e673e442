"""Taking cells back: the names as at the start, and the earlier cells of this session run again.

Everything here is for the thread that runs cells.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from .cells.session import Ran, told
from .errors import UsageError, UserError

if TYPE_CHECKING:
    from .cells.session import Session, Start
    from .shell import InteractiveShell
    from .types.cells import CellResult

#: What stands between cells in a file.
SEPARATOR: Final = "# %%"
#: Characters of a cell that is named.
_LONGEST: Final = 40
_NONE: Final = "there is no cell in this session before this one."


def magic(shell: InteractiveShell) -> Callable[[str], None]:
    """Make ``%rewind`` for one shell."""

    def rewind(line: str) -> None:
        """Take the last cells of this session back, and run the earlier ones again.

        Usage::

            %rewind        take the last cell back
            %rewind 3      take the last three back

        The names are set to what they were when the session began, the earlier cells run again without
        showing anything, and what was taken back stands at the next prompt. It asks first if the earlier
        cells took longer than ``InteractiveShell.rewind_asks_after`` seconds. What cells have done
        elsewhere, to files for example, stays done.
        """
        shell.outputs.session.pass_over()
        text = line.strip() or "1"
        if not (text.isascii() and text.isdigit() and int(text)):
            raise UsageError("%rewind takes the number of cells to take back, 1 or more.")
        take_back(shell, int(text))

    return rewind


def take_back(shell: InteractiveShell, count: int = 1) -> None:
    """Take the last cells back: all others run again, and the text is that of the next prompt.

    :raises UserError: if that cannot be done; nothing has happened then.
    """
    session, start = _ready(shell)
    ran = [*session.ran]
    places = [at for at, each in enumerate(ran) if not each.own]
    if count > len(places):
        raise UserError(f"only {_cells(len(places))} can be taken back." if places else _NONE)
    at = places[-count]
    kept, gone = ran[:at], [each for each in ran[at:] if not each.own]
    if not _agreed(shell, kept):
        print("Nothing was taken back.")
        return
    draft = session.draft
    done = _run_silently(shell, start, kept)
    shell.outputs.session.draft = draft
    if done.problem:
        _leave(shell, [*done.left, *(each.source for each in gone), *(draft[0] if draft else ())])
        print(done.problem)
        return
    text = "\n".join(each.source.rstrip("\n") for each in gone)
    shell.set_next_input(text)
    print(f"Rewound {_cells(count)}: {_named(text)}; {done.account()}.")


def session_text(shell: InteractiveShell) -> str:
    """Give the cells of this session as one text, ``# %%`` between; also what was edited and has not run.

    :raises UserError: if there are none, or they cannot be run again.
    """
    session, _ = _ready(shell)
    texts = _edited_cells(session)
    if not texts:
        raise UserError(_NONE)
    return f"\n\n{SEPARATOR}\n".join(text.strip("\n") for text in texts) + "\n"


def run_edited(shell: InteractiveShell, before: str, after: str) -> None:
    """Run the cells of an edited session from the start; from the first that was changed on they show output.

    :param before: what :func:`session_text` gave.
    :param after: what has become of it; if that is the same, or blank, nothing happens.
    :raises UserError: if it cannot be done; nothing has happened then.
    """
    session, start = _ready(shell)
    texts = split(after)
    if not texts or after.strip() == before.strip():
        print("Nothing was changed." if texts else "There are no cells in it; nothing was changed.")
        return
    ran = [each for each in session.ran if not each.own]
    same, rest = _common(ran, texts)
    if not rest and len(same) == len(ran):
        print("Nothing was changed.")
        return
    if not _agreed(shell, same):
        session.draft = rest, len(same), len(ran)
        print("Nothing was run; what was changed is there when the session is edited again.")
        return
    done = _run_silently(shell, start, same)
    if done.problem:
        _leave(shell, [*done.left, *rest])
        print(done.problem)
        return
    if same:
        print(f"{done.account()}.")
    _run_shown(shell, rest, {each.source.strip("\n"): each.error for each in ran})


def split(text: str) -> list[str]:
    """Give the cells of a text, which lines that begin with ``# %%`` part; blank ones left out."""
    cells: list[list[str]] = [[]]
    for line in text.split("\n"):  # other ends of lines may stand in texts
        if line.startswith(SEPARATOR):
            cells.append([])
        else:
            cells[-1].append(line)
    return [joined for lines in cells if (joined := "\n".join(lines).strip("\n")).strip()]


def _edited_cells(session: Session) -> list[str]:
    left, start, stop = session.draft or ([], 0, 0)
    ran = [each.source for each in session.ran if not each.own]
    return [*ran[:start], *left, *ran[stop:]]


def _leave(shell: InteractiveShell, texts: list[str]) -> None:
    """Keep cells that have not run, for when the session is edited: they stand behind the others."""
    shell.outputs.session.draft = (texts, sys.maxsize, sys.maxsize) if texts else None


def _common(ran: Sequence[Ran], texts: list[str]) -> tuple[list[Ran], list[str]]:
    """Give the cells before the first difference, and what follows them now."""
    at = 0
    for count, each in enumerate(ran):
        parts = split(each.source)  # more than one if there is a separator in it
        if texts[at : at + len(parts)] != parts:
            return list(ran[:count]), texts[at:]
        at += len(parts)
    return list(ran), texts[at:]


def _ready(shell: InteractiveShell) -> tuple[Session, Start]:
    """Give what is needed to run cells again."""
    session = shell.outputs.session
    if shell.runner.again:
        raise UserError("cells are being run again; that has to end first.")
    if shell.namespace is not None:
        raise UserError("the names here are those of a program, which cannot be run again.")
    if not session.whole:
        raise UserError("the session is too long: the first of its cells are not kept any more.")
    if session.start is None:
        raise UserError(_NONE)
    return session, session.start


def _agreed(shell: InteractiveShell, cells: Sequence[Ran]) -> bool:
    runs = [each for each in cells if not (each.stopped or each.own)]
    seconds = sum(each.seconds for each in runs)
    if seconds <= shell.rewind_asks_after:
        return True
    took = f"{_cells(len(runs))} that took {_time(seconds)} will run again."
    return shell.ask_yes_no(f"{took} Go on ([y]/n)?", default="y", interrupt="n")


# -- running them ------------------------------------------------------------------


class _Done:
    """What came of running cells again."""

    def __init__(self) -> None:
        self.count = 0
        self.left_out = 0
        self.seconds = 0.0
        #: Why not all have run; empty if they have.
        self.problem = ""
        #: Those that have not even begun then.
        self.left: list[str] = []

    def account(self) -> str:
        """Tell how many have run."""
        text = f"{_cells(self.count)} ran again in {_time(self.seconds)}"
        if self.left_out:
            text += f", without {_cells(self.left_out)} that Ctrl-C had stopped"
        return text


def _run_silently(shell: InteractiveShell, start: Start, cells: Sequence[Ran]) -> _Done:
    """Run cells from the start without showing anything, up to one that fails and had not."""
    done = _Done()
    began = perf_counter()
    wrong: BaseException | None = None
    number, left = start.number, len(cells)
    shell.runner.again = True
    try:
        with _silence(shell):
            start.restore(shell)
            for each in cells:
                number, left = shell.execution_count, left - 1
                if each.stopped or each.own:  # of what was stopped nobody knows how far it had come
                    _pass_over(shell, each)
                    done.left_out += each.stopped
                    continue
                wrong = _run(shell, each)
                if wrong is not None:
                    break
                done.count += 1
    except KeyboardInterrupt as stopped:  # between two cells
        wrong = stopped
    finally:
        shell.runner.again = False
        done.seconds = perf_counter() - began
    if wrong is not None:
        shell.show_error(wrong)
        done.problem = _problem(number, _how(wrong, "fails, as it did not before"), left)
        done.left = [each.source for each in cells[len(cells) - left :] if not each.own]
    return done


def _run(shell: InteractiveShell, earlier: Ran) -> BaseException | None:
    """Run an earlier cell; give the error if there is one that it did not have then."""
    result = shell.run_cell(earlier.source, store_history=True, origin=earlier.origin)
    return _new_error(result, earlier.error)


def _new_error(result: CellResult, earlier: str) -> BaseException | None:
    """Give what a cell has failed with, unless it has failed so before."""
    error = result.error_in_exec if result.error_before_exec is None else result.error_before_exec
    return None if error is None or told(error) == earlier else error


def _pass_over(shell: InteractiveShell, earlier: Ran) -> None:
    shell.outputs.store_input(shell.execution_count, earlier.source, earlier.source)
    shell.outputs.session.ran.append(earlier)
    shell.execution_count += 1


def _run_shown(shell: InteractiveShell, texts: list[str], errors: dict[str, str]) -> None:
    """Run cells as if they were typed now, up to one with a new error."""
    left = texts
    try:
        while left and not shell.exiting:
            text, left = left[0], left[1:]
            number = shell.execution_count
            print(_as_typed(shell, text, number), flush=True)
            result = shell.run_cell(text, store_history=True, origin="keyboard")
            error = _new_error(result, errors.get(text, ""))
            if error is not None and left:
                print(_problem(number, _how(error, "failed"), len(left)))
                break
    finally:
        _leave(shell, left)


def _how(error: BaseException, failed: str) -> str:
    return "was stopped" if issubclass(type(error), KeyboardInterrupt) else failed


def _problem(number: int, what: str, left: int) -> str:
    text = f"Cell In[{number}] {what}"
    return f"{text}; {_cells(left)} after it did not run." if left else f"{text}."


def _as_typed(shell: InteractiveShell, text: str, number: int) -> str:
    """Give a cell with its prompts, as it would stand on the screen."""
    from .highlighting import highlighted
    from .plain.prompts import painted

    theme = shell.made_part("theme")
    colours = theme is not None and theme.colors_on(sys.stdout)
    lines = (highlighted(shell, text, "python") if colours else text).split("\n")
    prompts = [painted(shell, "input", number)] + [painted(shell, "continuation", number)] * (len(lines) - 1)
    return shell.separate_in + "\n".join(prompt + line for prompt, line in zip(prompts, lines, strict=True))


# -- silence -----------------------------------------------------------------------


@contextmanager
def _silence(shell: InteractiveShell) -> Iterator[None]:
    """Drop what is shown in the body, by child processes and C code as well; questions are seen."""
    from .display.capture import CapturingStream, capturing, collected

    publisher = shell.display.publisher
    with ExitStack() as stack:
        stack.enter_context(nullcontext() if publisher.plain else collected(shell, []))
        streams = [stack.enter_context(capturing(name, CapturingStream)) for name in ("stdout", "stderr")]
        for stream in streams:
            stream.write_to(len)
        descriptors = stack.enter_context(_nowhere())
        ask = builtins.input

        def ask_aloud(prompt: object = "", /) -> str:
            silent = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = (stream.outer for stream in streams)
            try:
                with descriptors():
                    return ask(prompt)
            finally:
                sys.stdout, sys.stderr = silent

        builtins.input = ask_aloud
        try:
            yield
        finally:
            if builtins.input is ask_aloud:
                builtins.input = ask


@contextmanager
def _nowhere() -> Iterator[Callable[[], Any]]:
    """Have the descriptors 1 and 2 lead nowhere; give what undoes that for a while."""
    from .display.descriptors import flush_c_streams

    saved: dict[int, int] = {}
    nothing = os.open(os.devnull, os.O_WRONLY)

    def lead(there: dict[int, int]) -> None:
        flush_c_streams()
        for number, target in there.items():
            os.dup2(target, number)

    @contextmanager
    def aloud() -> Iterator[None]:
        lead(saved)
        try:
            yield
        finally:
            lead(dict.fromkeys(saved, nothing))

    try:
        for number in (1, 2):
            try:
                saved[number] = os.dup(number)
            except OSError:  # it is closed, and stays so
                continue
        lead(dict.fromkeys(saved, nothing))
        yield aloud
    finally:
        lead(saved)
        for descriptor in (nothing, *saved.values()):
            os.close(descriptor)


# -- words -------------------------------------------------------------------------


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60} s"


def _named(text: str) -> str:
    first, _, more = text.strip().partition("\n")
    if len(first) > _LONGEST or more:
        return f"{first[:_LONGEST].rstrip()} …"
    return first
