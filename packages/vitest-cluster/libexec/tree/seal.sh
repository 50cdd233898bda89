#!/bin/sh
# seal.sh LOWER LONGEST
#
# Creates a complete tree, `tree`, from the result of a step, and lists it in `listing`. Runs in the build's directory, as
# root of its namespace. If the step made a path that is too long, writes only that path, to `long`.
#   LOWER    the tree that a layer was made on: its files are linked, not copied, because they are never written to;
#            - for a base
#   LONGEST  the most bytes of a path
set -eu
lower=$1 longest=$2
made=upper
[ "$lower" != - ] || made=root
(
  cd "$made"
  # In the C locale each byte is a character
  LC_ALL=C exec find . -regextype posix-extended -regex "\\./.{$((longest + 1)),}" -printf '%P' -quit
) >long
[ ! -s long ] || exit 0
if [ "$lower" = - ]; then
  mv root tree
else
  mkdir tree
  cp -al "$lower/." tree
  # Remove deleted files: those of the lower tree that the merged tree lacks
  (
    cd upper
    # shellcheck disable=SC2016
    find . -type d -exec sh -c '
      for d; do
        if [ -L "../tree/$d" ] || [ ! -d "../tree/$d" ]; then
          rm -f -- "../tree/$d"
          continue
        fi
        for entry in "../tree/$d"/* "../tree/$d"/.[!.]* "../tree/$d"/..?*; do
          name=${entry##*/}
          [ -e "../root/$d/$name" ] || [ -L "../root/$d/$name" ] || rm -rf -- "$entry"
        done
      done' sh {} +
    # Remove directories that were replaced by files
    # shellcheck disable=SC2016
    find . ! -type d ! -type c -exec sh -c '
      for f; do
        [ ! -d "../tree/$f" ] || [ -L "../tree/$f" ] || rm -rf -- "../tree/$f"
      done' sh {} +
  )
  cp -al --no-preserve=xattr --remove-destination upper/. tree
  # Remove the marks of deleted files (overlayfs, "whiteouts and opaque directories")
  find tree -type c -delete
fi
cd tree
find . -printf '%y\0%m\0%U\0%G\0%s\0%T@\0%i\0%l\0%P\0' >../listing
