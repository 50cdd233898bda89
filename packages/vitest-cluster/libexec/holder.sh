#!/bin/sh
# holder.sh DURATION
#
# Holds a session that runs in the background, or was kept after a failed run. It inherits the open
# files of the run (the keeper's pipe, the lease, the locks of the ports) and does not use them. When
# it ends, after DURATION (sleep(1)) or by a signal, the kernel closes them, and the keeper ends the
# session as for any run that died.
exec sleep "$1"
