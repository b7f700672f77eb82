#include "deputy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned char rings[3][WINDOW_BYTES];

static void open_output(struct output *output, int fd, int ring) {
	*output = (struct output){.ring = {.data = rings[ring], .size = WINDOW_BYTES}, .fd = fd, .again = -1};
}

/* O_NONBLOCK belongs to the open file, which others share (open(2)): so it is opened once more for us alone, as soon as
 * there is something to write. That cannot be done with a socket, and need not be with a file. */
static void prepare(struct output *output) {
	struct stat status;
	if (!output->prepared && fstat(output->fd, &status) == 0 && !S_ISREG(status.st_mode))
		output->again = open_again(output->fd, O_WRONLY);
	output->prepared = true;
}

void open_outputs(struct relay *relay, const struct descriptors *them) {
	for (int which = 1; which < 3; which++) {
		bool relayed = them->kind[which] == KIND_PIPE || them->kind[which] == KIND_TTY;
		open_output(&relay->outputs[which], relayed ? which : -1, which);
	}
	open_output(&relay->outputs[0], relay->terminal->fd, 0);
}

void take_output(struct relay *relay, int which, const struct frame *frame) {
	struct output *output = &relay->outputs[which];
	if (output->gone || output->fd < 0) {
		/* Nobody reads; what the process has sent before it learns so is dropped, as by a closed pipe. */
		output->owed += frame->size;
		return;
	}
	/* More than the window is the peer's fault, and lost. */
	ring_put(&output->ring, frame->payload, frame->size);
	write_output(relay, which);
}

static size_t largest_write(const struct output *output) {
	struct stat status;
	if (output->again >= 0) return output->ring.size;
	if (fstat(output->fd, &status) == 0 && S_ISREG(status.st_mode)) return output->ring.size;
	/* pipe(7): POLLOUT means that so much does not block. */
	return PIPE_BUF;
}

bool takes_little(int fd) {
	struct pollfd one = {.fd = fd, .events = POLLOUT};
	return poll(&one, 1, 0) == 1 && (one.revents & (POLLOUT | POLLERR)) != 0;
}

static bool takes_now(const struct output *output) {
	return output->again >= 0 || takes_little(output->fd);
}

void write_output(struct relay *relay, int which) {
	struct output *output = &relay->outputs[which];
	size_t wrote = 0;
	enum io_result result = IO_DONE;
	prepare(output);
	while (output->ring.used > 0 && result == IO_DONE && takes_now(output)) {
		result = ring_write(&output->ring, output->again >= 0 ? output->again : output->fd, largest_write(output), &wrote);
		output->owed += (uint32_t)wrote;
	}
	if (result != IO_CLOSED) return;
	/* The reader is gone (EPIPE): the process must meet the same, so its end is closed, too. */
	output->owed += (uint32_t)output->ring.used;
	output->ring.used = 0;
	output->gone = true;
}

/* Small credits wait for company: each is a frame on its way through two relays. */
void give_credit(struct relay *relay) {
	for (int which = 0; which < 3; which++) {
		struct output *output = &relay->outputs[which];
		unsigned char payload[5] = {(unsigned char)which};
		if (output->gone && !output->told)
			output->told = outbox_put(relay->out, FRAME_CLOSE_OUT, payload, 1);
		if (output->owed == 0 || (output->owed < WINDOW_BYTES / 8 && output->ring.used > 0)) continue;
		put_u32(payload + 1, output->owed);
		if (outbox_put(relay->out, FRAME_CREDIT_OUT, payload, sizeof payload)) output->owed = 0;
	}
}

bool outputs_empty(const struct relay *relay) {
	for (int which = 0; which < 3; which++)
		if (relay->outputs[which].ring.used > 0) return false;
	return true;
}
