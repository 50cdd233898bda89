#!/bin/sh
# make-root.sh SESSION NAME main|own HOST COUNT [copy|empty DIRECTORY]…
#
# Makes a root file system in the mount namespace that it runs in, and links to the namespace by NAME. Prints `made`, and
# stays.
#   SESSION    the account that owns directories which the tree lacks
#   NAME       the root: of a host, or of a service with a tree of its own
#   main, own  the manager's root, or the tree at /run/vitest-cluster-roots/NAME/root
#   HOST       its name for hostname(1), or -
#   COUNT      the number of directories; further arguments are not its own
#   DIRECTORY  one that only this root has, with the tree's contents (copy) or none (empty)
set -eu
umask 022
session=$1 name=$2 kind=$3 host=$4 count=$5
shift 5
link=/run/vitest-cluster-namespaces/$name
place=/run/vitest-cluster-roots/$name logs=/var/log/vitest-cluster
root='' own_etc=false

if [ "$kind" = own ]; then
  root=$place/root
  # A mount point, to move it
  mount --rbind "$root" "$root"
  for each in /dev /proc /sys /run; do mount --rbind "$each" "$root$each"; done
  mkdir -p "$root$logs"
  mount --bind "$logs" "$root$logs"
fi

while [ "$count" -gt 0 ]; do
  directory=$2 own=$place/directories$2
  case $1 in
  copy)
    cp -a "$root$directory/." "$own"
    case $logs in "$directory"/*) rm -rf "${own:?}${logs#"$directory"}" ;; esac
    ;;
  empty) chown "$session:" "$own" ;;
  esac
  mkdir -p "$root$directory"
  mount --bind "$own" "$root$directory"
  [ "$directory" != /etc ] || own_etc=true
  shift 2
  count=$((count - 1))
done

for file in hosts hostname; do
  from=$place/etc-of-host/$file to=$root/etc/$file
  [ -e "$from" ] || continue
  # Programs rename files over those of a directory that they may write to, which they cannot do with a mount
  if $own_etc; then cp "$from" "$to"; else mount --bind "$from" "$to"; fi
done
# Not every tree has hostname(1)
[ "$host" = - ] || hostname "$host" 2>/dev/null || :

ln -s "/proc/$$/ns" "$link"
# A process that enters the namespace begins at the topmost mount on its root (setns(2)); this process does not
[ "$kind" = main ] || mount -n --move "$root" /
echo made
exec sleep 2147483647 >/dev/null
