/**
 * radvd's configuration for one interface: router advertisements that name no router (lifetime 0) and no prefix.
 * iPXE asks for an IPv6 router beside its DHCP and, where nobody answers, waits 16 s before it goes on (seen with
 * Debian's builds, BIOS and UEFI). "There is none" is an answer too: it goes on at once.
 */
export function advertisementConfig(interfaceName: string): string {
  return `interface ${interfaceName} {
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  AdvDefaultLifetime 0;
  IgnoreIfMissing on;
};
`
}
