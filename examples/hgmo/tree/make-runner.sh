#!/bin/sh -e
# make-runner locked|own
#
# Makes the environment of testing/docker/test-runner/Dockerfile: first all packages of the index (locked), then those of
# the checkout itself (own), without a network. --no-config: without the host of `find-links`; hashes still hold.
sync() {
  # ansible is 40,000 files, of which tests use none
  uv sync --no-config --active --frozen --no-dev --no-install-project --no-install-package ansible \
    --directory /app/vct --group test "$@"
}
case $1 in
locked)
  uv venv --python /usr/bin/python3 "$VIRTUAL_ENV"
  sync
  ;;
own)
  # setuptools is locked, too
  sync --group local-test --offline --no-build-isolation
  # Some files are of Python 2
  "$VIRTUAL_ENV/bin/python" -m compileall -q /app/vct/hgext /app/vct/hghooks /app/vct/pylib /app/vct/testing || true
  ;;
esac
