#!/bin/sh
# mount-tree.sh COMMAND…
#
# Mounts the session's trees where uids can reach them that may not enter the directories above the cache; then
# becomes COMMAND. Runs in the session's cluster directory, in a mount namespace of its own.
#   trees      four lines for each: ro, or rw if the session may write to it everywhere, to memory; its name; its path;
#              the directory of the session's own files for its /etc, if they are put there (root/etc.ts)
#   tree/NAME  the mount point of a tree
set -eu
umask 022
# Root of a user namespace may write only user xattrs (overlayfs, "User xattr")
options=
grep -q '^ *0  *0  *4294967295$' /proc/self/uid_map || options=,userxattr
while IFS= read -r how && IFS= read -r name && IFS= read -r path && IFS= read -r etc; do
  tree=tree/$name
  mkdir -p "$tree"
  if [ "$how" = rw ]; then
    mkdir -p "below/$name" "above/$name"
    mount -c --rbind "$path" "below/$name"
    mount -c -t tmpfs -o mode=755 tmpfs "above/$name"
    mkdir "above/$name/upper" "above/$name/work"
    mount -c -t overlay -o "lowerdir=below/$name,upperdir=above/$name/upper,workdir=above/$name/work$options" \
      overlay "$tree"
    # Mount points, and the directory of the files below
    mkdir -p "$tree/var/log/vitest-cluster" "$tree/var/tmp" ${etc:+"$tree/etc"}
    if [ -n "$etc" ]; then
      # Files, not mounts: programs replace them by rename(2), which would fail on a mount point
      (
        set --
        for file in "$etc"/*; do set -- "$@" "$tree/etc/${file##*/}"; done
        rm -rf -- "$@"
      )
      cp -p -- "$etc"/* "$tree/etc"
    fi
  else
    mount -c --rbind "$path" "$tree"
    # Its files first, also those that the tree lacks
    [ -z "$etc" ] || mount -c -t overlay -o "lowerdir=$etc:$tree/etc$options" overlay "$tree/etc"
  fi
done <trees
exec "$@"
