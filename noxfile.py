"""Every check of the project, by name: ``nox --list`` tells them, ``nox -s NAME`` runs one.

Nothing here installs a sibling by its name from an index: the wheels are built from
this tree and installed by their paths, or from a folder of wheels with no index at all.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from tools.workspace import Distribution, distributions, lowest, third_party  # noqa: E402

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
#: The Pythons that are tested where they are found, and the one that runs this.
PYTHONS = list(dict.fromkeys(["3.11", "3.12", "3.13", HERE]))
#: Those that all parts are tested on together. On the one that runs this each is tested alone, by ``lowest``
#: and ``alone``, and together every night: a change is not to wait for its checks without end.
TOGETHER = [each for each in PYTHONS if each != HERE and shutil.which(f"python{each}")] or [HERE]
CONSTRAINTS = str(ROOT / "constraints.txt")
WHEELS = ROOT / ".nox" / "wheels"
GROUPS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "dependency-groups"
]
WINDOWS = sys.platform == "win32"
#: Many tests wait for terminals and processes: on two cores three at a time take a third of the time. Python
#: itself loses a signal that arrives in the moment before a system call: what fails is tried twice more.
SIDE_BY_SIDE = ("-n", "3", "--dist", "worksteal", "--reruns", "2")
#: Tests of signals, forks, threads and interpreters, which measuring would change.
UNMEASURED = ("display_functions", "embedding", "forking", "host_table", "interrupts", "main_thread")

# A POSIX shell has what it starts in the background ignore Ctrl-C, and all that is started from there; the
# tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

nox.needs_version = ">=2025.2.9"
# One way for everybody, and the one that reads pip's own configuration.
nox.options.default_venv_backend = "virtualenv"
# A missing Python is told and left out, also where CI is set.
nox.options.error_on_missing_interpreters = False
nox.options.sessions = [
    "lint",
    "changes",
    *(f"tests-{python}" for python in TOGETHER),
    "lowest",
    "alone",
    "assembled",
    "template",
    "typing",
    "docs",
    "benchmarks",
    "comparison",
]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests of every distribution, installed from this tree; on one Python with coverage, if asked.

    It is asked for by ``IPSHELL_COVERAGE=1``: it takes half as long again, which the checks cannot spare.
    """
    test_together(session)


@nox.session(tags=["nightly"])
def nightly_tests(session: nox.Session) -> None:
    """Do what ``tests`` does on the Python that runs this, where the checks test each distribution alone."""
    test_together(session)


@nox.session(name="lowest")
def lowest_versions(session: nox.Session) -> None:
    """Run the core's tests on the lowest versions of what it declares, with nothing of ours beside it."""
    core = next(each for each in distributions() if each.name == "ipshell-core")
    pins = [lowest(requirement) for requirement in core.requires]
    session.install(build_wheels(session)[core.name], *pins)
    # The test tools are not under test: any version that goes with the pins.
    session.install(*core.test_requires, *pins)
    with clean_home(session):
        session.run("pytest", "-q", *SIDE_BY_SIDE, str(core.tests), *session.posargs)


@nox.session
def alone(session: nox.Session) -> None:
    """Install each wheel, and what it declares, in an environment of its own; run its tests there.

    But for those of the core, which ``lowest`` runs alone.
    """
    prove_alone(session, but="ipshell-core")


@nox.session(python=PYTHONS, tags=["nightly"])
def nightly_alone(session: nox.Session) -> None:
    """Do what ``alone`` does on every Python, the core's tests included."""
    prove_alone(session)


@nox.session(tags=["nightly"])
def nightly_faults(session: nox.Session) -> None:
    """Run the long proofs: the tests marked ``nightly``."""
    install_assembled(session)
    session.install("-c", CONSTRAINTS, *(text for each in distributions() for text in each.test_requires))
    with clean_home(session):
        session.run("pytest", "-m", "nightly", "packages", "tests", *session.posargs)


@nox.session
def assembled(session: nox.Session) -> None:
    """Install the assembled shell and test it as a user has it; test the packaging and the README."""
    install_assembled(session)
    with clean_home(session):
        session.run("ipshell", "-c", "6*7")
        session.run("pytest", *(session.posargs or ["tests"]))


@nox.session
def template(session: nox.Session) -> None:
    """Build the template of plugins, and one of another name; use, block, break, remove them."""
    core = next(each for each in distributions() if each.name == "ipshell-core")
    kit = [str(each) for each in core.extras["testing"]]
    session.install("-c", CONSTRAINTS, "pip", build_wheels(session)[core.name], *kit, *GROUPS["test"])
    session.install("-c", CONSTRAINTS, *GROUPS["lint"])
    with tempfile.TemporaryDirectory(prefix="ipshell-template-") as place, clean_home(session):
        wheels = Path(place) / "wheels"
        gather_wheels(session, wheels, {*kit, *(str(each) for each in core.requires)})
        session.env["TEMPLATE_WHEELS"] = str(wheels)
        session.run("pytest", *(session.posargs or ["tests/template"]))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, imports between the distributions, and denied names."""
    wheels = build_wheels(session)
    session.install(
        "-c",
        CONSTRAINTS,
        *wheels.values(),
        *(text for each in distributions() for text in each.test_requires),
        *GROUPS["lint"],
        *GROUPS["test"],
        *GROUPS["nox"],
        *GROUPS["docs"],
    )
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports", "--no-cache")
    session.run("python", "-m", "tools.check_names", *wheels.values())


@nox.session(name="typing")
def check_types(session: nox.Session) -> None:
    """Check the types of a plugin outside of this tree against the wheels, as its author would."""
    wheels = build_wheels(session)
    testing = f"{wheels['ipshell-core']}[testing]"
    session.install("-c", CONSTRAINTS, testing, *wheels.values(), *GROUPS["typing"])
    session.run("python", "-m", "tools.check_typing")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation, with every warning an error, and run its examples."""
    if not Path("docs/conf.py").exists():
        session.skip("there is no docs/conf.py yet")
    session.install("-c", CONSTRAINTS, *build_wheels(session).values(), *GROUPS["docs"])
    with clean_home(session):
        build = ["sphinx-build", "-W", "--keep-going", "--no-color", "-q", "-b", "html"]
        session.run(*build, "docs", "docs/_build/html")
        # The examples of one page build on each other.
        session.run("pytest", "-n", "3", "--dist", "loadfile", "docs", *session.posargs)


# virtualenv adds code to the start of every Python in its environments; venv does not.
@nox.session(venv_backend="venv")
def benchmarks(session: nox.Session) -> None:
    """Measure start, cells, history, completion and typing in the shell beside IPython and bare Python."""
    session.install("-c", CONSTRAINTS, *build_wheels(session).values(), *GROUPS["peers"])
    with clean_home(session):
        # What is not byte-compiled is compiled at each start: that would be measured instead.
        session.env["PYTHONDONTWRITEBYTECODE"] = None
        session.run("python", "benchmarks/startup.py", *session.posargs)
        session.run("python", "benchmarks/cells.py", *session.posargs)
        session.run("python", "benchmarks/completion.py", *session.posargs)
        session.run("python", "benchmarks/history.py", *session.posargs)
        if os.name == "posix":
            session.run("python", "benchmarks/terminal.py", "--quick", *session.posargs)


@nox.session(venv_backend="venv", tags=["nightly"])
def nightly_history(session: nox.Session) -> None:
    """Measure a history of a million cells."""
    session.install("-c", CONSTRAINTS, *build_wheels(session).values(), *GROUPS["peers"])
    with clean_home(session):
        session.run("python", "benchmarks/history.py", "--cells", "1000000", *session.posargs)


@nox.session(venv_backend="venv", tags=["nightly"])
def nightly_terminal(session: nox.Session) -> None:
    """Measure the terminal with as many starts and keys as its targets are stated for."""
    session.install("-c", CONSTRAINTS, *build_wheels(session).values(), *GROUPS["peers"])
    with clean_home(session):
        session.env["PYTHONDONTWRITEBYTECODE"] = None
        session.run("python", "benchmarks/terminal.py", *session.posargs)


@nox.session
def comparison(session: nox.Session) -> None:
    """Run the same cells in this shell and in IPython; each difference is one that was judged."""
    session.install("-c", CONSTRAINTS, *build_wheels(session).values(), *GROUPS["peers"], "pytest")
    with clean_home(session):
        session.run("pytest", "comparison", *session.posargs)


@nox.session(python=False)
def changes(session: nox.Session) -> None:
    """Check the fragments in changes/, and that every changed distribution has one."""
    session.run(sys.executable, "-m", "tools.check_changes", *session.posargs)


@nox.session(python=False, default=False)
def pins(session: nox.Session) -> None:
    """Write constraints.txt anew. Needs uv; review the difference before committing it."""
    header = [line for line in Path(CONSTRAINTS).read_text("utf-8").splitlines() if line.startswith("#")]
    command = ["uv", "export", "--quiet", "--upgrade", "--all-packages", "--all-groups", "--all-extras"]
    form = ["--no-hashes", "--no-emit-workspace", "--no-annotate", "--no-header"]
    try:
        text = session.run(*command, *form, silent=True, external=True)
    finally:
        # It would record the addresses of whoever ran this.
        Path("uv.lock").unlink(missing_ok=True)
    Path(CONSTRAINTS).write_text("\n".join([*header, str(text)]), encoding="utf-8")


# -- what the sessions share ---------------------------------------------------------------

_wheels: dict[str, str] = {}


def test_together(session: nox.Session) -> None:
    """Install all distributions and run their tests, with coverage on one Python if asked."""
    ours = distributions()
    wheels = build_wheels(session)
    # The figures hardly differ between Pythons.
    measured = session.python in (HERE, None) and bool(os.environ.get("IPSHELL_COVERAGE"))
    session.install(
        "-c",
        CONSTRAINTS,
        *(wheels[each.name] for each in ours),
        *(text for each in ours for text in each.test_requires),
        *(GROUPS["coverage"] if measured else ()),
    )
    paths = session.posargs or [str(each.tests) for each in ours if any(each.tests.glob("test_*.py"))]
    with clean_home(session) as home:
        session.env["COVERAGE_FILE"] = str(home / "coverage")
        core = next(each.tests for each in ours if each.name == "ipshell-core")
        apart = [str(core / f"test_{name}.py") for name in UNMEASURED if measured and not session.posargs]
        measuring = ("--cov", "--cov-report=", *(f"--ignore={name}" for name in apart)) if measured else ()
        session.run("pytest", *SIDE_BY_SIDE, *measuring, *paths)
        if apart:
            session.run("pytest", *SIDE_BY_SIDE, *apart)
        if measured:
            # All is combined by now; what is left are halves, of children that were killed.
            for half in home.glob("coverage.*"):
                half.unlink()
            report_coverage(session, ours)


def build_wheels(session: nox.Session) -> dict[str, str]:
    """Build the wheels of all distributions, once per run of nox.

    :returns: paths of the wheels by the distributions' names.
    """
    if _wheels:
        return _wheels
    shutil.rmtree(WHEELS, ignore_errors=True)
    session.install("-c", CONSTRAINTS, "hatchling")
    for each in distributions():
        with session.chdir(each.folder):
            session.run("hatchling", "build", "-t", "wheel", "-d", str(WHEELS), silent=True)
        _wheels[each.name] = str(WHEELS / each.wheel)
    return _wheels


def report_coverage(session: nox.Session, ours: list[Distribution]) -> None:
    """Print what is not covered, and the coverage of each distribution."""
    session.run("coverage", "report")
    for each in ours:
        found = f"packages/{each.folder.name}/src/*"
        total = session.run("coverage", "report", "--format=total", f"--include={found}", silent=True)
        session.log(f"coverage of {each.name}: {str(total).strip()} %")


def install_assembled(session: nox.Session) -> None:
    """Install the wheels of all distributions and what the tests in tests/ need."""
    session.install("-c", CONSTRAINTS, *build_wheels(session).values(), *GROUPS["test"])


@contextmanager
def clean_home(session: nox.Session) -> Iterator[Path]:
    """Keep the user's configuration and the shells under test from each other."""
    with tempfile.TemporaryDirectory(prefix="ipshell-") as home:
        session.env["IPSHELL_HOME"] = home
        yield Path(home)


def prove_alone(session: nox.Session, but: str = "") -> None:
    """Do the work of ``alone`` with the session's Python, outside of the tree.

    :param but: a distribution whose tests are not run.
    """
    ours = distributions()
    session.install("-c", CONSTRAINTS, "pip")
    with tempfile.TemporaryDirectory(prefix="ipshell-alone-") as place:
        folder = Path(place) / "wheels"
        needed = {str(requirement) for each in ours for requirement in third_party(each.requires)}
        needed.update(text for each in ours for text in each.test_requires)
        gather_wheels(session, folder, needed)
        for each in ours:
            prove_one_alone(session, each, folder, Path(place) / each.name, tested=each.name != but)


def gather_wheels(session: nox.Session, folder: Path, needed: set[str]) -> None:
    """Put our wheels and those of others into a new folder, from which can be installed without an index."""
    folder.mkdir()
    for wheel in build_wheels(session).values():
        shutil.copy(wheel, folder)
    session.run("pip", "download", "-q", "-c", CONSTRAINTS, "-d", str(folder), *sorted(needed))


def prove_one_alone(
    session: nox.Session, one: Distribution, wheels: Path, place: Path, *, tested: bool
) -> None:
    """Install one distribution in a fresh environment, from a folder of wheels alone; try and test it."""
    session.log(f"alone: {one.name}")
    place.mkdir()
    environment = place / "environment"
    session.run("python", "-m", "venv", str(environment))
    scripts = environment / ("Scripts" if WINDOWS else "bin")
    python = str(scripts / "python")
    # pip's configuration may name further places to look; here there is but one.
    env: dict[str, str | None] = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": None}
    env["IPSHELL_HOME"] = str(place / "home")
    env["PYTHONPATH"] = None

    def run(*arguments: str) -> None:
        session.run(python, *arguments, env=env, external=True)

    install = ["-m", "pip", "install", "-q", "--no-index", "--find-links", str(wheels)]
    with session.chdir(place):
        run(*install, f"{one.name}=={one.version}")
        run("-m", "pip", "list")
        run("-c", f"import {one.package}; print({one.package}.__version__)")
        run("-m", one.package if one.package == "ipshell" else "ipcore", "-c", "6*7")
        run("-m", "ipcore", "plugins", "list")
        if tested and any(one.tests.glob("test_*.py")):
            shutil.copytree(one.tests, place / "tests", ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(ROOT / "pyproject.toml", place)
            run(*install, *one.test_requires)
            run("-m", "pytest", "-q", *SIDE_BY_SIDE, "tests", *session.posargs)
