"""`python -m bot` is the `kasama` command."""

from bot.cli import main

main()
