#include "keeper.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The child's ends lie above every number that a carried file is to get. */
static int out_of_the_way(const struct request *request, int fd) {
	if (fd < 0 || fd >= request->spare_fd) return fd;
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, request->spare_fd);
	close(fd);
	return moved;
}

static bool read_termios(const char *hex, struct termios *termios) {
	unsigned char *to = (unsigned char *)termios;
	if (strlen(hex) != 2 * sizeof *termios) return false;
	for (size_t i = 0; i < sizeof *termios; i++) {
		unsigned value;
		if (sscanf(hex + 2 * i, "%2x", &value) != 1) return false;
		to[i] = (unsigned char)value;
	}
	return true;
}

/* pty(7). We lead the session and the terminal is ours; the process is a group of it, in the foreground. Were it the
 * leader itself, its group would be orphaned and ^Z could not stop it (setpgid(2), signal(7)). */
static bool make_terminal(struct stdio *stdio, const struct request *request) {
	char name[64];
	struct termios termios = {0};
	struct winsize size = {0};
	stdio->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (stdio->master < 0 || grantpt(stdio->master) != 0 || unlockpt(stdio->master) != 0) return false;
	if (ptsname_r(stdio->master, name, sizeof name) != 0) return false;
	stdio->slave = out_of_the_way(request, open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (stdio->slave < 0) return false;
	/* The user must be able to open /dev/pts/N by name; nobody else but write(1)'s group tty, 5 in Debian. */
	if (fchown(stdio->slave, request->uid, 5) == 0) fchmod(stdio->slave, 0620);
	if (request->termios != NULL && read_termios(request->termios, &termios)) tcsetattr(stdio->slave, TCSANOW, &termios);
	tcgetattr(stdio->slave, &stdio->first);
	if (request->winsize != NULL && sscanf(request->winsize, "%hu %hu %hu %hu", &size.ws_row, &size.ws_col,
	                                       &size.ws_xpixel, &size.ws_ypixel) == 4)
		ioctl(stdio->master, TIOCSWINSZ, &size);
	return ioctl(stdio->slave, TIOCSCTTY, 0) == 0;
}

static bool make_pipe(struct stdio *stdio, const struct request *request, int fd) {
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0) return false;
	int ours = fd == 0 ? ends[1] : ends[0];
	stdio->child[fd] = out_of_the_way(request, fd == 0 ? ends[0] : ends[1]);
	fcntl(ours, F_SETFL, O_NONBLOCK);
	if (fd == 0) stdio->in = ours;
	else stdio->out[fd] = ours;
	return stdio->child[fd] >= 0;
}

static int carried(const struct request *request, int fd) {
	for (size_t i = 0; i < request->file_count; i++)
		if (request->files[i].home_fd == fd) return request->files[i].fd;
	return -1;
}

static bool make_one(struct stdio *stdio, struct request *request, int fd) {
	int same = request->same_as[fd];
	if (same >= 0 && request->kind[same] == request->kind[fd]) {
		stdio->child[fd] = fcntl(stdio->child[same], F_DUPFD_CLOEXEC, request->spare_fd);
		return stdio->child[fd] >= 0;
	}
	switch (request->kind[fd]) {
	case STDIO_CLOSED: return true;
	case STDIO_NULL:
		stdio->child[fd] = out_of_the_way(request, open("/dev/null", O_RDWR | O_CLOEXEC));
		return stdio->child[fd] >= 0;
	case STDIO_TTY:
		stdio->child[fd] = stdio->slave < 0 ? -1 : fcntl(stdio->slave, F_DUPFD_CLOEXEC, request->spare_fd);
		return stdio->child[fd] >= 0;
	case STDIO_FILE:
		stdio->child[fd] = carried(request, fd);
		if (stdio->child[fd] >= 0) {
			stdio->child[fd] = fcntl(stdio->child[fd], F_DUPFD_CLOEXEC, request->spare_fd);
			return stdio->child[fd] >= 0;
		}
		/* Not here, or another file of that name: the deputy relays it. */
		request->kind[fd] = STDIO_PIPE;
		return make_pipe(stdio, request, fd);
	case STDIO_PIPE: return make_pipe(stdio, request, fd);
	}
	return false;
}

bool make_stdio(struct stdio *stdio, struct request *request) {
	*stdio = (struct stdio){.in = -1, .out = {-1, -1, -1}, .master = -1, .slave = -1, .child = {-1, -1, -1}};
	if (request->termios != NULL && !make_terminal(stdio, request)) return false;
	for (int fd = 0; fd < 3; fd++)
		if (!make_one(stdio, request, fd)) return false;
	return true;
}

void close_child_ends(struct stdio *stdio, struct request *request) {
	for (int fd = 0; fd < 3; fd++) {
		if (stdio->child[fd] >= 0) close(stdio->child[fd]);
		stdio->child[fd] = -1;
	}
	/* Those of stdin, stdout and stderr stay: their offset is read at the end. */
	for (size_t i = 0; i < request->file_count; i++) {
		struct carried_file *file = &request->files[i];
		if (file->home_fd <= 2 || file->fd < 0) continue;
		close(file->fd);
		file->fd = -1;
	}
}
