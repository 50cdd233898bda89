#!/bin/sh
# verify.sh TREE LARGE
#
# Lists a tree of the cache in `listing`, as seal.sh does, and the digests of its files in `digests`. Runs in its own
# directory, as root of a namespace, because the user may not read some files.
#   TREE   relative to the directory
#   LARGE  large.sh reads files of at least this many bytes
set -eu
exec 3>listing 4>digests
large=$PWD/large.sh
cd "$1"
find . -printf '%y\0%m\0%U\0%G\0%s\0%T@\0%i\0%l\0%P\0' >&3
# A file that cannot be read has no digest, and so differs from the manifest
find . -type f -size "-$2c" -print0 | xargs --null --no-run-if-empty sha256sum --zero >&4 || [ $? = 123 ]
find . -type f -size "+$(($2 - 1))c" -print0 | xargs --null --no-run-if-empty sh "$large" >&4 || [ $? = 123 ]
