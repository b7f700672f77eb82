/* The wire side of dhcpload: the recorded requests that become each client's own, what a reply says, who a MAC is. */
#ifndef GODWIT_WIRE_H
#define GODWIT_WIRE_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REQUEST 600
#define FIXED_BYTES 240 /* header and magic cookie */
enum { XID = 4, YIADDR = 16, GIADDR = 24, CHADDR = 28, HOPS = 3 };
enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6 };
enum { OPT_ADDRESS = 50, OPT_TYPE = 53, OPT_SERVER = 54, OPT_MACHINE = 97 };

/* A recorded request and where its changing parts are; 0: it has none. */
typedef struct { unsigned char bytes[MAX_REQUEST]; int length, address, server, machine; } recorded;

/* Where the value of option `code` starts, its length in *length; 0 when it is not there. */
static inline int find_option(const unsigned char *bytes, int size, int code, int *length) {
  for (int at = FIXED_BYTES; at + 1 < size && bytes[at] != 255;) {
    if (bytes[at] == 0) { at++; continue; }
    if (at + 2 + bytes[at + 1] > size) return 0;
    if (bytes[at] == code) return *length = bytes[at + 1], at + 2;
    at += 2 + bytes[at + 1];
  }
  return 0;
}

static inline recorded read_recorded(const char *hex, const char *what) {
  recorded r = {.length = strlen(hex) / 2};
  int length;
  if (r.length < FIXED_BYTES || r.length > MAX_REQUEST) fprintf(stderr, "%s: not a DHCP packet in hex\n", what), exit(2);
  for (int i = 0; i < r.length; i++)
    if (sscanf(hex + 2 * i, "%2hhx", &r.bytes[i]) != 1) fprintf(stderr, "%s: not hex\n", what), exit(2);
  r.address = find_option(r.bytes, r.length, OPT_ADDRESS, &length);
  r.server = find_option(r.bytes, r.length, OPT_SERVER, &length);
  r.machine = find_option(r.bytes, r.length, OPT_MACHINE, &length);
  if (r.machine && length != 17) r.machine = 0;
  return r;
}

/* MACs look random and are told back into the client's number without a table: a product modulo 2^24 and its inverse. */
#define SPREAD 0x9e3779u
static inline uint32_t inverse24(uint32_t odd) {
  uint32_t x = odd;
  for (int i = 0; i < 5; i++) x *= 2 - odd * x;
  return x & 0xffffff;
}

static inline void mac_of(uint32_t client, uint32_t seed, unsigned char *mac) {
  uint32_t low = (client * SPREAD + seed) & 0xffffff;
  mac[0] = 0x52, mac[1] = 0x54, mac[2] = 0x9c; /* QEMU's vendor bytes and one of ours */
  mac[3] = low >> 16, mac[4] = low >> 8, mac[5] = low;
}

static inline uint32_t client_of(const unsigned char *mac, uint32_t seed) {
  uint32_t low = (uint32_t)mac[3] << 16 | mac[4] << 8 | mac[5];
  return ((low - seed) * inverse24(SPREAD)) & 0xffffff;
}

/* What a reply says; type 0: it is none. */
typedef struct { int type; uint32_t client, xid, address, server; } reply;

static inline reply read_reply(const unsigned char *bytes, int size, uint32_t seed) {
  reply r = {0};
  int length;
  if (size < FIXED_BYTES || bytes[0] != 2 || memcmp(bytes + FIXED_BYTES - 4, "\x63\x82\x53\x63", 4) != 0) return r;
  int type = find_option(bytes, size, OPT_TYPE, &length), server = find_option(bytes, size, OPT_SERVER, &length);
  if (!type || !server || length != 4) return r;
  r.type = bytes[type], r.client = client_of(bytes + CHADDR, seed);
  memcpy(&r.xid, bytes + XID, 4), memcpy(&r.address, bytes + YIADDR, 4), memcpy(&r.server, bytes + server, 4);
  return r;
}
#endif
