#!/bin/sh
# Makes the virtual environment from uv.lock. Usage: sh ops/setup.sh VENV UV_REQUIREMENT
# Needs Python 3.11 or newer with venv; PYTHON names one that is not found by itself.
set -eu
venv=$1
uv=$2
boot=.make # holds uv alone, so that the project's environment has nothing but what the lock names

say() { printf '%s\n' "$*" >&2; }

runs() { "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# The version the tests were written with comes first.
python=
for one in "${PYTHON:-}" python3.11 python3.12 python3.13 python3 python; do
    if [ -n "$one" ] && runs "$one"; then
        python=$one
        break
    fi
done
if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null || echo "no Python 3")
    say "Python 3.11 or newer is needed and $found was found: install one, or name it: make test PYTHON=/path/to/python3.11"
    exit 3
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    say "$("$python" --version) comes without venv here: install it (Debian, Ubuntu: apt install python3-venv) and try again."
    exit 3
fi

say "setting up $venv with $("$python" --version) (once, a minute or two) …"
if ! "$boot/bin/python" -c '' >/dev/null 2>&1; then
    rm -rf "$boot"
    "$python" -m venv "$boot"
fi
if ! "$boot/bin/python" -m pip install --quiet --disable-pip-version-check "$uv"; then
    say "the packages could not be fetched: check the network (all it needs comes from the Python package index)."
    exit 3
fi
# A virtual environment whose Python is gone or too old is made anew.
if [ -e "$venv" ] && ! runs "$venv/bin/python"; then
    rm -rf "$venv"
fi
interpreter=$("$python" -c 'import sys; print(sys.executable)')
install() {
    UV_PROJECT_ENVIRONMENT=$venv "$boot/bin/uv" sync --frozen --quiet --no-managed-python --python "$interpreter" "$@"
}
# The second try trusts the machine's own certificates: behind a company's proxy nothing else works.
if ! install 2>/dev/null && ! install --system-certs; then
    say "the packages of uv.lock could not be installed: see above; check the network and the disk, then try again."
    exit 3
fi
# Kafka's jars, and a file that lets its broker start in half the time; without it all works, slower.
"$venv/bin/python" -m ops.stack.quick_start || true
