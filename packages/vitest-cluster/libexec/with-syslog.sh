#!/bin/sh
# with-syslog.sh DIRECTORY UID GID GROUPS COMMAND…
#
# Becomes COMMAND, with these ids, in a mount namespace in which /dev/log leads to the socket in DIRECTORY. GROUPS may be
# empty. Runs as root of a user namespace with many uids, where a `systemd --user` could not mount anything for a unit
# without reducing the namespace to one uid (systemd 254 and later).
set -eu
path=$PATH
PATH=/usr/sbin:/usr/bin:/sbin:/bin
if [ "$1" != --mounted ]; then
  unshare=$(command -v unshare)
  PATH=$path
  exec "$unshare" --mount -- /bin/sh "$0" --mounted "$@"
fi
mount --bind "$2" /run/systemd/journal
uid=$3 gid=$4 groups=$5
shift 5
setpriv=$(command -v setpriv)
PATH=$path
case $groups in
'') set -- --clear-groups -- "$@" ;;
*) set -- --groups "$groups" -- "$@" ;;
esac
exec "$setpriv" --reuid "$uid" --regid "$gid" "$@"
