"""The contract of a state encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from igc_core.protocols import StateEncoder
from igc_core.testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_core.rest import JsonObject

_SAMPLES: Sequence[JsonObject] = (
    {"@odata.id": "/redfish/v1/Systems/1", "PowerState": "On", "Boot": {"BootSourceOverrideTarget": "None"}},
    {"@odata.id": "/redfish/v1/Systems/1", "PowerState": "Off", "Boot": {"BootSourceOverrideTarget": "Pxe"}},
    {"Members": [{"@odata.id": "/redfish/v1/Chassis/1"}], "Members@odata.count": 1},
    {"Name": "température \N{SNOWMAN}", "ReadingCelsius": 21.5, "Enabled": True, "Nothing": None, "Empty": {}},
    {},
)


class EncoderContract(Contract):
    """An encoder is a pure function from resources to vectors.

    Fill in the fixture ``encoder`` and, where two encoders built alike are costly, ``twin``.

    Attributes:
        samples: Resources to encode; at least two.
        tolerance: How far a vector may move with the batch it is in.
    """

    samples: ClassVar[Sequence[JsonObject]] = _SAMPLES
    tolerance: ClassVar[float] = 1e-5

    @pytest.fixture
    def encoder(self) -> StateEncoder:
        """Build the encoder."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture 'encoder'")

    @pytest.fixture
    def twin(self, encoder: StateEncoder) -> StateEncoder:
        """Build the same encoder again; override it to build a second instance."""
        return encoder

    def test_implements_the_protocol(self, encoder: StateEncoder) -> None:
        assert isinstance(encoder, StateEncoder)
        assert encoder.width > 0

    def test_batch_has_the_promised_shape_and_type(self, encoder: StateEncoder) -> None:
        vectors = encoder.encode(self.samples)
        assert vectors.shape == (len(self.samples), encoder.width)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()

    def test_rows_have_unit_or_zero_norm(self, encoder: StateEncoder) -> None:
        norms = np.linalg.norm(encoder.encode(self.samples), axis=1)
        assert np.all((np.abs(norms - 1) < 1e-4) | (norms == 0)), norms

    def test_empty_batch_is_allowed(self, encoder: StateEncoder) -> None:
        vectors = encoder.encode([])
        assert vectors.shape == (0, encoder.width)
        assert vectors.dtype == np.float32

    def test_same_resource_gives_the_same_vector(self, encoder: StateEncoder, twin: StateEncoder) -> None:
        first = encoder.encode(self.samples)
        np.testing.assert_array_equal(first, encoder.encode(self.samples))
        np.testing.assert_array_equal(first, twin.encode(self.samples))

    def test_vector_does_not_depend_on_the_batch(self, encoder: StateEncoder) -> None:
        together = encoder.encode(self.samples)
        apart = np.concatenate([encoder.encode([sample]) for sample in self.samples])
        backwards = encoder.encode(list(reversed(self.samples)))[::-1]
        np.testing.assert_allclose(together, apart, atol=self.tolerance)
        np.testing.assert_allclose(together, backwards, atol=self.tolerance)

    def test_different_resources_differ(self, encoder: StateEncoder) -> None:
        first, second = encoder.encode(self.samples[:2])
        assert not np.allclose(first, second, atol=self.tolerance)

    def test_fingerprint_is_stable(self, encoder: StateEncoder, twin: StateEncoder) -> None:
        before = encoder.fingerprint
        encoder.encode(self.samples)
        assert before
        assert before == encoder.fingerprint == twin.fingerprint

    def test_resources_are_left_as_they_were(self, encoder: StateEncoder) -> None:
        before = repr(self.samples)
        encoder.encode(self.samples)
        assert repr(self.samples) == before
