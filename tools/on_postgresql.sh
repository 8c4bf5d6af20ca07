#!/bin/sh
# Runs a command with DATABASE_URL set to a PostgreSQL of its own, in a temporary folder.
# Example: sh tools/on_postgresql.sh .venv/bin/python -m pytest -q tests/clinic
exec "$(dirname "$0")/../.venv/bin/python" "$(dirname "$0")/on_postgresql.py" "$@"
