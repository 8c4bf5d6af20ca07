#!/bin/sh
# Shows what Overstory says of the invented example patients, then opens the invented clinic in the browser.
set -eu
overstory=.venv/bin/overstory
home=${OVERSTORY_DEMO_HOME:-overstory-demo}

if [ "${1:-}" != clinic ]; then
    out=demo
    mkdir -p "$out"
    for patient in examples/patients/*; do
        echo "════ overstory assess $patient"
        case $patient in
            *.json) "$overstory" assess "$patient" --at 2026-11-22T10:00:00-05:00 ;;
            *) "$overstory" assess "$patient" ;;
        esac
        echo
    done
    echo "════ overstory aid examples/patients/ruth.yaml --out $out"
    "$overstory" aid examples/patients/ruth.yaml --out "$out" --lang en
    "$overstory" aid examples/patients/ruth.yaml --out "$out" --lang es
    echo
    [ "${1:-}" != answers ] || exit 0
fi

echo "════ overstory demo --home $home   (an invented clinic; Ctrl-C stops it)"
exec "$overstory" demo --home "$home" --port "${PORT:-8000}"
