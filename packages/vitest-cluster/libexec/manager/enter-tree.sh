#!/bin/sh
# enter-tree.sh KIND CLUSTER
#
# Makes the tree its root, and becomes the manager of what runs in it. Runs in CLUSTER, the session's
# cluster directory, as root of namespaces of its own: user with a range of uids, mount, cgroup, ipc.
#   KIND  range  a `systemd --user` as root. Units with RootDirectory= under a manager outside would get
#                a user namespace with one uid from systemd 254 on, whoever the manager is
#         boot   the tree's `systemd --system`; then the namespaces are also pid and uts, and this is the
#                first process
# Mounts what https://systemd.io/CONTAINER_INTERFACE asks of a container manager:
#   root          bound on itself, with what the tree shows from elsewhere (mounts: three lines each, ro or rw,
#                 the source, the target)
#   /dev          the harmless devices only, and a pty instance of its own
#   /sys/fs/cgroup  cgroup2, rooted at the session's control group
set -eu
umask 022
kind=$1 cluster=$2

# Makes what is mounted at or below a path of the tree read-only. A mount that came from outside keeps its
# flags or refuses (mount_namespaces(7)): they are named again.
read_only() {
  escaped=$(printf %s "$cluster/root$1" | sed 's/\\/\\134/g; s/ /\\040/g')
  while read -r _ _ _ _ point flags _; do
    case $point in "$escaped" | "$escaped"/*) ;; *) continue ;; esac
    # shellcheck disable=SC2059
    point=$(printf "$(printf %s "$point" | sed 's/%/%%/g')")
    mount -c -o "remount,bind,ro,${flags#r[wo]}" ".${point#"$cluster"}"
  done <<TABLE
$(cat /proc/self/mountinfo)
TABLE
}

# -c and -P: a path made absolute would lead through directories that are closed to the tree's uids
mount -c --rbind root root
while IFS= read -r how && IFS= read -r source && IFS= read -r target; do
  # The session's own by a relative path: those above are closed to the tree's uids
  case $source in "$cluster"/*) source=${source#"$cluster"/} ;; esac
  if [ -d "$source" ]; then mkdir -p "root$target"; elif [ ! -e "root$target" ]; then
    mkdir -p "root${target%/*}"
    : >"root$target"
  fi
  mount -c --rbind "$source" "root$target"
  [ "$how" = rw ] || read_only "$target"
done <mounts
# read-only: then systemd leaves the hardware to the host (udev, modules)
mount -c --rbind /sys root/sys
read_only /sys
cd -P root

case $kind in
boot) mount -c -t proc proc proc ;;
# its processes are the host's: a proc of its own needs a pid namespace of its own (pid_namespaces(7))
range) mount -c --rbind /proc proc ;;
esac
mount -c -t tmpfs tmpfs sys/fs/cgroup
mount -c -t cgroup2 cgroup2 sys/fs/cgroup
mount -c -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  : >dev/$device
  mount -c --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm
mount -c -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -c -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
: >dev/console
mount -c --bind /dev/null dev/console
mount -c --rbind run run

mount -c -n --move . /
systemd=/usr/lib/systemd/systemd
[ -x ".$systemd" ] || systemd=/lib/systemd/systemd
set -- env -i LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
case $kind in
boot)
  hostname vitest-cluster
  exec chroot . "$@" container=vitest-cluster SYSTEMD_UNIT_PATH=/run/vitest-cluster-libexec/system: \
    "$systemd" --system --unit=vitest-cluster.target --log-target=console
  ;;
range)
  # What it makes is for services of other uids too: the notification socket and the logs
  umask 0
  # It ends with whoever started it: nobody would end it otherwise
  exec chroot . setpriv --pdeathsig KILL "$@" HOME=/root XDG_RUNTIME_DIR=/run/user \
    DBUS_SESSION_BUS_ADDRESS=unix:path=/run/vitest-cluster/private-bus \
    SYSTEMD_UNIT_PATH=/run/vitest-cluster-libexec/manager \
    SYSTEMD_GENERATOR_PATH=/none SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/none \
    "$systemd" --user --unit=basic.target --log-target=console --log-level=notice
  ;;
esac
