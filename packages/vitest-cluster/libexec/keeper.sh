#!/bin/sh
# keeper.sh DIRECTORY MANAGER UID GID CGROUP
#
# Makes a session's directory and outlives the run that started it: standard input is the lease, a
# pipe whose other end only the run holds. At its end of file (the run closed it, died, was killed)
# the keeper ends whatever is left of the session and removes the directory. It is in no process
# group and no control group of the session, and no signal but SIGKILL ends it.
# What it says on standard output: `made` once the directory is there, `ended STATUS` when the
# private manager has gone.
#   DIRECTORY  to be made; its parent exists, belongs to the caller and is 0700
#   MANAGER    private (start one) or user (the caller's own runs)
#   UID GID    of the session's services
#   CGROUP     the session's control group, to be made (private) or - (user)
set -u
umask 077

main() {
  directory=$1 manager=$2 uid=$3 gid=$4 cgroup=$5
  libexec=$(dirname "$0")
  # PIPE: what the run does not live to read is not worth dying for
  trap '' HUP INT TERM PIPE
  parent=$(dirname "$directory")
  id=$(basename "$directory")
  new=$parent/.new-$id

  # Complete under another name first: a sweep that runs beside us never sees half a session
  mkdir "$new" || exit 1
  exec 9>"$new/lock" && flock -n 9 &&
    printf 'vitest-cluster session 1\nid=%s\nmanager=%s\ncgroup=%s\n' "$id" "$manager" "$cgroup" >"$new/session" &&
    mkdir -m 755 "$new/cluster" && mkdir "$new/client" "$new/status" && mkfifo "$new/lease" &&
    chown "$uid:$gid" "$new/cluster" && mv "$new" "$directory" ||
    { rm -rf --one-file-system -- "$new"; exit 1; }
  echo made

  if [ "$manager" = private ]; then
    # The group and the log are made here: beside a removal that begins at once they could come after it
    exec 8>>"$directory/manager.log"
    mkdir "$cgroup" 2>&8
    { start_manager </dev/null >&8 2>&1 8>&- 9>&-; echo "ended $?"; } 9>&- &
    exec 8>&-
  fi
  exec >/dev/null
  cat >/dev/null
  exec sh "$libexec/remove-session.sh" "$directory" "$cgroup"
}

start_manager() {
  [ -d "$cgroup" ] || return
  if [ "$(id -u)" = 0 ]; then
    chown "$uid:$gid" "$cgroup" "$cgroup/cgroup.procs" "$cgroup/cgroup.subtree_control" "$cgroup/cgroup.threads"
    user='' caller=root
  else
    user='--user --map-root-user' caller=user
  fi
  # shellcheck disable=SC2016,SC2086
  sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$cgroup" \
    unshare $user --mount --cgroup --ipc --propagation private \
    sh "$libexec/private-manager.sh" "$directory" "$uid" "$gid" "$caller"
}

main "$@"
