#!/bin/sh
# enter.sh PARENT UIDS BASE NETWORK LOWER COMMAND…
#
# Runs COMMAND while a tree is built, as root of a user namespace, in the build's directory. Its children end with it,
# and it ends with its parent.
#   PARENT   the process that started this, by `setpriv --pdeathsig KILL`
#   UIDS     many: with uids for all accounts of a tree; one: with the caller's uid only
#   BASE     - or a number, see ../manager/range.sh
#   NETWORK  yes: the host's; no: a loopback of its own
#   LOWER    the tree that a layer is made on, relative to the directory; - for a base
set -eu
umask 022
# Ordinary users may lack the directories of chroot(8) and others
PATH=$PATH:/usr/sbin:/sbin
parent=$1 uids=$2 base=$3 network=$4
shift 4
# The parent has ended before pdeathsig was set
[ "$PPID" = "$parent" ] || exit 1
libexec=$(dirname "$0")
# A later step may run as a uid that may not enter the directory of these scripts
cp "$libexec"/*.sh "$libexec"/*.pl "$libexec/../manager/range.sh" .
net=
[ "$network" = yes ] || net=--net
# shellcheck disable=SC2086
# Set again, because the kernel clears pdeathsig when a process becomes root of a user namespace (prctl(2), PR_SET_PDEATHSIG)
set -- setpriv --pdeathsig KILL sh -c '[ "$PPID" = "$0" ] && exec "$@"' "$parent" unshare --mount --ipc --uts --pid $net --fork --kill-child \
  --propagation private sh inside.sh "$network" "$@"
case $uids-$base in
one-*) exec unshare --user --map-root-user -- "$@" ;;
many--) exec sh range.sh - "$@" ;;
esac

# Root's trees belong to other uids, which may not enter root's own directories. Hide the topmost such directory by a
# tmpfs, in which only the cache is mounted
exec unshare --mount --propagation private sh -eu -c '
  base=$1
  shift
  here=$(pwd -P)
  trees=${here%/*/*}
  above=$trees hidden=
  while above=${above%/*} && [ "$above" != "" ]; do
    setpriv --reuid "$base" --regid "$base" --clear-groups test -x "$above/" || hidden=$above
  done
  if [ "$hidden" != "" ]; then
    cd ../..
    mount -t tmpfs -o mode=755 tmpfs "$hidden"
    mkdir -p "$trees"
    # -c: the working directory is below the hidden directory; an absolute path would lead into the tmpfs
    mount -c --bind . "$trees"
    cd "$here"
  fi
  # Temporary files are removed with the directory if the script is killed
  TMPDIR=. exec sh range.sh "$base" "$@"
' sh "$base" "$@"
