#!/bin/sh
# venv.sh PYTHON DIRECTORY: a virtual environment with pip in it, also where PYTHON comes without ensurepip.
set -eu
"$1" -m venv "$2" >/dev/null 2>&1 && "$2/bin/python" -m pip --version >/dev/null 2>&1 && exit 0
"$1" -m venv --clear --without-pip "$2"
python3 -m venv "$2/other"
pip="$2/other/bin/python -m pip --quiet --disable-pip-version-check"
$pip install --upgrade pip # one that knows an interpreter newer than itself
$pip --python "$2/bin/python" install pip
rm -r "$2/other"
