"""`python -m cleaner` is the command `clean`."""

from cleaner.cli import main

main(prog_name="clean")
