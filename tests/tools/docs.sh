#!/bin/sh
# Writes the reference pages that are printed from the tables.
set -eu
build=$1
"$build/cascaded" --doc config >docs/CONFIG.md
"$build/cascaded" --doc metrics >docs/METRICS.md
"$build/cascaded" --doc venues >docs/VENUES.md
"$build/cascaded" --doc socket >docs/SOCKET.md
python3 tests/tools/man.py "$build" docs/man/*.[1-8]
