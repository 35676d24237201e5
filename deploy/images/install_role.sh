#!/bin/sh
# Installs Muster and what one role needs of the lock, into /opt/muster: install_role.sh ROLE
# Every file is held against its hash, and nothing is built from source: no code of a package runs here.
set -eu

into() {
    /opt/build/bin/pip --python /opt/muster/bin/python --quiet --no-cache-dir --disable-pip-version-check \
        install --no-deps "$@"
}

python3 deploy/images/role_lock.py "$1" > role.lock
python3 -m venv --without-pip /opt/muster
into --require-hashes --only-binary :all: --requirement role.lock
test "$1" = origin || into --no-index /wheels/muster-*.whl
