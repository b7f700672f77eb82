#include "keeper.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* From the terminal: what is read may have to be changed before it is sent. */
static void read_master(struct service *service, struct stream *stream) {
	unsigned char bytes[FRAME_CHUNK_BYTES];
	size_t most = stream->credit < (int64_t)sizeof bytes ? (size_t)stream->credit : sizeof bytes;
	if (outbox_room(service->out) < most + 64) return;
	ssize_t got = read(stream->fd, bytes, most);
	if (got > 0) {
		/* Before the octets, so that those are shown under the settings they were written with. */
		check_terminal(service);
		size_t size = without_returns(service, bytes, (size_t)got);
		outbox_put(service->out, stream->type, bytes, size);
		stream->credit -= (int64_t)size;
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) stream->fd = -1;
}

static void read_pipe(struct service *service, struct stream *stream) {
	size_t got = 0;
	size_t most = stream->credit < FRAME_CHUNK_BYTES ? (size_t)stream->credit : FRAME_CHUNK_BYTES;
	if (outbox_room(service->out) < most) return;
	enum io_result result = outbox_read(service->out, stream->type, stream->fd, most, &got);
	stream->credit -= (int64_t)got;
	if (result == IO_CLOSED || (result == IO_DONE && got == 0)) {
		close(stream->fd);
		stream->fd = -1;
	}
}

/* With nobody to send to, what is written while the process is being ended goes nowhere. */
static void discard(struct stream *stream) {
	unsigned char bytes[4096];
	ssize_t got = read(stream->fd, bytes, sizeof bytes);
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) stream->fd = -1;
}

void read_outputs(struct service *service) {
	for (int which = 0; which < 3; which++) {
		struct stream *stream = &service->streams[which];
		if (stream->fd < 0) continue;
		if (service->lost) discard(stream);
		else if (stream->credit <= 0) continue;
		else if (which == service->terminal_stream) read_master(service, stream);
		else read_pipe(service, stream);
	}
}

void write_input(struct service *service) {
	size_t wrote = 0;
	struct stdio *stdio = service->stdio;
	if (stdio->in >= 0 && service->input.used > 0) {
		if (ring_write(&service->input, stdio->in, service->input.size, &wrote) == IO_CLOSED) service->input.used = 0;
		service->consumed += (uint32_t)wrote;
	}
	if (stdio->in >= 0 && service->input_ends && service->input.used == 0) {
		close(stdio->in);
		stdio->in = -1;
	}
	if (stdio->master >= 0 && service->typed.used > 0) {
		ring_write(&service->typed, stdio->master, service->typed.size, &wrote);
		service->typed_consumed += (uint32_t)wrote;
	}
}

static void set_size(const struct service *service, const unsigned char *payload) {
	struct winsize size = {
		.ws_row = (unsigned short)(payload[0] << 8 | payload[1]),
		.ws_col = (unsigned short)(payload[2] << 8 | payload[3]),
		.ws_xpixel = (unsigned short)(payload[4] << 8 | payload[5]),
		.ws_ypixel = (unsigned short)(payload[6] << 8 | payload[7]),
	};
	/* tty_ioctl(4): the kernel sends SIGWINCH to the foreground when it differs. */
	if (service->stdio->master >= 0) ioctl(service->stdio->master, TIOCSWINSZ, &size);
}

static void take_signal(struct service *service, const struct frame *frame) {
	int number = frame->payload[0];
	if (number < 1 || number > 64 || service->exited) return;
	if (number == SIGCONT || (frame->size > 1 && frame->payload[1] == 1)) signal_group(service, number);
	else kill(service->pid, number);
}

static struct stream *stream_of(struct service *service, const struct frame *frame) {
	return frame->payload[0] < 3 ? &service->streams[frame->payload[0]] : &service->streams[0];
}

/* EPIPE at home: the process is to meet it, too. A terminal has no such thing; its output is dropped. */
static void close_output(struct service *service, const struct frame *frame) {
	struct stream *stream = stream_of(service, frame);
	if (stream->fd < 0 || stream == &service->streams[service->terminal_stream]) return;
	close(stream->fd);
	stream->fd = -1;
}

void take_peer_frame(struct service *service, const struct frame *frame) {
	switch (frame->type) {
	case FRAME_STDIN: ring_put(&service->input, frame->payload, frame->size); break;
	case FRAME_TERMINAL_IN: ring_put(&service->typed, frame->payload, frame->size); break;
	case FRAME_TERMIOS: take_termios(service, frame->payload, frame->size); break;
	case FRAME_TYPED_AHEAD: type_ahead(service, frame->payload, frame->size); break;
	case FRAME_STDIN_END: service->input_ends = true; break;
	case FRAME_WAITING:
		service->waiting = true;
		service->next_look_ms = 0;
		break;
	case FRAME_SIGNAL:
		if (frame->size >= 1) take_signal(service, frame);
		break;
	case FRAME_WINSIZE:
		if (frame->size == 8) set_size(service, frame->payload);
		break;
	case FRAME_CREDIT_OUT:
		if (frame->size == 5) stream_of(service, frame)->credit += get_u32(frame->payload + 1);
		break;
	case FRAME_CLOSE_OUT:
		if (frame->size == 1) close_output(service, frame);
		break;
	case FRAME_END: end_descendants(service->cgroup, service->pid); break;
	default: break;
	}
}

bool outputs_drained(const struct service *service) {
	for (int which = 0; which < 3; which++)
		if (service->streams[which].fd >= 0) return false;
	return true;
}

void drop_outputs(struct service *service) {
	for (int which = 0; which < 3; which++) service->streams[which].fd = -1;
}
