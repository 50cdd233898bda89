# syslog.pl listen DIRECTORY   ExecStart=, Type=forking: prints what programs send to /dev/log, a line or more for each message
# syslog.pl flush DIRECTORY    ExecReload=, and ExecStopPost= of the service: ends when all earlier messages are printed
#
# The socket is DIRECTORY/dev-log, to which /dev/log leads for the programs of one service (with-syslog.sh). Priority and time of a message are left out. A sender waits while the log cannot be
# written as fast (unix(7)), so a flood of messages takes no memory. Needs only Perl itself.
use strict;

# Constants of <sys/socket.h>
my ($AF_UNIX, $SOCK_DGRAM, $MSG_DONTWAIT) = (1, 2, 0x40);
# More than the largest datagram with the default net.core.wmem_max
my $LARGEST = 1 << 20;
my $FLUSH = "\0vitest-cluster flush";

my ($how, $directory) = @ARGV;
my $address = pack 'S Z*', $AF_UNIX, "$directory/dev-log";
socket(my $socket, $AF_UNIX, $SOCK_DGRAM, 0) or die "syslog: $!\n";

if ($how eq 'flush') {
  $SIG{ALRM} = sub { exit 1 };
  alarm 5;
  # An address that the kernel chooses, for the answer
  bind $socket, pack 'S', $AF_UNIX or die "syslog: $!\n";
  defined send $socket, $FLUSH, 0, $address or exit 1;
  recv $socket, my $answer, 16, 0;
  exit 0;
}

# Binds under another name first: a program never finds a socket that it may not use
my $made = "$directory/.made";
unlink $made;
bind $socket, pack 'S Z*', $AF_UNIX, $made or die "syslog: cannot listen on $made: $!\n";
chmod 0666, $made or die "syslog: $!\n";
rename $made, "$directory/dev-log" or die "syslog: $!\n";
exit 0 if fork;

while (1) {
  my $sender = recv $socket, my $message, $LARGEST, 0;
  next unless defined $sender;
  if ($message eq $FLUSH) {
    send $socket, 'done', $MSG_DONTWAIT, $sender;
    next;
  }
  my $text = text($message);
  syswrite STDOUT, "$text\n" if length $text;
}

# The text of a message (RFC 3164 as syslog(3) and logger(1) write it, or RFC 5424): its program, process and words.
sub text {
  my ($message) = @_;
  $message =~ s/[\0\n]+\z//;
  $message =~ s/\A<\d{1,3}>// or return $message;
  my $field = qr/[!-~]+/;
  if ($message =~ s/\A1 $field $field ($field) ($field) $field (?:-|(?:\[(?:[^"\]]|"(?:\\.|[^"\\])*")*\])+) ?//) {
    my ($program, $process) = ($1, $2);
    $message =~ s/\A\xef\xbb\xbf//;
    return ($program eq '-' ? '' : $program . ($process eq '-' ? '' : "[$process]") . ': ') . $message;
  }
  $message =~ s/\A(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[-+]\d\d:?\d\d)?) //;
  return $message;
}
