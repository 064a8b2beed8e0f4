"""Offline proofs of leaves, made of the tiles (format 4)."""

from collections.abc import Iterable

from feeds.edition import EMPTY_SHA
from feeds.paths import needs_proof, proof_path
from keys.merkle import inclusion_proof
from keys.proof import OfflineProof
from keys.tiles import ReadFile, tile_reader
from mirror.tree import Leaf


def offline_proofs(
    leaves: Iterable[Leaf], size: int, head: bytes, read: ReadFile
) -> dict[str, bytes]:
    """By path, the proof of each of ``leaves`` that needs one, in the tree ``size`` of ``head``.

    ``read`` gives the tiles of that tree; what it raises passes through.
    """
    hashes = tile_reader(size, read)
    return {
        proof_path(leaf.path): OfflineProof(
            leaf.path, leaf.index, inclusion_proof(leaf.index, size, hashes), head
        ).encode()
        for leaf in leaves
        if needs_proof(leaf.path) and leaf.sha != EMPTY_SHA
    }
