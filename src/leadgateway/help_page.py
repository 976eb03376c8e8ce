"""What `leadgateway --help` prints; written by `python docs/generate.py`."""

PAGE = """\
Usage: leadgateway [OPTIONS] COMMAND [ARGS]...

  One Lead, any CRM: read, write and move leads, with every loss named before
  it happens.

  A CONNECTION is the name of a table [connections.NAME] in leadgateway.toml
  or of variables LEADGATEWAY_NAME_..., a vendor's own name, or @FILE: a file
  with the settings as one JSON object, as `leadgateway simulate` prints and
  saves it.

  Exit codes: 0 all settled; 1 a vendor or a program is at fault; 2 usage, configuration or
  credentials; 3 some leads failed; 4 some are unknown; 5 another process works on the job;
  6 the journal failed; 75 paused, try again later; 130 Ctrl-C; 143 terminated.

  Examples:
    leadgateway demo
    leadgateway vendors
    leadgateway fidelity VENDOR VENDOR
    leadgateway migrate --from CONNECTION --to CONNECTION --dry-run

Options:
  --config FILE  Read connections from this file instead of
                 ./leadgateway.toml.
  --version      Show the version and exit.
  -h, --help     Show this message and exit.

Commands:
  connections  List the configured connections, and check that they work.
  demo         Move leads around a ring of simulated vendors, and account for
               each.
  fidelity     Show field by field what a move from SOURCE to TARGET would
               keep, change or drop.
  jobs         List the jobs of the journal.
  journal      Look after the journal.
  leads        List, get, create and preview leads.
  migrate      Move the leads of one connection to another.
  plan         Show what a move would keep, change or drop.
  report       Show what became of every lead of JOB.
  resolve      Settle by hand what the journal calls unknown.
  retry        Send the failed leads of JOB again.
  simulate     Serve the simulator of VENDOR on 127.0.0.1 until Ctrl-C or
               SIGTERM.
  undo         Delete what JOB created and restore what it changed.
  vendors      Show what each vendor can do.
  verify       Read the target of JOB back and compare every lead, field by
               field.

  Installed plugins may add commands of their own.
"""
