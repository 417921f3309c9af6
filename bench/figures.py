"""The measured runs as a table, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.comparisons import Comparison
from bench.environments import versions
from bench.measure import Run


@dataclass
class Figures:
    """The runs of a comparison: ours and the bare engine's in pairs, and the peer's."""

    comparison: Comparison
    ours: list[Run]
    bare: list[Run]
    peers: list[Run]

    @property
    def times_bare(self) -> float:
        """Our CPU seconds by the bare engine's: of the cheapest run of each."""
        return cheapest(self.ours) / cheapest(self.bare)

    @property
    def median_times_bare(self) -> float:
        """The same of each pair, and the median of these."""
        return median(our.work_seconds / bare.work_seconds for our, bare in zip(self.ours, self.bare, strict=True))

    @property
    def peer_seconds(self) -> float:
        """The peer's CPU seconds for as many rows as ours."""
        return cheapest(self.peers) * self.ours[0].rows / self.peers[0].rows


def cheapest(runs: Sequence[Run]) -> float:
    """The least CPU seconds of the work."""
    return min(run.work_seconds for run in runs)


def show(figures: Sequence[Figures], console: Console) -> None:
    """Print the table and the ratios."""
    table = Table("", "rows", "CPU s", "median", "other", "wall s", "peak MB", "ratio", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for each in figures:
        ratio = f"{each.times_bare:.2f} ×"
        table.add_row(each.comparison.title, *_cells(each.ours), ratio, style="bold")
        table.add_row(f"  {each.comparison.bare_title}", *_cells(each.bare), "1.00 ×")
        peer = each.comparison.peer
        if peer and each.peers:
            times = each.peer_seconds / cheapest(each.bare)
            table.add_row(f"  {versions(peer.name, peer.libraries)}", *_cells(each.peers), f"{times:.2f} ×")
    console.print(table)
    for line in _sayings(figures):
        console.print(line)


def _cells(runs: Sequence[Run]) -> list[str]:
    return [
        f"{runs[0].rows:,}",
        f"{cheapest(runs):.2f}",
        f"{median(run.work_seconds for run in runs):.2f}",
        f"{min(run.other_seconds for run in runs):.2f}",
        f"{min(run.wall_seconds for run in runs):.1f}",
        f"{max(run.peak_megabytes for run in runs):.0f}",
    ]


def _sayings(figures: Sequence[Figures]) -> list[str]:
    lines = [
        f"{each.comparison.title}: {each.times_bare:.2f} × the bare engine's CPU"
        f" (median of the pairs {each.median_times_bare:.2f} ×)."
        for each in figures
    ]
    for peer in dict.fromkeys(each.comparison.peer for each in figures if each.comparison.peer and each.peers):
        of_peer = [each for each in figures if each.comparison.peer == peer]
        ours, theirs = sum(cheapest(each.ours) for each in of_peer), sum(each.peer_seconds for each in of_peer)
        steps = " and ".join(each.comparison.word for each in of_peer)
        slow = [each for each in of_peer if each.comparison.word in peer.slow_steps]
        scaled = "".join(f", scaled from {each.peers[0].rows:,} rows for {each.comparison.word}" for each in slow)
        lines.append(
            f"{steps.capitalize()}: 1 / {theirs / ours:.1f} of the CPU of {peer.name}"
            f" ({ours:.1f} s, {theirs:.1f} s{scaled})."
        )
    most = max(run.peak_megabytes for each in figures for run in each.ours)
    return [*lines, f"Most memory that a job of ours took: {most:.0f} MB."]
