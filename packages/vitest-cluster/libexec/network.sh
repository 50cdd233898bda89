#!/bin/sh
# network.sh KEEP COMMAND…
#
# Becomes COMMAND in a network namespace that was just made (network_namespaces(7)), with a loopback.
#   KEEP  root: as root of the machine. Else the capabilities that COMMAND keeps in its user namespace,
#         as setpriv(1) has them.
# Descriptor 3 is a socket of the parent. This script writes its process number, reads a line when its uids
# are mapped, and writes `up` when the loopback is up, or `missing` if there is no such command.
set -eu
keep=$1
shift
echo $$ >&3
read -r _ <&3
PATH=$PATH:/usr/sbin:/sbin
if command -v ip >/dev/null; then
  ip link set lo up
else
  # SIOCSIFFLAGS (netdevice(7)) with IFF_UP
  # shellcheck disable=SC2016
  perl -MSocket -e '
    my ($socket, $request) = (undef, pack("a16 s x22", "lo", 1));
    socket($socket, PF_INET, SOCK_DGRAM, 0) && ioctl($socket, 0x8914, $request) || die "lo: $!\n"'
fi
# In a container it may be read-only: then named ports below 1024 are an error of the session
{ echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start; } 2>/dev/null || true
command -v "$1" >/dev/null || { echo missing >&3; exit 127; }
echo up >&3
exec 3>&-
[ "$keep" != root ] || exec "$@"
exec setpriv --inh-caps "-all,$keep" --ambient-caps "-all,$keep" -- "$@"
