"""What the commands take: the options of each, and what `--help` says of them."""
