#!/bin/sh
# holder.sh DURATION
#
# Holds a session that runs in the background, or was kept after a failed run. It inherits the open
# files of the run (the keeper's pipe, the lease, the locks of the ports) and does not use them. When
# it ends, after DURATION (sleep(1)) or by a signal, the kernel closes them, and the keeper ends the
# session as for any run that died.
# Standard input has a line when the run has recorded this process number, by which `down` ends it. If
# the run dies before that, the session ends.
read -r _ || exit 1
exec sleep "$1" </dev/null
