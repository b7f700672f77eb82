/* What deputy, door, agent and keeper say to each other: framing, tagged strings, bounded buffers.
 *
 *      1 octet   4 octets, big-endian   length octets
 *     +-------+------------------------+-------------
 *     | type  | length                 | payload ...
 *     +-------+------------------------+-------------
 *
 * A tagged payload is a row of NUL-terminated strings whose first octet says what they are. protocol/frames.ts is
 * the same list for TypeScript, with every payload described. */
#ifndef GODWIT_FRAMES_H
#define GODWIT_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_type {
	FRAME_REQUEST = 1,
	FRAME_STDIN = 2,
	FRAME_STDIN_END = 3,
	FRAME_SIGNAL = 4,
	FRAME_WINSIZE = 5,
	FRAME_CREDIT_OUT = 6,
	FRAME_TERMINAL_IN = 7,
	FRAME_CLOSE_OUT = 8,
	FRAME_WAITING = 9,
	FRAME_TYPED_AHEAD = 10,
	FRAME_TERMIOS = 11,
	FRAME_STARTED = 16,
	FRAME_REFUSED = 17,
	FRAME_STDOUT = 18,
	FRAME_STDERR = 19,
	FRAME_CREDIT = 20,
	FRAME_ENDED = 21,
	FRAME_STOPPED = 22,
	FRAME_MODE = 23,
	FRAME_TERMINAL = 24,
	FRAME_STDIN_CLOSED = 25,
	FRAME_HOME = 32,
	FRAME_NOTICE = 33,
	FRAME_FAILED = 34,
	FRAME_PLACED = 35,
	FRAME_DETACHED = 36,
	FRAME_READY = 37,
	FRAME_LAUNCH = 48,
	FRAME_END = 49,
};

/* Flags of FRAME_MODE. */
enum mode_flag { MODE_RAW = 1, MODE_SIGNALS = 2, MODE_BY_TERMIOS = 4 };

enum {
	FRAME_HEADER_BYTES = 5,
	/* Largest payload of everything but request and launch. */
	FRAME_CHUNK_BYTES = 64 << 10,
	/* Largest request: environment and arguments fit 2 MiB (execve(2)), names and numbers the rest. */
	FRAME_REQUEST_BYTES = 4 << 20,
	/* Octets in flight without credit, per output stream, and of stdin once the process reads. */
	WINDOW_BYTES = 256 << 10,
	/* Octets typed ahead that may be in flight; a terminal's own queue holds as many (N_TTY_BUF_SIZE). */
	TERMINAL_WINDOW_BYTES = 4 << 10,
};

struct frame {
	unsigned char type;
	uint32_t size;
	const unsigned char *payload;
};

/* Frames on their way in. Two whole ones fit, so that one read(2) can bring the next with the last. */
struct inbox {
	size_t start, end;
	unsigned char data[2 * (FRAME_CHUNK_BYTES + FRAME_HEADER_BYTES)];
};

/* Frames on their way out. */
struct outbox {
	size_t start, end;
	unsigned char data[2 * (FRAME_CHUNK_BYTES + FRAME_HEADER_BYTES) + 4096];
};

/* A bounded queue of octets; `data` is lent by the owner. */
struct ring {
	unsigned char *data;
	size_t size, start, used;
};

enum io_result { IO_DONE, IO_AGAIN, IO_CLOSED };

/* Reads what is there; IO_AGAIN when nothing is, or no room is left. */
enum io_result inbox_fill(struct inbox *in, int fd);
/* Takes the next whole frame: 1, or 0 when more octets are needed, or -1 when the peer breaks the format. The
 * payload is valid until the next inbox_fill. */
int inbox_next(struct inbox *in, struct frame *out);

/* Room for the payload of one more frame. */
size_t outbox_room(struct outbox *out);
/* Queues one frame; false, and nothing queued, when there is no room. */
bool outbox_put(struct outbox *out, unsigned char type, const void *payload, size_t size);
/* Reads from `fd` straight into a frame of `type`, at most `most` octets. `got` is what was read: 0 at the end. */
enum io_result outbox_read(struct outbox *out, unsigned char type, int fd, size_t most, size_t *got);
/* Writes what the peer takes. */
enum io_result outbox_flush(struct outbox *out, int fd);

/* Appends what fits; answers how much that was. */
size_t ring_put(struct ring *ring, const void *bytes, size_t size);
/* Writes to `fd`, at most `most` octets per call of write(2); `wrote` is how many went. */
enum io_result ring_write(struct ring *ring, int fd, size_t most, size_t *wrote);

void put_u32(unsigned char *to, uint32_t value);
uint32_t get_u32(const unsigned char *from);

/* Strings of a tagged payload in turn: NULL to begin, NULL at the end or where the format is broken. `next[0]` is
 * the tag, the text follows. */
const char *tagged_next(const unsigned char *payload, size_t size, const char *last);
/* The text of the first string with `tag`, or NULL. */
const char *tagged_find(const unsigned char *payload, size_t size, char tag);

/* Writes all of it to a blocking descriptor. */
bool write_all(int fd, const void *bytes, size_t size);

#endif
