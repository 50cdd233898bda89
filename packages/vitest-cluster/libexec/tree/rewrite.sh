#!/bin/sh
# rewrite.sh LOWER HOW
#
# Applies a layer of files: unpacks what is new from the tar on standard input. Runs in the build's directory, as root
# of its namespace. Files of `tree` are also those of other trees: they are replaced, never written to, which is
# what tar(1) does unless it is told --overwrite.
#   LOWER  the tree below
#   HOW    clone: `tree` is to be made from LOWER; keep: it is there, as an earlier version of the layer left it
set -eu
lower=$1 how=$2
if [ "$how" = clone ]; then
  mkdir tree
  cp -al "$lower/." tree
fi
exec tar --extract --numeric-owner --preserve-permissions --no-overwrite-dir \
  --directory tree --file -
