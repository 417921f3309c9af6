"""The main job, shown."""

from rich.console import Console

from jobmill_local.stack import Stack


def demonstrate(stack: Stack, console: Console) -> None:
    """Import a file as a dataset, export it as a workbook."""
    with stack.client("demo") as client:
        console.print(client.stats("demo"))
