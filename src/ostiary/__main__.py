"""`python -m ostiary` is `ostiary`."""

from ostiary.cli.main import main

main()
