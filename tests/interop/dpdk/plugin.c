/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A plug-in of DPDK's EAL (option -d) that puts models on the PCI bus of any DPDK program:
 *
 *   NICETY_DPDK_DEVICES  URIs as nicety uses them, separated by blanks or ';':
 *                        model:82599?wire=gen:count=1000;model:82599?wire=gen:check
 *   NICETY_DPDK_CABLE    a file: the cables are plugged in while it exists; else always
 *   NICETY_DPDK_REPORT   a file that gets a line of JSON for each when the program ends
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "bus.h"
#include "cable.h"

static void make_pluggable(struct fakepci *f)
{
	const char *path = getenv("NICETY_DPDK_CABLE");
	struct wire *cable;

	if (!path)
		return;
	inproc_enter(f->machine);
	cable = cable_new(f->machine->wire, path);
	if (cable)
		f->machine->wire = cable;
	inproc_leave(f->machine);
}

static void add(const char *uri)
{
	static const char scheme[] = "model:";
	struct fakepci *f;
	char *threaded;

	if (strncmp(uri, scheme, sizeof(scheme) - 1)) {
		log_error("NICETY_DPDK_DEVICES: %s: want model:CHIP?wire=...", uri);
		return;
	}
	uri += sizeof(scheme) - 1;
	threaded = malloc(strlen(uri) + sizeof("?host=thread"));
	if (!threaded)
		return;
	/* Nobody here would step it. */
	strcpy(threaded, uri);
	strcat(threaded, strchr(uri, '?') ? "&host=thread" : "?host=thread");
	if (!fakepci_new(&f, threaded))
		make_pluggable(f);
	free(threaded);
}

/* When EAL loads the plug-in: drivers are registered, the bus has not been scanned. */
__attribute__((constructor)) static void begin(void)
{
	const char *list = getenv("NICETY_DPDK_DEVICES");
	char *copy, *uri, *rest;

	if (!list || !*list) {
		log_error("NICETY_DPDK_DEVICES names no device");
		return;
	}
	copy = strdup(list);
	for (uri = copy ? strtok_r(copy, "; ", &rest) : NULL; uri;
	     uri = strtok_r(NULL, "; ", &rest))
		add(uri);
	free(copy);
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("NICETY_DPDK_REPORT");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (path && !to)
		log_error("cannot write %s: %s", path, strerror(errno));
	while (fakepci_all) {
		if (to)
			fakepci_report(fakepci_all, to);
		fakepci_del(fakepci_all);
	}
	if (to)
		fclose(to);
}
