"""``igc encoder encode`` and ``igc encoder info``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_core.cli import console, show_json
from igc_core.files import demand_writable, write_atomically
from igc_encoders.cli.choice import ENCODER_HELP, OPTION_HELP, build, chosen
from igc_encoders.cli.machines import CAPTURES_HELP
from igc_encoders.cli.watching import Watch
from igc_encoders.corpus import Corpus
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from igc_core.protocols import StateEncoder
    from igc_encoders.corpus import Record

#: Resources that are encoded together.
_BATCH = 64


def encode(
    encoder: Annotated[str, typer.Argument(help=ENCODER_HELP)],
    captures: Annotated[list[Path], typer.Option(help=CAPTURES_HELP)],
    out: Annotated[Path, typer.Option(help="File of the vectors, safetensors.")],
    machine: Annotated[list[str] | None, typer.Option(help="Only that machine; may be given several times.")] = None,
    option: Annotated[list[str] | None, typer.Option(help=OPTION_HELP)] = None,
) -> None:
    """Encode the resources of captures.

    The file holds one tensor, vectors, of a row for each resource, float32. Its metadata says what made it: encoder and
    fingerprint, and under resources a JSON list of machine and path of each row.
    """
    demand_writable(out)
    corpus = Corpus.of(captures)
    corpus = corpus.select(machine) if machine else corpus
    found = build(*chosen(encoder, option or []))
    records = list(corpus.records())
    if not records:
        raise EncoderError("there is no resource to encode", code="encoder-corpus", hint="name other captures")
    began, output = time.monotonic(), console()
    with Watch(output) as watch:
        vectors = _encoded(found, records, watch)
    write_atomically(out, _packed(vectors, encoder, found.fingerprint, records))
    output.print(f"{out}: {len(records):,} vectors of width {found.width} in {time.monotonic() - began:.1f} s")


def info(
    encoder: Annotated[str, typer.Argument(help=ENCODER_HELP)],
    option: Annotated[list[str] | None, typer.Option(help=OPTION_HELP)] = None,
) -> None:
    """Show what an encoder is, and how it was trained, as JSON; every file of it is checked."""
    name, options = chosen(encoder, option or [])
    found = build(name, options)
    about: dict[str, Any] = {
        "name": name,
        "options": options,
        "width": found.width,
        "bytes": 4 * found.width,
        "fingerprint": found.fingerprint,
    }
    if name == "language-model":
        from igc_encoders.autoencoder.folder import read_settings  # noqa: PLC0415 - PyTorch

        about |= read_settings(Path(options["folder"])).model_dump(mode="json")
    show_json(about)


def _encoded(encoder: StateEncoder, records: list[Record], watch: Watch) -> NDArray[np.float32]:
    import numpy as np  # noqa: PLC0415 - the help must not wait for numpy

    vectors = np.empty((len(records), encoder.width), np.float32)
    for begin in range(0, len(records), _BATCH):
        watch("encoding", begin / len(records))
        group = records[begin : begin + _BATCH]
        vectors[begin : begin + len(group)] = encoder.encode([record.body for record in group])
    return vectors


def _packed(vectors: NDArray[np.float32], name: str, fingerprint: str, records: list[Record]) -> bytes:
    with extra("baselines", "files of vectors"):
        from safetensors.numpy import save  # noqa: PLC0415 - an extra

    resources = json.dumps([[record.machine, record.path] for record in records])
    return save({"vectors": vectors}, {"encoder": name, "fingerprint": fingerprint, "resources": resources})
