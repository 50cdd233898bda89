#!/bin/sh
# keeper.sh DIRECTORY CGROUP
#
# Makes a session's directory and outlives the run that started it: standard input is the lease, a
# pipe whose other end only the run holds. At its end of file (the run closed it, died, was killed)
# the keeper ends whatever is left of the session and removes the directory. It is in no process
# group and no control group of the session, and no signal but SIGKILL ends it.
# What it reads on standard input: `start KIND UID GID`, to start the session's own manager
# (start-manager.sh); nothing, where the user's own manager starts it or is it.
# What it says on standard output: `made` once the directory is there, `ended STATUS` when the
# manager that it started has gone.
#   DIRECTORY  to be made; its parent exists, belongs to the caller and is 0700
#   CGROUP     the session's control group, to be made, or - where it is the user's own manager's
set -u
umask 077

main() {
  directory=$1 cgroup=$2
  libexec=$(dirname "$0")
  # PIPE: what the run does not live to read is not worth dying for
  trap '' HUP INT TERM PIPE
  parent=$(dirname "$directory")
  id=$(basename "$directory")
  new=$parent/.new-$id

  # Complete under another name first: a sweep that runs beside us never sees half a session
  mkdir "$new" || exit 1
  exec 9>"$new/lock" && flock -n 9 &&
    printf 'vitest-cluster session 1\nid=%s\ncgroup=%s\n' "$id" "$cgroup" >"$new/session" &&
    mkdir -m 755 "$new/cluster" && mkdir "$new/client" "$new/status" && mkfifo "$new/lease" &&
    mv "$new" "$directory" ||
    { rm -rf --one-file-system -- "$new"; exit 1; }
  echo made

  while read -r word kind uid gid; do
    [ "$word" != start ] || start_manager
  done
  exec >/dev/null
  exec sh "$libexec/remove-session.sh" "$directory" "$cgroup"
}

start_manager() {
  # The group and the log are made here: beside a removal that begins at once they could come after it
  exec 8>>"$directory/manager.log"
  mkdir -m 755 "$cgroup" 2>&8
  {
    sh "$libexec/start-manager.sh" "$directory" "$kind" "$uid" "$gid" "$cgroup" </dev/null >&8 2>&1 8>&- 9>&-
    echo "ended $?"
  } 9>&- &
  exec 8>&-
}

main "$@"
