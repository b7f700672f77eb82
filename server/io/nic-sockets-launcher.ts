/**
 * Perl, arguments `NODE SENDER PORT DEVICE ADDRESS`: opens the port on the device, once for 0.0.0.0 and once for the
 * address, and becomes `NODE -e SENDER FD FD`. The first bind goes without SO_REUSEADDR: it fails where another DHCP
 * server has the port on this device, which the option would hide. 25 is SO_BINDTODEVICE and 33 SO_RCVBUFFORCE, which
 * perl does not name (asm-generic/socket.h: x86, arm, riscv).
 */
export const LAUNCHER = `
use strict;
use Socket;
$^F = 1023;
my ($node, $sender, $port, $device, $address) = @ARGV;
sub open_at {
  my ($at, $shared) = @_;
  socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die "socket: $!\\n";
  setsockopt($socket, SOL_SOCKET, 25, pack('Z*', $device)) or die "SO_BINDTODEVICE $device: $!\\n";
  if ($shared) {
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) or die "SO_REUSEADDR: $!\\n";
    setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1) or die "SO_BROADCAST: $!\\n";
    setsockopt($socket, SOL_SOCKET, 33, 4 << 20) or setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 4 << 20);
  }
  unless (bind($socket, pack_sockaddr_in($port, inet_aton($at)))) {
    print STDERR 'bind ', $! + 0, "\\n";
    exit 98;
  }
  return $socket;
}
close open_at('0.0.0.0', 0);
my @sockets = (open_at('0.0.0.0', 1), open_at($address, 1));
delete @ENV{grep { /^PERL/ } keys %ENV};
exec $node, '-e', $sender, map { fileno $_ } @sockets or die "exec: $!\\n";
`

/** JavaScript of the Node that perl becomes: hands each descriptor to its parent over the IPC channel and ends. */
export const SENDER = `
const { createSocket } = require('node:dgram')
process.once('disconnect', () => process.exit(1))
const hand = fd => new Promise((resolve, reject) => {
  const socket = createSocket('udp4')
  socket.once('error', reject)
  socket.bind({ fd }, () => process.send({ fd }, socket, error => error ? reject(error) : resolve()))
})
;(async () => {
  for (const fd of process.argv.slice(1)) await hand(Number(fd))
  process.exit(0)
})()
`
