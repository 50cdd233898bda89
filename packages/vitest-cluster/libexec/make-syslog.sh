#!/bin/sh
# make-syslog.sh DIRECTORY [JOURNAL]
#
# ExecStartPre= of libexec/syslog.pl, as root of the tree: creates the directory of a service's socket. Under a manager inside
# of the tree it also creates JOURNAL, where the directory is mounted for the service's programs, and /dev/log, a link to there.
set -eu
umask 022
mkdir -p "$1"
[ $# -gt 1 ] || exit 0
mkdir -p "$2"
# Another service's unit may create it at the same time
[ -L /dev/log ] || ln -s "$2/dev-log" /dev/log 2>/dev/null || [ -L /dev/log ]
