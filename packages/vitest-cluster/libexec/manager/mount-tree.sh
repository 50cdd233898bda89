#!/bin/sh
# mount-tree.sh COMMAND…
#
# Shows the session's trees where also those may reach them who cannot pass the directories above the cache; then
# becomes COMMAND. Runs in the session's cluster directory, in a mount namespace of its own.
#   trees      three lines for each: ro, or rw if the session may write to it everywhere, to memory; its name; its path
#   tree/NAME  where it is shown
set -eu
umask 022
while IFS= read -r how && IFS= read -r name && IFS= read -r path; do
  tree=tree/$name
  mkdir -p "$tree"
  if [ "$how" = rw ]; then
    mkdir -p "below/$name" "above/$name"
    mount -c --rbind "$path" "below/$name"
    mount -c -t tmpfs -o mode=755 tmpfs "above/$name"
    mkdir "above/$name/upper" "above/$name/work"
    # The root of a user namespace may write no other extended attributes (overlayfs, "User xattr")
    options=
    grep -q '^ *0  *0  *4294967295$' /proc/self/uid_map || options=,userxattr
    mount -c -t overlay -o "lowerdir=below/$name,upperdir=above/$name/upper,workdir=above/$name/work$options" \
      overlay "$tree"
    # What is mounted there needs a place
    mkdir -p "$tree/var/log/vitest-cluster" "$tree/var/tmp"
  else
    mount -c --rbind "$path" "$tree"
  fi
done <trees
exec "$@"
