#!/bin/sh
# mount-tree.sh COMMAND…
#
# Shows the cache's tree, if the session has one, where also those may reach it who cannot pass the directories
# above the cache; then becomes COMMAND. Runs in the session's cluster directory, in a mount namespace of its own.
#   tree-path  the tree's path; without it there is nothing to do
#   writable   there if the session may write everywhere: to memory
#   tree       where it is shown
set -eu
umask 022
if [ -e tree-path ]; then
  path=$(cat tree-path)
  mkdir tree
  if [ -e writable ]; then
    mkdir below above
    mount -c --rbind "$path" below
    mount -c -t tmpfs -o mode=755 tmpfs above
    mkdir above/upper above/work
    # The caller's own root of a user namespace may write no other extended attributes (overlayfs, "User xattr")
    options=
    [ "$(cat /proc/self/uid_map)" = '         0          0 4294967295' ] || options=,userxattr
    mount -c -t overlay -o "lowerdir=below,upperdir=above/upper,workdir=above/work$options" overlay tree
    # What is mounted there needs a place
    mkdir -p tree/var/log/vitest-cluster tree/var/tmp
  else
    mount -c --rbind "$path" tree
  fi
fi
exec "$@"
