#include "deputy.h"
#include "limits-names.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The request grows here. */
struct text {
	char *at, *end;
	bool overflow;
};

static void add(struct text *text, const char *bytes, size_t size) {
	if (size > (size_t)(text->end - text->at)) text->overflow = true;
	if (text->overflow) return;
	memcpy(text->at, bytes, size);
	text->at += size;
}

static void put_text(struct text *text, char tag, const char *string) {
	add(text, &tag, 1);
	add(text, string, strlen(string) + 1);
}

static void put(struct text *text, char tag, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void put(struct text *text, char tag, const char *format, ...) {
	va_list arguments;
	add(text, &tag, 1);
	size_t room = (size_t)(text->end - text->at);
	va_start(arguments, format);
	int size = vsnprintf(text->at, room, format, arguments);
	va_end(arguments);
	if (size < 0 || (size_t)size >= room) text->overflow = true;
	else text->at += size + 1;
}

/* Names sockets of this machine; on another they lead nowhere. */
static bool is_bound_to_home(const char *variable) {
	static const char *const names[] = {"SSH_AUTH_SOCK=", "DBUS_SESSION_BUS_ADDRESS=", "WAYLAND_DISPLAY=", "DISPLAY=:",
	                                    "DISPLAY=unix:"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0) return true;
	return false;
}

static void put_program(struct text *text, const struct options *options, const char *program) {
	struct stat status;
	for (char **at = options->command; *at != NULL; at++) put_text(text, 'A', *at);
	if (program != NULL && stat(program, &status) == 0) {
		char *real = program[0] == '/' ? NULL : realpath(program, NULL);
		put_text(text, 'X', real == NULL ? program : real);
		free(real);
		put(text, 'I', "%lld %lld", (long long)status.st_size,
		    (long long)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec);
	}
	for (char **at = environ; *at != NULL; at++)
		if (!is_bound_to_home(*at)) put_text(text, 'E', *at);
	for (size_t i = 0; i < options->pair_count; i++)
		put(text, 'O', "%s%s", options->pairs[i], strchr(options->pairs[i], '=') == NULL ? "=1" : "");
	if (!options->shim) return;
	put_text(text, 'O', "shim=1");
	/* The program's as well, if it is to run here. */
	put(text, 'P', "%d", getpid());
}

static void put_arg_file(const char *path, const char *content, void *with) {
	put(with, 'B', "%s\n%s", path, content);
}

static void put_folder(struct text *text) {
	char path[PATH_MAX];
	struct stat status;
	if (getcwd(path, sizeof path) == NULL || path[0] != '/' || stat(".", &status) != 0) return;
	put_text(text, 'C', path);
	put(text, 'J', "%llu", (unsigned long long)status.st_ino);
}

static void put_identity(struct text *text) {
	static gid_t groups[1024];
	char list[11 * 1024], *at = list;
	list[0] = '\0';
	int count = getgroups(1024, groups);
	for (int i = 0; i < count; i++) at += sprintf(at, "%s%u", i == 0 ? "" : ",", groups[i]);
	put(text, 'u', "%u", geteuid());
	put(text, 'g', "%u", getegid());
	put_text(text, 'G', list);
	mode_t mask = umask(0);
	umask(mask);
	put(text, 'U', "%o", mask);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) put_text(text, 'v', "1");
}

static void put_limits(struct text *text) {
	for (int number = 0; number < LIMIT_COUNT; number++) {
		struct rlimit limit;
		if (getrlimit(number, &limit) != 0) continue;
		put(text, 'L', "%s %lld %lld", limit_names[number],
		    limit.rlim_cur == RLIM_INFINITY ? -1 : (long long)limit.rlim_cur,
		    limit.rlim_max == RLIM_INFINITY ? -1 : (long long)limit.rlim_max);
	}
	errno = 0;
	put(text, 'N', "%d", getpriority(PRIO_PROCESS, 0));
	struct sched_param parameters = {0};
	/* musl answers ENOSYS for these two on purpose; the kernel has them (sched_setscheduler(2), ioprio_set(2)). */
	long policy = syscall(SYS_sched_getscheduler, 0);
	syscall(SYS_sched_getparam, 0, &parameters);
	put(text, 'y', "%ld %ld %d", syscall(SYS_ioprio_get, 1, 0), policy, parameters.sched_priority);
}

static bool put_file(int fd, void *with) {
	struct text *text = with;
	struct stat status;
	char path[PATH_MAX];
	if (!file_path(fd, path, &status)) return true;
	off_t offset = lseek(fd, 0, SEEK_CUR);
	put(text, 'F', "%d %lld %d %llu %lld %lld %s", fd, (long long)(offset < 0 ? 0 : offset), fcntl(fd, F_GETFL),
	    (unsigned long long)status.st_ino, (long long)status.st_size,
	    (long long)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec, path);
	return true;
}

static void put_descriptors(struct text *text, const struct descriptors *them) {
	static const char *const names[] = {"closed", "tty", "pipe", "file", "null"};
	for (int fd = 0; fd < 3; fd++) {
		if (them->same_as[fd] < 0) put(text, 'S', "%d %s", fd, names[them->kind[fd]]);
		else put(text, 'S', "%d %s %d", fd, names[them->kind[fd]], them->same_as[fd]);
		if (them->kind[fd] == KIND_FILE) put_file(fd, text);
	}
	each_inherited(put_file, text);
}

static void put_terminal(struct text *text, const struct terminal *terminal) {
	if (terminal->fd < 0) return;
	char hex[2 * sizeof terminal->home + 1], name[64];
	unsigned char size[8];
	const unsigned char *bytes = (const unsigned char *)&terminal->home;
	for (size_t i = 0; i < sizeof terminal->home; i++) sprintf(hex + 2 * i, "%02x", bytes[i]);
	put_text(text, 't', hex);
	if (window_size(terminal, size))
		put(text, 'W', "%d %d %d %d", size[0] << 8 | size[1], size[2] << 8 | size[3], size[4] << 8 | size[5],
		    size[6] << 8 | size[7]);
	if (ttyname_r(terminal->fd, name, sizeof name) == 0) put_text(text, 'T', name);
}

static void put_signals(struct text *text, const sigset_t *mask) {
	char ignored[256] = "", blocked[256] = "", *i = ignored, *b = blocked;
	for (int number = 1; number <= 64; number++) {
		struct sigaction action;
		if (sigismember(mask, number) == 1) b += sprintf(b, "%s%d", b == blocked ? "" : ",", number);
		if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			i += sprintf(i, "%s%d", i == ignored ? "" : ",", number);
	}
	put_text(text, 'i', ignored);
	put_text(text, 'b', blocked);
}

/* The mark of a placed process is its cgroup, which nobody sheds by cleaning his environment. */
static void put_nesting(struct text *text) {
	char file[4096];
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, file, sizeof file - 1);
	if (fd >= 0) close(fd);
	if (size <= 0) return;
	file[size] = '\0';
	char *unified = strncmp(file, "0::", 3) == 0 ? file : strstr(file, "\n0::");
	if (unified == NULL) return;
	unified += unified == file ? 3 : 4;
	unified[strcspn(unified, "\n")] = '\0';
	put_text(text, 'D', unified);
}

static void put_all(struct text *text, const struct options *options, const char *program, const struct descriptors *them,
                    const struct terminal *terminal, const sigset_t *mask) {
	put_program(text, options, program);
	/* Placement goes by their options, and sees no files of this machine but these. */
	each_arg_file(options->command, put_arg_file, text);
	put_folder(text);
	put_identity(text);
	put_limits(text);
	put_descriptors(text, them);
	put_terminal(text, terminal);
	put_signals(text, mask);
	put_nesting(text);
}

/* Few are larger than this; one that is gets all that a frame may have, of which only what is written costs memory. */
static char usual[64 << 10];

bool collect_request(struct request_text *request, const struct options *options, const char *program,
                     const struct descriptors *them, const struct terminal *terminal, const sigset_t *mask) {
	char *buffer = usual;
	struct text text = {.at = buffer + FRAME_HEADER_BYTES, .end = buffer + sizeof usual};
	put_all(&text, options, program, them, terminal, mask);
	if (text.overflow) {
		buffer = mmap(NULL, FRAME_REQUEST_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (buffer == MAP_FAILED) return false;
		text = (struct text){.at = buffer + FRAME_HEADER_BYTES, .end = buffer + FRAME_REQUEST_BYTES};
		put_all(&text, options, program, them, terminal, mask);
	}
	buffer[0] = FRAME_REQUEST;
	put_u32((unsigned char *)buffer + 1, (uint32_t)(text.at - buffer - FRAME_HEADER_BYTES));
	*request = (struct request_text){.bytes = buffer, .size = (size_t)(text.at - buffer)};
	return !text.overflow;
}

bool send_request(int door, struct request_text *request) {
	bool sent = write_all(door, request->bytes, request->size);
	if (request->bytes != usual) munmap(request->bytes, FRAME_REQUEST_BYTES);
	return sent;
}
