#include "deputy.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the process has read or written a file to: the shell's next command goes on from there. */
static void move_file(const char *text) {
	int fd;
	long long offset;
	if (sscanf(text, "%d %lld", &fd, &offset) == 2 && fd >= 0) lseek(fd, offset, SEEK_SET);
}

static bool read_termios(const char *hex, struct termios *termios) {
	unsigned char *to = (unsigned char *)termios;
	for (size_t i = 0; i < sizeof *termios; i++) {
		unsigned value;
		if (sscanf(hex + 2 * i, "%2x", &value) != 1) return false;
		to[i] = (unsigned char)value;
	}
	return hex[2 * sizeof *termios] == '\0';
}

/* A process that ended by itself leaves its terminal as it meant to (stty); one that was killed, as it found it. */
static void keep_termios(struct relay *relay, const char *hex) {
	struct terminal *terminal = relay->terminal;
	struct termios last;
	if (terminal->fd < 0 || strlen(hex) != 2 * sizeof last || !read_termios(hex, &last)) return;
	if (!in_foreground(terminal)) return;
	terminal->home = last;
	terminal->raw = true;
}

void note_end(struct relay *relay, const struct frame *ended) {
	const char *at = NULL;
	while ((at = tagged_next(ended->payload, ended->size, at)) != NULL) {
		if (at[0] == 's') relay->exit_status = atoi(at + 1);
		if (at[0] == 'g') relay->end_signal = atoi(at + 1);
		if (at[0] == 'M') snprintf(relay->why, sizeof relay->why, "%s", at + 1);
		if (at[0] == 'F') move_file(at + 1);
		if (at[0] == 't') keep_termios(relay, at + 1);
	}
	relay->ended = true;
}

/* nfs(5), close-to-open: what the node has written is on the server; opening makes this side ask again. */
static void look_again_at_folder(void) {
	struct stat status;
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) return;
	fstat(fd, &status);
	close(fd);
}

_Noreturn void leave(struct relay *relay) {
	restore_terminal(relay->terminal);
	look_again_at_folder();
	if (relay->why[0] != '\0') complain("%s", relay->why);
	if (relay->lost && !relay->ended) {
		if (takes_little(2)) complain("the connection to the process is lost (GW_NODE_LOST); it is ended and not started again");
		_exit(255);
	}
	if (relay->end_signal > 0) die_of(relay->end_signal);
	_exit(relay->exit_status & 0xff);
}
