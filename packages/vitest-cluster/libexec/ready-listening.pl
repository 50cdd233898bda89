# ready-listening.pl SECONDS ADDRESS PORT…
#
# Waits until the unit listens on each port of ADDRESS. Asks the kernel by netlink for listening sockets
# (sock_diag(7)). This costs a hundredth of a read of /proc/net/tcp, and includes the control group of a socket and
# whether a socket on [::] accepts IPv4 as well. Needs only Perl itself. Before the SECONDS of the start are over it
# prints where else the unit listens; apply/failure.ts parses that line.
#
# Exit status 0: ready. 2: ready-listening.sh must check in another way. 3: the main process ended; prints the port.
use strict;

my ($seconds, $address, @ports) = @ARGV;
my $address_hex = unpack 'H*', pack 'C4', split /\./, $address;
my $main = $ENV{MAINPID} || 'self';

# Constants of <linux/netlink.h>, <linux/sock_diag.h>, <linux/inet_diag.h>
my ($AF_NETLINK, $SOCK_RAW, $NETLINK_SOCK_DIAG) = (16, 3, 4);
my ($SOCK_DIAG_BY_FAMILY, $NLM_F_REQUEST_DUMP, $NLMSG_ERROR, $NLMSG_DONE) = (20, 0x301, 2, 3);
my ($AF_INET, $AF_INET6, $IPPROTO_TCP, $TCP_LISTEN) = (2, 10, 6, 10);
my ($INET_DIAG_SKV6ONLY, $INET_DIAG_CGROUP_ID) = (11, 21);

socket(my $netlink, $AF_NETLINK, $SOCK_RAW, $NETLINK_SOCK_DIAG) or exit 2;
my $own = group();
my $begin = now();
# The time begins at the start of the main process, which is earlier; at its end systemd kills all processes
my $last_words = started() + $seconds - ($seconds < 5 ? $seconds / 5 : 1);

while (1) {
  my @sockets = (listening($AF_INET), listening($AF_INET6));
  my @missing;
  for my $port (@ports) {
    my @taking = grep { $_->{port} == $port && takes_ipv4($_) } @sockets;
    push @missing, $port unless @taking;
    # The socket of another process, or one that the unit received in another way
    exit 2 if grep { $_->{group} != $own } @taking;
  }
  exit 0 unless @missing;
  unless (-d "/proc/$main") { print $missing[0]; exit 3 }
  my $now = now();
  if ($now > $last_words) {
    my @elsewhere = (map({ name($_) } grep { $_->{group} == $own } @sockets), unix_sockets());
    print STDERR 'it listens on ', list(@elsewhere), ', but not on ', list(map { "$address:$_" } @missing), "\n"
      if @elsewhere;
    $last_words = 9**9**9;
  }
  # The longer the wait, the longer the pause
  my $pause = ($now - $begin) / 100;
  select undef, undef, undef, $pause < 0.003 ? 0.003 : $pause > 0.05 ? 0.05 : $pause;
}

# The listening sockets of a family in this network namespace.
sub listening {
  my ($family) = @_;
  my $request = pack 'L S S L L C C C x L x48', 72, $SOCK_DIAG_BY_FAMILY, $NLM_F_REQUEST_DUMP, 0, 0, $family, $IPPROTO_TCP, 0,
    1 << $TCP_LISTEN;
  defined send($netlink, $request, 0) or exit 2;
  my @sockets;
  while (1) {
    sysread($netlink, my $answer, 1 << 16) or exit 2;
    while (length $answer >= 16) {
      my ($length, $type) = unpack 'L S', $answer;
      exit 2 if $type == $NLMSG_ERROR;
      return @sockets if $type == $NLMSG_DONE;
      my ($its_family, $port, $address) = unpack 'x16 C x3 n x2 a16', $answer;
      my %socket = (port => $port, address => $its_family == $AF_INET ? substr($address, 0, 4) : $address, group => 0);
      my $attributes = substr $answer, 88, $length - 88;
      while (length $attributes >= 4) {
        my ($size, $attribute) = unpack 'S S', $attributes;
        last if $size < 4;
        $socket{only} = unpack 'x4 C', $attributes if $attribute == $INET_DIAG_SKV6ONLY;
        $socket{group} = unpack 'x4 Q', $attributes if $attribute == $INET_DIAG_CGROUP_ID;
        $attributes = substr $attributes, even($size, $attributes);
      }
      push @sockets, \%socket;
      $answer = substr $answer, even($length, $answer);
    }
  }
}

# The offset of the next part of a netlink message; parts are aligned to four bytes.
sub even {
  my ($size, $all) = @_;
  my $next = ($size + 3) & ~3;
  return $next < length $all ? $next : length $all;
}

# Whether a connection to ADDRESS reaches the socket.
sub takes_ipv4 {
  my ($socket) = @_;
  my $bound = unpack 'H*', $socket->{address};
  return $bound =~ /^(?:0{20}ffff)?(?:$address_hex|0{8})$/ || $bound =~ /^0{32}$/ && !$socket->{only};
}

# An address as text.
sub name {
  my ($socket) = @_;
  my $address = $socket->{address};
  return join('.', unpack 'C4', $address) . ":$socket->{port}" if length $address == 4;
  my $text = join ':', map { sprintf '%x', $_ } unpack 'n8', $address;
  $text =~ s/(^|:)0(:0)+(:|$)/::/;
  my $only = $socket->{only} && $text eq '::' ? ' (IPv6 only)' : '';
  return "[$text]:$socket->{port}$only";
}

# Listening Unix sockets in the service's own directory, which is the working directory, or elsewhere in its tree.
sub unix_sockets {
  open my $table, '<', '/proc/net/unix' or return;
  my $home = $ENV{HOME} || '';
  my $uid = (stat "/proc/$main")[4];
  my %paths;
  while (<$table>) {
    # columns: number, references, protocol, flags (10000: listens), type, state, inode, path
    my ($path) = m{^\S+ \S+ \S+ 00010000 \S+ \S+ +\d+ ([^@].*)} or next;
    next if $path =~ m{^/srv/} && index($path, "$home/") != 0;
    $paths{$path} = 1 if -S $path && (stat _)[4] == $uid;
  }
  return map { "the Unix socket $_" } sort keys %paths;
}

# The number of this process's control group; sockets have the number of the group that they are created in (cgroups(7)).
sub group {
  open my $groups, '<', '/proc/self/cgroup' or exit 2;
  my ($path) = map { /^0::(.*)$/ ? $1 : () } <$groups> or exit 2;
  open my $mounts, '<', '/proc/self/mountinfo' or exit 2;
  while (<$mounts>) {
    # 36 35 98:0 ROOT MOUNT_POINT options - cgroup2 source options
    my ($root, $point) = /^\S+ \S+ \S+ (\S+) (\S+) .*- cgroup2 / or next;
    $root = '' if $root eq '/';
    return (stat $point . substr($path, length $root))[1] || exit 2 if index($path, $root) == 0;
  }
  exit 2;
}

# Seconds since the machine was started.
sub now {
  open my $file, '<', '/proc/uptime' or exit 2;
  return (split ' ', <$file>)[0];
}

# The start of the main process in seconds since the start of the machine: field 22 of proc_pid_stat(5), in ticks of 10 ms.
sub started {
  open my $file, '<', "/proc/$main/stat" or return $begin;
  my ($fields) = <$file> =~ /.*\)(.*)/ or return $begin;
  return (split ' ', $fields)[19] / 100;
}

sub list {
  my $last = pop;
  return @_ ? join(', ', @_) . " and $last" : $last;
}
