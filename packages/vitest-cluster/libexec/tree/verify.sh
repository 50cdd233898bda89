#!/bin/sh
# verify.sh TREE LARGE
#
# Lists a tree of the cache in `listing`, as seal.sh does, and the digests of its files in `digests`. Runs in a
# directory of its own, as root of a namespace: some files are closed to whoever asked.
#   TREE   relative to the directory
#   LARGE  files of so many bytes and more are read by large.sh
set -eu
exec 3>listing 4>digests
large=$PWD/large.sh
cd "$1"
find . -printf '%y\0%m\0%U\0%G\0%s\0%T@\0%i\0%l\0%P\0' >&3
# What cannot be read has no digest, and so not the one that it should have
find . -type f -size "-$2c" -print0 | xargs --null --no-run-if-empty sha256sum --zero >&4 || [ $? = 123 ]
find . -type f -size "+$(($2 - 1))c" -print0 | xargs --null --no-run-if-empty sh "$large" >&4 || [ $? = 123 ]
