"""The first line of a capture file: where the capture comes from and what is in it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field, JsonValue

from igc_core.models import Model

if TYPE_CHECKING:
    from igc_core.rest import JsonObject

FORMAT: Literal["igc-capture"] = "igc-capture"
VERSION: Literal[1] = 1


class Service(Model):
    """What a service says about itself in its root."""

    vendor: str = ""
    product: str = ""
    redfish_version: str = ""
    uuid: str = ""

    @classmethod
    def of(cls, root: JsonObject) -> Service:
        """Read the service root."""
        keys = {"vendor": "Vendor", "product": "Product", "redfish_version": "RedfishVersion", "uuid": "UUID"}
        return cls(**{name: value for name, key in keys.items() if isinstance(value := root.get(key), str)})


class Manifest(Model):
    """What is known about a capture without reading its resources.

    Attributes:
        format: Tells our capture files from others.
        version: Version of the file format.
        name: Name of the capture.
        source: What it was read from, e.g. ``"dmtf-mockup"``.
        created: When the service was captured or imported, where that is known.
        resources: Number of resources.
        methods_known: Number of resources whose allowed methods were recorded.
        service: What the service says about itself.
        provenance: Free notes on the origin: licence, crawler, versions.
        digest: SHA-256 of the canonical content, in hexadecimal.
    """

    format: Literal["igc-capture"] = FORMAT
    version: Literal[1] = VERSION
    name: str
    source: str = ""
    created: datetime | None = None
    resources: int = Field(ge=1)
    methods_known: int = Field(ge=0)
    service: Service = Service()
    provenance: dict[str, JsonValue] = Field(default_factory=dict)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
