/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capture files through libpcap (wires/pcap_in.h).
 */
#include "wires/pcap_in.h"

#include "base/errno.h"
#include "base/log.h"

#ifdef HAVE_LIBPCAP

#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pcap_in {
	pcap_t *pcap; /* NULL: ended */
	char *path;
	uint64_t rounds; /* left after this one; UINT64_MAX: for ever */
	uint64_t good;   /* frames of this round */
	const u_char *data;
	size_t len;
};

static int open_file(FILE **out, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		err = errno;
	else if (!fstat(fd, &st) && S_ISDIR(st.st_mode))
		err = EISDIR;
	else if (!(*out = fdopen(fd, "rb")))
		err = errno;
	if (!err)
		return 0;
	log_error("wire pcap: %s: %s; in= wants a capture file that you may read", path,
		  strerror(err));
	if (fd >= 0)
		close(fd);
	return -err;
}

/* Open the file from its start. */
static int open_round(struct pcap_in *p)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	FILE *file;
	int err = open_file(&file, p->path);

	if (err)
		return err;
	p->pcap =
		pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (!p->pcap) {
		fclose(file);
		log_error("wire pcap: %s: not a whole pcap or pcapng header (%s); the file is "
			  "truncated or no capture, save it again",
			  p->path, reason);
		return -EINVAL;
	}
	if (pcap_datalink(p->pcap) != DLT_EN10MB) {
		const char *type = pcap_datalink_val_to_name(pcap_datalink(p->pcap));

		log_error("wire pcap: %s: holds frames of type %s; want Ethernet (EN10MB)", p->path,
			  type ? type : "unknown");
		pcap_close(p->pcap);
		p->pcap = NULL;
		return -EINVAL;
	}
	p->good = 0;
	return 0;
}

int pcap_in_open(struct pcap_in **out, const char *path, uint64_t loop)
{
	struct pcap_in *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	if (!p)
		return err;
	p->path = strdup(path);
	p->rounds = loop - 1; /* 0 wraps to for ever */
	if (p->path)
		err = open_round(p);
	if (err) {
		pcap_in_close(p);
		return err;
	}
	*out = p;
	return 0;
}

static void end(struct pcap_in *p)
{
	if (p->pcap)
		pcap_close(p->pcap);
	p->pcap = NULL;
}

/* At the end of the file: 1 = it starts again. A file without frames is not read for ever. */
static int again(struct pcap_in *p)
{
	uint64_t good = p->good;

	end(p);
	if (!p->rounds || !good || open_round(p))
		return 0;
	if (p->rounds != UINT64_MAX)
		p->rounds--;
	return 1;
}

enum pcap_in_result pcap_in_next(struct pcap_in *p)
{
	struct pcap_pkthdr *head;
	int got;

	if (!p->pcap)
		return PCAP_IN_END;
	do {
		got = pcap_next_ex(p->pcap, &head, &p->data);
	} while (got == PCAP_ERROR_BREAK && again(p));
	if (got == PCAP_ERROR_BREAK)
		return PCAP_IN_END;
	if (got != 1) {
		log_error("wire pcap: %s: after %llu frames of this pass: %s; the file is "
			  "truncated or damaged, nothing more is read",
			  p->path, (unsigned long long)p->good, pcap_geterr(p->pcap));
		end(p);
		return PCAP_IN_DAMAGED;
	}
	if (head->caplen < head->len)
		return PCAP_IN_CUT;
	if (head->caplen < 14)
		return PCAP_IN_RUNT;
	p->len = head->caplen;
	p->good++;
	return PCAP_IN_FRAME;
}

const void *pcap_in_frame(const struct pcap_in *p, size_t *len)
{
	*len = p->len;
	return p->data;
}

int pcap_in_ended(const struct pcap_in *p)
{
	return !p->pcap;
}

void pcap_in_close(struct pcap_in *p)
{
	if (!p)
		return;
	end(p);
	free(p->path);
	free(p);
}

#else

int pcap_in_open(struct pcap_in **out, const char *path, uint64_t loop)
{
	(void)out;
	(void)loop;
	log_error("wire pcap: %s: this build cannot read captures, it was made without libpcap; "
		  "`apt-get install libpcap-dev` and build again",
		  path);
	return -ENOTSUP;
}

enum pcap_in_result pcap_in_next(struct pcap_in *p)
{
	(void)p;
	return PCAP_IN_END;
}

const void *pcap_in_frame(const struct pcap_in *p, size_t *len)
{
	(void)p;
	*len = 0;
	return NULL;
}

int pcap_in_ended(const struct pcap_in *p)
{
	(void)p;
	return 1;
}

void pcap_in_close(struct pcap_in *p)
{
	(void)p;
}

#endif
