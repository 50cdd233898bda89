#!/bin/sh
# log-files.sh make STATE OWNER FILE…   ExecStartPre=: creates the files and directories that are missing, as root of the tree
# log-files.sh follow STATE FILE…       ExecStart=, Type=forking: copies what is added to the files from now on
# log-files.sh copy STATE FILE…         ExecReload=: copies at once what has been added
# log-files.sh last STATE FILE…         ExecStopPost= of the service: also an unfinished last line
#
# Copies what a service writes to log files of its own to standard output, which is the service's log. Runs in the tree,
# as the service's account, so it reads nothing that the service may not read.
#   OWNER    USER:GROUP of what is created, or - for the own uid
#   STATE    a directory: for each file its number, and in it how many bytes have been copied, a checksum of the last of
#            these, the file's length, time of modification, inode number and time of birth
# Copies whole lines, so that lines of several files stay apart. A file that was emptied or written anew is copied from its
# beginning. Of a file that was renamed the rest is copied, if it is in the same directory, and then the new file.
set -u
export LC_ALL=C
umask 022
how=$1 state=$2
shift 2
# A longer line is copied in pieces
PIECE=1048576
# The checksum of nothing
EMPTY=4294967295-0

give() { # PATH
  [ "$owner" = - ] || chown -h -- "$owner" "$1"
}

make_directory() { # PATH
  if [ -z "$1" ] || [ -d "$1" ]; then return 0; fi
  make_directory "${1%/*}" || return
  if error=$(mkdir -- "$1" 2>&1); then
    give "$1"
  elif [ ! -d "$1" ]; then
    # Otherwise the unit of another service has created it at the same time
    echo "$error" >&2
    return 1
  fi
}

# Sets `size`, `time` and `id` of a file. An inode number alone may be that of a removed file.
look() { # FILE
  read -r size day hour zone id <<STAT
$(stat -L -c '%s %y %i %w' -- "$1" 2>/dev/null)
STAT
  time="$day $hour $zone"
}

# Prints a checksum of standard input, and its length.
checksum() {
  cksum | tr ' ' -
}

# The same of the LENGTH bytes before byte `at`.
checksum_before() { # LENGTH FILE
  tail -c +$((at - $1 + 1)) -- "$2" 2>/dev/null | head -c "$1" | checksum
}

record() { # NUMBER
  echo "$at $sum $size $time $id" >"$state/$1"
}

# Copies a file from byte `at` to byte `size`.
pass() { # FILE
  while [ "$at" -lt "$size" ]; do
    length=$((size - at < PIECE ? size - at : PIECE))
    tail -c +$((at + 1)) -- "$1" 2>/dev/null | head -c "$length" >"$state/piece"
    length=$(stat -c %s -- "$state/piece")
    [ "$length" -gt 0 ] || return
    newline=
    if [ "$(tail -c 1 -- "$state/piece" | wc -l)" -eq 0 ]; then
      rest=$(tail -n 1 -- "$state/piece" | wc -c)
      if [ "$rest" -lt "$length" ]; then
        length=$((length - rest))
      elif [ "$how" = last ]; then
        newline=1
      elif [ "$length" -lt "$PIECE" ]; then
        return
      fi
    fi
    head -c "$length" -- "$state/piece"
    [ -z "$newline" ] || echo
    at=$((at + length))
    # Of what was copied: the file may have changed meanwhile
    sum=$(head -c "$length" -- "$state/piece" | tail -c 64 | checksum)
  done
}

# Functions read files by this descriptor: meanwhile another file may get the name.
OPEN=/proc/self/fd/3

copy_file() { # NUMBER FILE
  # Another kind of file would block, and a link to the service's log would copy that to itself
  if [ ! -f "$2" ] || [ "$2" -ef /proc/self/fd/1 ]; then return; fi
  read -r at sum before day hour zone known 2>/dev/null <"$state/$1" || return
  modified="$day $hour $zone"
  # Without the shell's message about a file that was renamed before it is opened
  if [ -r "$2" ]; then
    copy_open "$1" "$2" 2>/dev/null 3<"$2"
    return
  fi
  # The same file before and after: otherwise it was renamed meanwhile, and may be readable
  look "$2"
  found=$id
  if [ -z "$found" ] || [ -r "$2" ]; then return; fi
  look "$2"
  if [ "$id" != "$found" ] || [ "$id" = "$known" ]; then return; fi
  echo "log file $2 cannot be read by $(id -un)" >&2
  at=0 sum=$EMPTY size=0
  record "$1"
}

copy_open() { # NUMBER FILE
  look "$OPEN"
  if [ "$id" != "$known" ]; then
    renamed=$(find "${2%/*}/" -maxdepth 1 -type f -inum "${known%% *}" 2>/dev/null | head -n 1)
    [ ! -r "$renamed" ] || copy_rest 2>/dev/null 3<"$renamed"
    look "$OPEN"
    at=0 sum=$EMPTY
  elif [ "$size" -lt "$at" ] || { [ "$size" = "$before" ] && [ "$time" != "$modified" ]; } ||
    { [ "$size" != "$before" ] && [ "$(checksum_before "${sum#*-}" "$OPEN")" != "$sum" ]; }; then
    at=0 sum=$EMPTY
  elif [ "$size" = "$before" ] && [ "$how" != last ]; then
    return
  fi
  pass "$OPEN"
  record "$1"
}

copy_rest() {
  look "$OPEN"
  [ "$id" != "$known" ] || pass "$OPEN"
}

copy() { # FILE…
  (
    flock 9
    number=0
    for file; do
      number=$((number + 1))
      copy_file "$number" "$file"
    done
  ) 9>>"$state/lock"
}

# Ends when a file has changed. tail(1) waits by inotify, or looks every 50 ms on file systems without it. It does not
# notice a file that was written anew with the same length, which a restarted service may do.
changed() { # FILE…
  waiting='' number=0
  for file; do
    number=$((number + 1))
    read -r _ _ size _ <"$state/$number" || size=0
    # shellcheck disable=SC2086
    tail -c +$((size + 1)) $interval -F -- "$file" >"$state/changed" 2>/dev/null &
    waiting="$waiting $!"
  done
  while sleep 0.5; do
    number=0
    for file; do
      number=$((number + 1))
      [ ! "$file" -nt "$state/$number" ] || echo
    done
  done >"$state/changed" &
  waiting="$waiting $!"
  dd bs=1 count=1 <"$state/changed" >/dev/null 2>&1
  # shellcheck disable=SC2086
  kill $waiting 2>/dev/null
  # shellcheck disable=SC2086
  wait $waiting 2>/dev/null
}

case $how in
make)
  owner=$1
  shift
  # Only once: afterwards the service may have put links on the way to a file. It cannot write to the directory of STATE
  [ "$(cat "$state.made" 2>/dev/null)" != "$*" ] || exit 0
  mkdir -p -- "${state%/*}" && make_directory "$state" || exit
  for file; do
    make_directory "${file%/*}" || exit
    if [ -e "$file" ] || [ -L "$file" ]; then continue; fi
    # noclobber: does not follow a link that has appeared meanwhile
    (set -C && : >"$file") && give "$file" || exit
  done
  echo "$*" >"$state.made"
  ;;
follow)
  number=0
  for file; do
    number=$((number + 1))
    # What was there before the service's first start is not its log
    if [ -e "$state/$number" ]; then continue; fi
    look "$file"
    at=$size
    sum=$(checksum_before $((at < 64 ? at : 64)) "$file")
    record "$number" || exit
  done
  [ -p "$state/changed" ] || mkfifo -m 600 "$state/changed" || exit
  interval='-s 0.05'
  # shellcheck disable=SC2086
  tail -n 0 $interval /dev/null 2>/dev/null || interval=
  while :; do
    copy "$@"
    # A busy log is copied 20 times a second
    sleep 0.05
    changed "$@"
  done &
  ;;
copy | last) copy "$@" ;;
esac
