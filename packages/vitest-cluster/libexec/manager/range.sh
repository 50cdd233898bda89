#!/bin/sh
# range.sh BASE COMMAND…
#
# Becomes COMMAND as root of a user namespace with many uids (user_namespaces(7)).
#   BASE  -: uid 0 is the caller, uids from 1 on are the caller's subordinate uids (subuid(5), newuidmap(1)).
#         A number, for root: the first of 65536 uids that no account has.
set -eu
base=$1
shift
# Checked first: if namespaces are refused, --map-auto would leave a child that waits forever (util-linux 2.38), and so
# would the FIFOs below
unshare --user true
if [ "$base" = - ]; then
  exec unshare --user --map-auto --map-root-user -- "$@"
fi

# newuidmap(1) maps for root only what /etc/subuid grants to root, but root may write the map directly:
# for a namespace that a child creates, and that a descriptor keeps until this process enters it.
fifos=$(mktemp -d)
mkfifo "$fifos/unshared" "$fifos/mapped"
# Opened for reading and writing first, which does not block: if the namespace is refused (such as in a chroot), the
# other end would never be opened
exec 3<>"$fifos/unshared" 4<>"$fifos/mapped" 5<"$fifos/unshared" 6<"$fifos/mapped"
rm -r "$fifos"
# shellcheck disable=SC2016
unshare --user -- setpriv --pdeathsig KILL sh -c '
  # The parent may have ended before pdeathsig was set
  [ "$PPID" = "$0" ] || exit
  exec 4>&-; echo >&3; exec 3>&-; read -r _ <&6' "$$" &
exec 3>&- 6<&-
# End of file: unshare(1) has printed the reason
read -r _ <&5 || { wait $! || exit; exit 1; }
exec 5<&- 7<"/proc/$!/ns/user"
echo "0 $base 65536" >"/proc/$!/uid_map"
echo "0 $base 65536" >"/proc/$!/gid_map"
exec 4>&-
# Reap the child: COMMAND does not expect one
wait $! || true
# shellcheck disable=SC2016
exec nsenter --user=/proc/self/fd/7 --setuid 0 --setgid 0 -- sh -c 'exec 7<&- && exec "$@"' sh "$@"
