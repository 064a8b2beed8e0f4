"""How many requests are under way at once."""

import pytest

from mirror.endpoints.sftp import SftpMirror
from mirror.publish.carrier import Carrier, Pace
from tests.endpoints.memory import MemoryMirror


class PipelinedMirror(MemoryMirror):
    far_width = SftpMirror.far_width


@pytest.mark.parametrize(
    ("milliseconds", "ordinary", "pipelined"),
    [(1, 16, 16), (10, 16, 16), (11, 18, 27), (20, 32, 128), (40, 64, 352), (900, 64, 352)],
)
def test_more_is_asked_at_once_the_further_a_mirror_is(
    milliseconds: int, ordinary: int, pipelined: int
) -> None:
    for mirror, width in (
        (MemoryMirror("it"), ordinary),
        (PipelinedMirror("it"), pipelined),
    ):
        carrier = Carrier(mirror, Pace(concurrency=16))
        carrier.round_trip_s = milliseconds / 1_000

        assert carrier.width == width
