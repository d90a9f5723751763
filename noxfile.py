"""Every task of the project: ``nox -l`` lists them, ``nox -s NAME`` runs one."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["tests"]
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
PACKAGES = ("igc-core", "igc-redfish", "igc-encoders", "igc-agents", "igc-mig")
#: Machines of all kinds that ``igc serve`` is driven as in the session ``conformance``.
FLOW_MACHINES = "hpe-dl360gen10plus generated:8 generated:12 dmtf-rackmount1 dell-r750 nvidia-gb200"
#: One process of tests for each core; a file's tests share what they set up, so they stay together.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
TORCH = next(line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch=="))


def install_project(session: nox.Session, *groups: str, editable: bool = True) -> None:
    """Install all packages of the workspace and some dependency groups.

    torch comes first and alone: the constraint picks the build without CUDA where there is one, and whatever depends
    on torch then finds it there.
    """
    session.install(TORCH)
    options = [part for name in PACKAGES for part in (("-e",) if editable else ()) + (f"packages/{name}",)]
    extra = [item for group in groups for item in nox.project.dependency_groups(PROJECT, group)]
    session.install("-c", "constraints.txt", *options, *extra)


def provide_browser(session: nox.Session) -> None:
    """Install Chromium for the tests of pages, where it is missing and Debian's packages can be installed."""
    if any(map(shutil.which, BROWSERS)) or os.geteuid() or not shutil.which("apt-get"):
        return
    session.run("apt-get", "update", "-qq", external=True)
    session.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", external=True)


@nox.session
def demo(session: nox.Session) -> None:
    """Train a small agent on generated machines and watch it work on one that it never saw."""
    install_project(session)
    session.run("igc", "demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the test suite."""
    install_project(session, "tests")
    provide_browser(session)
    session.install("-c", "constraints.txt", "-e", "examples/own_goal_handler")
    session.run("pytest", *SIDE_BY_SIDE, *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """Run the tests that the suite leaves out for the time they take, but for those of a session of their own."""
    install_project(session, "tests")
    session.install("-c", "constraints.txt", "-e", "examples/own_goal_handler")
    left = ("--ignore", "packages/igc-redfish/tests/server/test_fuzz.py", *session.posargs)
    session.run("pytest", "-m", "slow", "packages", "tests/docs", *left, env={"IGC_CAPTURES": captures()})


@nox.session
def peers(session: nox.Session) -> None:
    """Crawl and train on emulators from PyPI, which get an environment of their own."""
    install_project(session, "tests")
    emulators = Path(session.create_tmp()) / "emulators"
    session.run("python", "-m", "venv", str(emulators))
    pip = (str(emulators / "bin" / "python"), "-m", "pip", "install", "--quiet")
    session.run(*pip, *nox.project.dependency_groups(PROJECT, "peers"), external=True)
    # libvirt-python is built against the libvirt of the system, where there is one.
    session.run(*pip, "libvirt-python", external=True, success_codes=[0, 1])
    environment = {"IGC_PEERS": str(emulators / "bin")}
    session.run("pytest", "-m", "slow", "tests/peers", *session.posargs, env=environment)


@nox.session
def clients(session: nox.Session) -> None:
    """Drive ``igc serve`` with sushy, DMTF's library, redfishtool and the Redfish Tacklebox."""
    install_served(session, "clients")
    session.run("pytest", "tests/conformance", *session.posargs, env={"IGC_CAPTURES": captures()})


@nox.session
def conformance(session: nox.Session) -> None:
    """Drive more machines with these clients, and have DMTF's validators judge them; minutes."""
    install_served(session, "conformance")
    env = {"IGC_CAPTURES": captures(), "IGC_SCHEMAS": schemas(), "IGC_FLOW_MACHINES": FLOW_MACHINES}
    session.run("pytest", "tests/conformance", "-m", "slow or not slow", *session.posargs, env=env)


def install_served(session: nox.Session, group: str) -> None:
    """Install what ``igc serve`` needs and a dependency group; no agent, and so no torch."""
    options = ("-e", "packages/igc-core", "-e", "packages/igc-redfish[serve]")
    session.install("-c", "constraints.txt", *options, *nox.project.dependency_groups(PROJECT, group))


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the test suite and report what it does not reach."""
    install_project(session, "tests")
    provide_browser(session)
    session.install("-c", "constraints.txt", "-e", "examples/own_goal_handler")
    session.run("pytest", *SIDE_BY_SIDE, "--cov", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright, both strict."""
    install_project(session, "types")
    session.run("mypy", *(f"packages/{name}/src" for name in PACKAGES))
    session.run("pyright")


@nox.session
def layers(session: nox.Session) -> None:
    """Check that imports point one way."""
    session.install("--no-deps", *(part for name in PACKAGES for part in ("-e", f"packages/{name}")))
    session.install(*nox.project.dependency_groups(PROJECT, "layers"))
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a broken link or a name that is not there fails. The packages are read, not run."""
    session.install(*nox.project.dependency_groups(PROJECT, "docs"))
    session.run("mkdocs", "build", "--strict", "--site-dir", session.posargs[0] if session.posargs else "site")


@nox.session
def wheels(session: nox.Session) -> None:
    """Build every package, and use three of the wheels alone: without the sources, and without PyTorch."""
    session.install("build", "hatchling", "twine")
    out = Path(session.create_tmp()) / "wheels"
    for folder in (*(f"packages/{name}" for name in PACKAGES), "examples/own_goal_handler"):
        session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), folder)
    for wheel in sorted(out.glob("*.whl")):
        if license_of(wheel) != (ROOT / "LICENSE").read_bytes():
            session.error(f"{wheel.name} does not hold the text of the license")
    session.run("twine", "check", *(str(path) for path in sorted(out.glob("*.whl"))))
    needed = ("igc_core", "igc_redfish", "own_goal_handler")
    light = [str(path) for name in needed for path in sorted(out.glob(f"{name}-*.whl"))]
    session.install("--force-reinstall", "--no-deps", *light)
    session.install("-c", "constraints.txt", *light)
    with session.chdir(session.create_tmp()):
        session.run("python", "-c", "import importlib.util as util; assert util.find_spec('torch') is None")
        session.run("igc", "plugins", "list")
        for goal in ("power off CN2", "asset tag text=R7-U12 CN2"):
            session.run("igc", "run", goal, "--on", "generated:7", "--agent", "planner")


def license_of(wheel: Path) -> bytes:
    """Read the license that a wheel holds; empty where it holds none (PEP 639)."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dist-info/licenses/LICENSE")]
        return archive.read(names[0]) if names else b""


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed and memory; see docs/benchmarks.md."""
    install_project(session)
    session.run("python", "benchmarks/speed.py", *session.posargs)


@nox.session
def bench_server(session: nox.Session) -> None:
    """Measure igc serve beside badfish's emulator and sushy-emulator, which get environments of their own."""
    install_project(session, "serve")
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        session.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "wrk", external=True)
    pythons: list[str] = []
    for option, package in (("--badfish", "badfish>=1.8.2,<2"), ("--sushy", "sushy-tools>=2.2,<3")):
        home = Path(session.create_tmp()) / option.strip("-")
        session.run("python", "-m", "venv", str(home))
        session.run(str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", package, external=True)
        pythons += [option, str(home / "bin" / "python")]
    session.run("python", "benchmarks/server.py", *pythons, *session.posargs)


@nox.session
def deepspeed(session: nox.Session) -> None:
    """Train language models under DeepSpeed, which is built from its source with the PyTorch that is installed."""
    install_project(session, "tests")
    session.install("setuptools", "wheel", "ninja")
    session.install("--no-build-isolation", "deepspeed", env={"DS_BUILD_OPS": "0", "DS_ACCELERATOR": "cpu"})
    session.run("pytest", "-m", "slow", "packages/igc-encoders/tests/lm/test_deepspeed.py", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Send 100,000 requests that hypothesis thinks up to served machines."""
    install_project(session, "tests")
    session.run("pytest", "-m", "slow", "packages/igc-redfish/tests/server/test_fuzz.py", *session.posargs)


@nox.session
def bench_agent(session: nox.Session) -> None:
    """Measure how agents transfer, see docs/benchmarks.md; hours for all parts, but what is finished is kept."""
    install_project(session)
    parts = ("generated", "vendors", "ablations", "flat", "size")
    session.run("python", "benchmarks/transfer.py", *parts, *session.posargs, env={"IGC_CAPTURES": captures()})


@nox.session
def bench_mig(session: nox.Session) -> None:
    """Measure igc-mig: schedules on the bench's batches, environments, and the agent; see docs/benchmarks.md."""
    session.install(TORCH)
    packages = ("-e", "packages/igc-core", "-e", "packages/igc-mig[numba,rl,solver]")
    session.install("-c", "constraints.txt", *packages)
    bench = os.environ.get("IGC_BENCH", str(ROOT.parent / "shared" / "bench"))
    session.run("python", "benchmarks/mig.py", *session.posargs, env={"IGC_BENCH": bench})
    session.run("python", "benchmarks/mig_speed.py")
    session.run("python", "benchmarks/mig_agent.py", "--tasks", "5", "14", "30", "50")
    session.run("python", "benchmarks/mig_flow.py")


@nox.session
def bench_encoders(session: nox.Session) -> None:
    """Train the default language model and autoencoder, and measure them; see docs/benchmarks.md. Most of an hour.

    What is in runs/bench-encoders already is not trained again.
    """
    session.install(TORCH)
    session.install("-c", "constraints.txt", "-e", "packages/igc-core", "-e", "packages/igc-encoders[baselines,lm]")
    home, machines = ROOT / "runs" / "bench-encoders", ("--captures", captures())
    model, encoder, env = home / "lm", home / "encoder", {"IGC_CAPTURES": captures()}
    if not (model / "config.json").exists():
        session.run("python", "-m", "igc_encoders", "train", "lm", *machines, "--out", str(model))
    if not (encoder / "manifest.json").exists():
        options = (str(model), *machines, "--out", str(encoder))
        session.run("python", "-m", "igc_encoders", "train", "autoencoder", *options)
    session.run("python", "benchmarks/encoders_lm.py", "--model", str(model), env=env)
    for part in ("latents", "speed"):
        given = ("--encoder", str(encoder), "--cache", str(home / "cache"))
        session.run("python", "benchmarks/encoders.py", part, *given, *session.posargs, env=env)


@nox.session
def bench_encoder_agents(session: nox.Session) -> None:
    """Measure what encoders are worth to agents, and to readers of goals in free words; needs bench_encoders before.

    Arguments name folders of sentence-transformers to read with besides. What is finished is not done again.
    """
    install_project(session, "tests")
    home, env = ROOT / "runs" / "bench-encoders", {"IGC_CAPTURES": captures()}
    readers: list[str] = []
    for name in ("hashed-tokens", "tfidf", str(home / "lm"), *session.posargs):
        readers.append(str(home / f"reader-{Path(name).name}"))
        if not (Path(readers[-1]) / "reader.json").exists():
            session.run("igc", "encoder", "train", "reader", name, "--out", readers[-1])
    script = ("python", "benchmarks/encoders_agents.py")
    session.run(*script, "paraphrases", "names", "--readers", *readers, env=env)
    tfidf = str(home / "tfidf")
    session.run("igc", "encoder", "train", "tfidf", "--captures", captures(), "--out", tfidf)
    session.run(*script, "agents", "--encoder", str(home / "encoder"), "--tfidf", tfidf, env=env)


def captures() -> str:
    """Folder of the captures of real machines."""
    return os.environ.get("IGC_CAPTURES", str(ROOT.parent / "shared" / "captures"))


def schemas() -> str:
    """Folder of DMTF's schemas."""
    return os.environ.get("IGC_SCHEMAS", str(ROOT.parent / "shared" / "schemas"))
