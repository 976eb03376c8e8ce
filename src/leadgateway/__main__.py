"""`python -m leadgateway`: the command line without its script."""

from leadgateway.cli import main

main(prog_name="leadgateway")
