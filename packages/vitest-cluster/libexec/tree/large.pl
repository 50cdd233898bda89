#!/usr/bin/perl
# large.pl PATH…
#
# Prints the digests of large files in the format of `sha256sum --zero`. A digest covers the pieces of 1 MiB that are not
# all zeros, with their numbers, and the file's size. So holes are not read (lseek(2), SEEK_DATA), and zeros have the same
# digest as a hole.
use strict;
use warnings;
use Errno 'ENXIO';
use IPC::Open2;

my $length = 2**20;
my $zeros = "\0" x $length;
my $failed = 0;
for my $path (@ARGV) {
  my $digest = eval { digest($path) };
  print "pieces:$digest  $path\0" if $digest;
  warn "$path: $@" if !$digest;
  $failed = 1 if !$digest;
}
exit $failed;

sub digest {
  my ($path) = @_;
  open my $file, '<:raw', $path or die "$!\n";
  my $pid = open2(my $output, my $input, 'sha256sum');
  binmode $input;
  my ($number, $data) = (0);
  while (defined($data = sysseek $file, $number * $length, 3)) {
    $number = int($data / $length);
    sysseek $file, $number * $length, 0;
    my $piece = '';
    while (my $missing = $length - length $piece) {
      my $read = sysread $file, $piece, $missing, length $piece;
      die "$!\n" if !defined $read;
      last if !$read;
    }
    $piece .= substr $zeros, length $piece;
    print $input "$number\n$piece" if $piece ne $zeros;
    $number++;
  }
  die "$!\n" if $! != ENXIO;
  print $input -s $file, "\n";
  close $input;
  my ($digest) = <$output> =~ /^(\w+)/;
  waitpid $pid, 0;
  return $digest;
}
