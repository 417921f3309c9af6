"""A peer to test collectors against: what it tells is known, and so is every way in which it tells it badly."""

from jobmill_local.peer.counting import Counting, Seen
from jobmill_local.peer.faults import FAILURES, MAX_FAILURES_IN_A_ROW, Fault, Faults
from jobmill_local.peer.objects import Key, Raw
from jobmill_local.peer.pages import Paging
from jobmill_local.peer.server import Peer, serve_peer
from jobmill_local.peer.truth import Entry, Kind, World

__all__ = [
    "FAILURES",
    "MAX_FAILURES_IN_A_ROW",
    "Counting",
    "Entry",
    "Fault",
    "Faults",
    "Key",
    "Kind",
    "Paging",
    "Peer",
    "Raw",
    "Seen",
    "World",
    "serve_peer",
]
