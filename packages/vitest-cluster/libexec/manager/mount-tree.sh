#!/bin/sh
# mount-tree.sh COMMAND…
#
# Shows the session's trees where also those may reach them who cannot pass the directories above the cache; then
# becomes COMMAND. Runs in the session's cluster directory, in a mount namespace of its own.
#   trees  two lines for each: ro, or rw if the session may write to it everywhere, to memory; its path
#   tree/N where the Nth is shown, from 0 on
set -eu
umask 022
number=0
while IFS= read -r how && IFS= read -r path; do
  tree=tree/$number
  mkdir -p "$tree"
  if [ "$how" = rw ]; then
    mkdir -p "below/$number" "above/$number"
    mount -c --rbind "$path" "below/$number"
    mount -c -t tmpfs -o mode=755 tmpfs "above/$number"
    mkdir "above/$number/upper" "above/$number/work"
    # The root of a user namespace may write no other extended attributes (overlayfs, "User xattr")
    options=
    grep -q '^ *0  *0  *4294967295$' /proc/self/uid_map || options=,userxattr
    mount -c -t overlay -o "lowerdir=below/$number,upperdir=above/$number/upper,workdir=above/$number/work$options" \
      overlay "$tree"
    # What is mounted there needs a place
    mkdir -p "$tree/var/log/vitest-cluster" "$tree/var/tmp"
  else
    mount -c --rbind "$path" "$tree"
  fi
  number=$((number + 1))
done <trees
exec "$@"
