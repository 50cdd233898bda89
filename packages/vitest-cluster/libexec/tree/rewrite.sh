#!/bin/sh
# rewrite.sh LOWER HOW
#
# Applies a layer of files, as a build tool would: takes away each path that is no more, puts back what the tree
# below has there, and unpacks what is new from the tar on standard input. Runs in the build's directory, as root
# of its namespace. Files of `tree` are also those of other trees: they are replaced, never written to, which is
# what tar(1) does unless it is told --overwrite.
#   LOWER  the tree below
#   HOW    clone: `tree` is to be made from LOWER; keep: it is there, as an earlier version of the layer left it
# The file `gone` has the paths that are no more, each with a NUL after it: relative to the tree, none with a symbolic
# link on its way.
set -eu
lower=$1 how=$2
if [ "$how" = clone ]; then
  mkdir tree
  cp -al "$lower/." tree
fi
# shellcheck disable=SC2016
xargs --null --no-run-if-empty --arg-file=gone sh -euc '
  lower=$1
  shift
  for path; do
    if [ -d "tree/$path" ] && [ ! -L "tree/$path" ]; then
      # one that a file of the layer needed, and something else may need still
      [ -d "$lower/$path" ] || rmdir --ignore-fail-on-non-empty "tree/$path"
    else
      rm -f -- "tree/$path"
      if [ -e "$lower/$path" ] || [ -L "$lower/$path" ]; then cp -al "$lower/$path" "tree/$path"; fi
    fi
  done' sh "$lower"
exec tar --extract --numeric-owner --preserve-permissions --no-overwrite-dir \
  --directory tree --file -
