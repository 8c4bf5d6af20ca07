#!/bin/sh
# Makes .venv with the locked packages (of the second argument, where given) and this project in it; uses uv where present.
set -eu
python=${1:-python3}
locked=${2:-requirements/test.txt}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Overstory needs Python 3.11 or later; $python is not. Try: make PYTHON=python3.12 setup" >&2
    exit 1
fi

make_venv() {
    if command -v uv >/dev/null 2>&1; then
        uv venv -q --allow-existing --python "$python" .venv
    elif ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        echo "Python has no venv here; installing the Debian package python3-venv" >&2
        debian python3-venv
        "$python" -m venv .venv
    fi
}

debian() {
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
    else
        echo "Please install: $*" >&2
        return 1
    fi
}

install_packages() {
    if command -v uv >/dev/null 2>&1; then
        VIRTUAL_ENV=.venv uv pip install -q --require-hashes -r "$locked"
        VIRTUAL_ENV=.venv uv pip install -q --no-deps --no-build-isolation -e .
    else
        .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$locked"
        .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
    fi
}

# The PDF writer needs Pango; where it is missing and may be installed, it is.
pango() {
    .venv/bin/python - <<'PY' 2>/dev/null
import ctypes.util, sys
sys.exit(not ctypes.util.find_library("pango-1.0"))
PY
}

make_venv
install_packages
if ! pango; then
    debian libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core || {
        echo "Without Pango the decision aid is written as HTML only, not as PDF." >&2
    }
fi
