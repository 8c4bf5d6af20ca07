#!/bin/sh
# Assesses the invented example patients, prints the answers, writes a decision aid and says where.
set -eu
overstory=.venv/bin/overstory
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
echo "The people above are invented. Next: overstory explain esketamine.pressure-before-dose,"
echo "or a patient file of your own; the README says how (.venv/bin/overstory --help)."
