#include "keeper.h"
#include "limits-names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_limit(struct request *request, const char *text) {
	char name[16];
	long long soft, hard;
	if (sscanf(text, "%15s %lld %lld", name, &soft, &hard) != 3) return false;
	for (int number = 0; number < LIMIT_COUNT; number++) {
		if (strcmp(limit_names[number], name) != 0) continue;
		request->limits[number].rlim_cur = soft < 0 ? RLIM_INFINITY : (rlim_t)soft;
		request->limits[number].rlim_max = hard < 0 ? RLIM_INFINITY : (rlim_t)hard;
		request->limit_given[number] = true;
	}
	return true;
}

static bool read_stdio(struct request *request, const char *text) {
	static const char *const names[] = {"closed", "tty", "pipe", "file", "null"};
	int fd, same = -1;
	char kind[8];
	if (sscanf(text, "%d %7s %d", &fd, kind, &same) < 2 || fd < 0 || fd > 2) return false;
	request->same_as[fd] = same >= 0 && same < fd ? same : -1;
	for (int i = 0; i < 5; i++) {
		if (strcmp(names[i], kind) != 0) continue;
		request->kind[fd] = (enum stdio_kind)i;
		return true;
	}
	return false;
}

static bool read_file(struct request *request, const char *text) {
	struct carried_file file = {.fd = -1};
	int path = 0;
	if (request->file_count == MAX_FILES) return false;
	if (sscanf(text, "%d %lld %d %llu %lld %lld %n", &file.home_fd, &file.offset, &file.flags, &file.inode, &file.size,
	           &file.mtime_ns, &path) < 6 || path == 0 || text[path] != '/' || file.home_fd < 0 ||
	    file.home_fd > MAX_HOME_FD)
		return false;
	if (file.home_fd >= request->spare_fd) request->spare_fd = file.home_fd + 1;
	file.path = text + path;
	request->files[request->file_count++] = file;
	return true;
}

static bool read_numbers(const char *text, void (*each)(struct request *, unsigned long), struct request *request) {
	while (*text != '\0') {
		char *end;
		unsigned long number = strtoul(text, &end, 10);
		if (end == text || (*end != ',' && *end != '\0')) return false;
		each(request, number);
		text = *end == ',' ? end + 1 : end;
	}
	return true;
}

static void add_group(struct request *request, unsigned long number) {
	if (request->group_count < MAX_GROUPS) request->groups[request->group_count++] = (gid_t)number;
}

static void add_ignored(struct request *request, unsigned long number) {
	if (number >= 1 && number <= 64) request->ignored |= UINT64_C(1) << (number - 1);
}

static void add_blocked(struct request *request, unsigned long number) {
	if (number >= 1 && number <= 64) request->blocked |= UINT64_C(1) << (number - 1);
}

static bool read_id(const char *text, unsigned *id) {
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	*id = (unsigned)number;
	/* The last number means "leave as it is" to setresuid(2): root, here. */
	return end != text && *end == '\0' && number < 0xffffffffUL;
}

static bool read_string(struct request *request, char tag, const char *text) {
	switch (tag) {
	case 'X': request->program = text; return *text == '/';
	case 'I': request->program_identity = text; return true;
	case 'C': request->cwd = text; return *text == '/';
	case 'J': request->cwd_inode = text; return true;
	case 'U': request->umask = (mode_t)strtoul(text, NULL, 8) & 0777; return true;
	case 'u': return read_id(text, &request->uid);
	case 'g': return read_id(text, &request->gid);
	case 'G': return read_numbers(text, add_group, request);
	case 'L': return read_limit(request, text);
	case 'N': request->nice = atoi(text); return true;
	case 'y': return sscanf(text, "%d %d %d", &request->ioprio, &request->policy, &request->priority) == 3;
	case 'S': return read_stdio(request, text);
	case 'F': return read_file(request, text);
	case 'W': request->winsize = text; return true;
	case 't': request->termios = text; return true;
	case 'v': request->no_new_privileges = strcmp(text, "1") == 0; return true;
	case 'i': return read_numbers(text, add_ignored, request);
	case 'b': return read_numbers(text, add_blocked, request);
	case 'O': request->strict = request->strict || strcmp(text, "shim=1") == 0; return true;
	default: return true;
	}
}

/* Counts first: arguments and environment may be two mebibytes, and both lists lie in one piece. */
static bool make_lists(const unsigned char *payload, size_t size, struct buffer *lists, struct request *request) {
	size_t arguments = 0, variables = 0;
	const char *at = NULL;
	while ((at = tagged_next(payload, size, at)) != NULL) {
		arguments += at[0] == 'A';
		variables += at[0] == 'E';
	}
	if (arguments == 0 || !make_room(lists, (arguments + variables + 3) * sizeof(char *))) return false;
	/* One for the shell in front, should this be a script of its. */
	request->argv = (char **)lists->bytes + 1;
	request->environment = request->argv + arguments + 1;
	request->argv[arguments] = request->environment[variables] = NULL;
	return true;
}

/* Door and agent have judged one user, one group and one list of groups; a second one nobody has judged. */
static bool is_told_again(char tag, unsigned *identity) {
	unsigned bit = tag == 'u' ? 1 : tag == 'g' ? 2 : tag == 'G' ? 4 : 0;
	bool again = (*identity & bit) != 0;
	*identity |= bit;
	return again;
}

bool read_request(const unsigned char *payload, size_t size, struct buffer *lists, struct request *request) {
	char **argument, **variable;
	/* Bits of "ugG" that were there. */
	unsigned identity = 0;
	*request = (struct request){.kind = {STDIO_NULL, STDIO_NULL, STDIO_NULL}, .same_as = {-1, -1, -1}, .umask = 022,
	                            .ioprio = -1, .policy = -1, .spare_fd = 3};
	if (!make_lists(payload, size, lists, request)) return false;
	argument = request->argv;
	variable = request->environment;
	for (const char *at = tagged_next(payload, size, NULL); at != NULL; at = tagged_next(payload, size, at)) {
		if (at[0] == 'A') *argument++ = (char *)at + 1;
		else if (at[0] == 'E') *variable++ = (char *)at + 1;
		else if (is_told_again(at[0], &identity) || !read_string(request, at[0], at + 1)) return false;
	}
	/* Without both it would run as we do. */
	return (identity & 3) == 3;
}
