#!/bin/sh
# rewrite.sh LOWER HOW
#
# Applies a layer of files: unpacks the new files from the tar on standard input. Runs in the build's directory, as root
# of its namespace. Files of `tree` are hard links to files of other trees: they are replaced, never written to, as tar(1)
# does without --overwrite.
#   LOWER  the tree below
#   HOW    clone: create `tree` from LOWER; keep: `tree` exists, with an earlier version of the layer
set -eu
lower=$1 how=$2
if [ "$how" = clone ]; then
  mkdir tree
  cp -al "$lower/." tree
fi
exec tar --extract --numeric-owner --preserve-permissions --no-overwrite-dir \
  --directory tree --file -
