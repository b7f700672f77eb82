#include "frames.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void put_u32(unsigned char *to, uint32_t value) {
	to[0] = (unsigned char)(value >> 24);
	to[1] = (unsigned char)(value >> 16);
	to[2] = (unsigned char)(value >> 8);
	to[3] = (unsigned char)value;
}

uint32_t get_u32(const unsigned char *from) {
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static enum io_result failed_io(void) {
	return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_CLOSED;
}

enum io_result inbox_fill(struct inbox *in, int fd) {
	if (in->start > 0) {
		memmove(in->data, in->data + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	if (in->end == sizeof in->data) return IO_AGAIN;
	ssize_t got = read(fd, in->data + in->end, sizeof in->data - in->end);
	if (got < 0) return failed_io();
	if (got == 0) return IO_CLOSED;
	in->end += (size_t)got;
	return IO_DONE;
}

int inbox_next(struct inbox *in, struct frame *out) {
	size_t have = in->end - in->start;
	if (have < FRAME_HEADER_BYTES) return 0;
	const unsigned char *at = in->data + in->start;
	uint32_t size = get_u32(at + 1);
	if (size > FRAME_CHUNK_BYTES) return -1;
	if (have - FRAME_HEADER_BYTES < size) return 0;
	*out = (struct frame){.type = at[0], .size = size, .payload = at + FRAME_HEADER_BYTES};
	in->start += FRAME_HEADER_BYTES + size;
	return 1;
}

static void compact(struct outbox *out) {
	if (out->start == 0) return;
	memmove(out->data, out->data + out->start, out->end - out->start);
	out->end -= out->start;
	out->start = 0;
}

size_t outbox_room(struct outbox *out) {
	size_t used = out->end - out->start + FRAME_HEADER_BYTES;
	return used >= sizeof out->data ? 0 : sizeof out->data - used;
}

static unsigned char *begin_frame(struct outbox *out, unsigned char type, size_t size) {
	if (sizeof out->data - out->end < FRAME_HEADER_BYTES + size) compact(out);
	unsigned char *at = out->data + out->end;
	at[0] = type;
	put_u32(at + 1, (uint32_t)size);
	return at + FRAME_HEADER_BYTES;
}

bool outbox_put(struct outbox *out, unsigned char type, const void *payload, size_t size) {
	if (outbox_room(out) < size) return false;
	unsigned char *to = begin_frame(out, type, size);
	if (size > 0) memcpy(to, payload, size);
	out->end += FRAME_HEADER_BYTES + size;
	return true;
}

enum io_result outbox_read(struct outbox *out, unsigned char type, int fd, size_t most, size_t *got) {
	*got = 0;
	if (outbox_room(out) < most) most = outbox_room(out);
	if (most == 0) return IO_AGAIN;
	unsigned char *to = begin_frame(out, type, most);
	ssize_t count = read(fd, to, most);
	if (count < 0) return failed_io();
	*got = (size_t)count;
	if (count == 0) return IO_DONE;
	put_u32(to - 4, (uint32_t)count);
	out->end += FRAME_HEADER_BYTES + (size_t)count;
	return IO_DONE;
}

enum io_result outbox_flush(struct outbox *out, int fd) {
	while (out->start < out->end) {
		ssize_t count = write(fd, out->data + out->start, out->end - out->start);
		if (count < 0) return failed_io();
		out->start += (size_t)count;
	}
	out->start = out->end = 0;
	return IO_DONE;
}

size_t ring_put(struct ring *ring, const void *bytes, size_t size) {
	size_t room = ring->size - ring->used;
	if (size > room) size = room;
	size_t at = (ring->start + ring->used) % ring->size;
	size_t first = ring->size - at < size ? ring->size - at : size;
	memcpy(ring->data + at, bytes, first);
	memcpy(ring->data, (const unsigned char *)bytes + first, size - first);
	ring->used += size;
	return size;
}

enum io_result ring_write(struct ring *ring, int fd, size_t most, size_t *wrote) {
	*wrote = 0;
	while (ring->used > 0) {
		size_t size = ring->size - ring->start < ring->used ? ring->size - ring->start : ring->used;
		ssize_t count = write(fd, ring->data + ring->start, size < most ? size : most);
		if (count < 0) return failed_io();
		*wrote += (size_t)count;
		ring->used -= (size_t)count;
		/* From the beginning again when empty: the fewer pages are ever touched, the smaller the process. */
		ring->start = ring->used == 0 ? 0 : (ring->start + (size_t)count) % ring->size;
		if (most < ring->size) break;
	}
	return IO_DONE;
}

const char *tagged_next(const unsigned char *payload, size_t size, const char *last) {
	const char *end = (const char *)payload + size;
	const char *next = last == NULL ? (const char *)payload : last + strlen(last) + 1;
	if (next >= end || *next == '\0' || memchr(next, '\0', (size_t)(end - next)) == NULL) return NULL;
	return next;
}

const char *tagged_find(const unsigned char *payload, size_t size, char tag) {
	for (const char *at = tagged_next(payload, size, NULL); at != NULL; at = tagged_next(payload, size, at))
		if (at[0] == tag) return at + 1;
	return NULL;
}

bool write_all(int fd, const void *bytes, size_t size) {
	const unsigned char *at = bytes;
	while (size > 0) {
		ssize_t count = write(fd, at, size);
		if (count < 0 && errno == EINTR) continue;
		if (count <= 0) return false;
		at += count;
		size -= (size_t)count;
	}
	return true;
}
