#!/bin/sh
# Prints the Python that .venv is to be made with: the argument if there is one, else the newest of python3.13 to
# python3.11 that works. A candidate is tried, not looked up: a version manager's shim may exist and yet fail.
# Where none will do, the last line on stderr is the command that mends it.
set -u

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
# Debian and Ubuntu split these off. uv needs neither.
able='import ensurepip, venv'
uv --version >/dev/null 2>&1 && able='pass'

fail() {
    echo "$1" >&2
    sudo=''
    [ "$(id -u)" = 0 ] || sudo='sudo '
    if command -v apt-get >/dev/null 2>&1; then
        echo "    ${sudo}apt-get install $2" >&2
    elif command -v dnf >/dev/null 2>&1; then
        echo "    ${sudo}dnf install python3.13" >&2
    elif command -v brew >/dev/null 2>&1; then
        echo "    brew install python@3.13" >&2
    else
        echo "    https://www.python.org/downloads/" >&2
    fi
    exit 1
}

asked=${1:-}
if [ -n "$asked" ]; then set -- "$asked"; else set -- python3.13 python3.12 python3.11 python3; fi

lacks_venv=''
for candidate in "$@"; do
    "$candidate" -c "$supported" >/dev/null 2>&1 || continue
    if "$candidate" -c "$able" >/dev/null 2>&1; then
        echo "$candidate"
        exit 0
    fi
    [ -n "$lacks_venv" ] || lacks_venv=$candidate
done

if [ -n "$lacks_venv" ]; then
    version=$("$lacks_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    fail "$lacks_venv (Python $version) lacks the venv module. This installs it:" "python$version-venv"
elif [ -n "$asked" ]; then
    fail "PYTHON=$asked is no Python 3.11, 3.12 or 3.13 that works. Leave PYTHON out to have one looked for, or:" 'python3 python3-venv'
else
    fail 'Solmu needs Python 3.11, 3.12 or 3.13, and found none on PATH. This installs it:' 'python3 python3-venv'
fi
