"""Jobs on a local AWS while everything around them goes wrong, and a checker that judges what came of them."""
