#!/bin/sh
# seal.sh LOWER LONGEST
#
# Makes of what a step did a tree of its own, `tree`, and lists it in `listing`. Runs in the build's directory, as
# root of its namespace. Makes nothing where the step made a path that is too long: `long` has the first one then.
#   LOWER    the tree that a layer was made on: its files are linked, not copied, for nobody ever writes to them;
#            - for a base
#   LONGEST  how many bytes a path may have
set -eu
lower=$1 longest=$2
made=upper
[ "$lower" != - ] || made=root
(
  cd "$made"
  # In the locale C each byte is a character
  LC_ALL=C exec find . -regextype posix-extended -regex "\\./.{$((longest + 1)),}" -printf '%P' -quit
) >long
[ ! -s long ] || exit 0
if [ "$lower" = - ]; then
  mv root tree
else
  mkdir tree
  cp -al "$lower/." tree
  # What was deleted: what the lower tree has and the merged one lacks
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
    # A file where a directory was
    # shellcheck disable=SC2016
    find . ! -type d ! -type c -exec sh -c '
      for f; do
        [ ! -d "../tree/$f" ] || [ -L "../tree/$f" ] || rm -rf -- "../tree/$f"
      done' sh {} +
  )
  cp -al --no-preserve=xattr --remove-destination upper/. tree
  # The marks of what was deleted (overlayfs, "whiteouts and opaque directories")
  find tree -type c -delete
fi
cd tree
find . -printf '%y\0%m\0%U\0%G\0%s\0%T@\0%i\0%l\0%P\0' >../listing
