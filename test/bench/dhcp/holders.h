/* The audit of dhcpload: who was last acknowledged which address. */
#ifndef GODWIT_HOLDERS_H
#define GODWIT_HOLDERS_H
#include <stdint.h>

#define SLOTS (1 << 20) /* far more than addresses, so that looking one up takes a step or two */
#define NOBODY 0xffffffffu

static struct { uint32_t address, client; } holders[SLOTS];

static inline uint32_t slot_of(uint32_t address) {
  uint32_t at = (address * 2654435761u) >> 12;
  while (holders[at].address != 0 && holders[at].address != address) at = (at + 1) % SLOTS;
  return at;
}

/* Notes that `client` was acknowledged `address` and no longer has `before` (0: none). Who held it, else NOBODY. */
static inline uint32_t take_address(uint32_t client, uint32_t address, uint32_t before) {
  if (before != 0 && before != address && holders[slot_of(before)].client == client) holders[slot_of(before)].client = NOBODY;
  uint32_t at = slot_of(address), other = holders[at].address == 0 ? NOBODY : holders[at].client;
  holders[at].address = address, holders[at].client = client;
  return other == client ? NOBODY : other;
}
#endif
