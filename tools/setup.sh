#!/bin/sh
# Create .venv with Assay and the extras named, and say what is done while it is done.
#
#   sh tools/setup.sh EXTRA,EXTRA STAMP      (PYTHON=... chooses the interpreter)
set -eu
extras=$1
stamp=$2

say() { printf 'setup: %s\n' "$*" >&2; }
refuse() { say "$*"; exit 2; }

fits() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

[ -e assay/monitor/__init__.py ] || refuse "assay/monitor does not lead to monitor/: this checkout has no symbolic links. \
Clone with 'git clone -c core.symlinks=true' on a file system that has them."

if [ ! -x .venv/bin/python ]; then
    chosen=
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if fits "$candidate"; then chosen=$candidate; break; fi
    done
    [ -n "$chosen" ] || refuse "no Python 3.11 or newer found (looked for: ${PYTHON:-python3, python3.14 to python3.11, python}). \
Install one, or name it: make PYTHON=/path/to/python"
    say "creating .venv with $("$chosen" --version 2>&1)"
    "$chosen" -m venv .venv || { rm -rf .venv; refuse "$chosen cannot create virtual environments; on Debian and Ubuntu: apt-get install python3-venv"; }
fi

say "installing assay-ops[$extras] (the first time takes about a minute)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[$extras]" \
    || refuse "the installation failed; the reason stands above"
.venv/bin/assay --version >/dev/null || refuse ".venv/bin/assay does not start"
touch "$stamp"
case $extras in *dev*) touch .venv/.installed ;; esac
say "done"
