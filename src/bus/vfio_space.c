/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How this process gets at devices through VFIO: by a container with one group (type1v2), by an
 * iommufd where the device has a node of its own, or without an IOMMU when the URI asks for it.
 * Facts: Documentation/driver-api/vfio.rst, include/uapi/linux/vfio.h.
 */
#include "bus/vfio.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* The groups that this process has: the kernel allows each to be opened once. */
static struct vfio_space *spaces;
static pthread_mutex_t spaces_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- groups ---- */

/* Name the devices that keep a group from being viable: those that a kernel driver has. */
static void say_not_viable(const struct vfio_space *s, const char *name)
{
	char address[16], driver[64];
	unsigned said = 0;

	for (unsigned i = 0; !kernel_entry(address, sizeof(address), i,
					   "%s/kernel/iommu_groups/%s/devices", s->k.sys, s->group);
	     i++) {
		if (kernel_link(driver, sizeof(driver), "%s/bus/pci/devices/%s/driver", s->k.sys,
				address) ||
		    !strncmp(driver, "vfio", 4) || !strcmp(driver, "pcieport"))
			continue;
		log_error("%s: %s is in the same IOMMU group %s and belongs to the kernel's %s; "
			  "a group changes hands as a whole: nicety bind %s",
			  name, address, s->group, driver, address);
		said++;
	}
	if (!said)
		log_error("%s: the kernel says that IOMMU group %s is not viable; see "
			  "/sys/kernel/iommu_groups/%s/devices",
			  name, s->group, s->group);
}

static int say_open_error(const struct vfio_space *s, const char *name, const char *node, int err)
{
	if (err == -EACCES)
		log_error("%s: no right to open %s/vfio/%s: sudo chown $USER %s/vfio/%s", name,
			  s->k.dev, node, s->k.dev, node);
	else if (err == -EBUSY)
		log_error("%s: another process has IOMMU group %s; find it: fuser -v %s/vfio/%s",
			  name, s->group, s->k.dev, node);
	else if (err == -ENOENT && s->how == VFIO_NO_IOMMU)
		log_error("%s: there is no %s/vfio/%s: echo 1 > "
			  "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode, then bind the "
			  "device again; with an IOMMU at work open it without ?noiommu",
			  name, s->k.dev, node);
	else if (err == -EPERM)
		log_error("%s: %s/vfio/%s wants CAP_SYS_RAWIO: without an IOMMU only root may "
			  "hand DMA to a device",
			  name, s->k.dev, node);
	else
		log_error("%s: %s/vfio/%s cannot be opened: %s; is the module loaded? modprobe "
			  "vfio-pci",
			  name, s->k.dev, node, strerror(-err));
	return err;
}

static int open_group(struct vfio_space *s, const char *name)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	const int type = s->how == VFIO_NO_IOMMU ? VFIO_NOIOMMU_IOMMU : VFIO_TYPE1v2_IOMMU;
	char node[32];
	int err;

	s->container = kernel_open(&s->k, O_RDWR, "%s/vfio/vfio", s->k.dev);
	if (s->container < 0)
		return say_open_error(s, name, "vfio", s->container);
	if (s->k.ioctl(s->container, VFIO_GET_API_VERSION, NULL) != VFIO_API_VERSION ||
	    s->k.ioctl(s->container, VFIO_CHECK_EXTENSION, (void *)(uintptr_t)type) != 1) {
		log_error("%s: this kernel's VFIO has no %s", name,
			  s->how == VFIO_NO_IOMMU ? "no-IOMMU mode"
						  : "type 1 IOMMU: modprobe vfio_iommu_type1");
		err = -ENOTSUP;
		goto close_container;
	}
	snprintf(node, sizeof(node), "%s%s", s->how == VFIO_NO_IOMMU ? "noiommu-" : "", s->group);
	s->group_fd = kernel_open(&s->k, O_RDWR, "%s/vfio/%s", s->k.dev, node);
	err = s->group_fd;
	if (err < 0) {
		say_open_error(s, name, node, err);
		goto close_container;
	}
	err = s->k.ioctl(s->group_fd, VFIO_GROUP_GET_STATUS, &status) ? -errno : 0;
	if (!err && !(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
		say_not_viable(s, name);
		err = -EBUSY;
		goto close_group;
	}
	if (!err && (s->k.ioctl(s->group_fd, VFIO_GROUP_SET_CONTAINER, &s->container) ||
		     s->k.ioctl(s->container, VFIO_SET_IOMMU, (void *)(uintptr_t)type)))
		err = -errno;
	if (!err)
		return 0;
	log_error("%s: IOMMU group %s cannot be used: %s", name, s->group, strerror(-err));
close_group:
	s->k.close(s->group_fd);
close_container:
	s->k.close(s->container);
	return err;
}

static int group_device(struct vfio_space *s, const char *address, const char *name)
{
	char text[16];
	int fd;

	memcpy(text, address, sizeof(text));
	fd = s->k.ioctl(s->group_fd, VFIO_GROUP_GET_DEVICE_FD, text);
	if (fd >= 0)
		return fd;
	fd = -errno;
	log_error("%s: VFIO does not hand the device out: %s%s", name, strerror(-fd),
		  fd == -EBUSY ? "; it is open already" : "");
	return fd;
}

/* ---- device nodes and iommufd ---- */

/* Open the device's own node, if kernel and rights allow both it and /dev/iommu. */
static int open_node(struct vfio_space *s, const char *address)
{
	char node[32];
	int fd;

	if (kernel_entry(node, sizeof(node), 0, "%s/bus/pci/devices/%s/vfio-dev", s->k.sys,
			 address))
		return -ENOENT;
	fd = kernel_open(&s->k, O_RDWR, "%s/vfio/devices/%s", s->k.dev, node);
	if (fd < 0 || s->how == VFIO_BY_IOMMUFD)
		return fd;
	s->container = kernel_open(&s->k, O_RDWR, "%s/iommu", s->k.dev);
	if (s->container >= 0)
		return fd;
	s->k.close(fd);
	return s->container;
}

/* Tie an open node to the iommufd; the first device of the space makes the IOAS. */
static int bind_node(struct vfio_space *s, int fd, const char *name)
{
	struct iommufd_bind bind = { .argsz = sizeof(bind), .iommufd = s->container };
	struct iommufd_alloc alloc = { .size = sizeof(alloc) };
	struct iommufd_attach attach = { .argsz = sizeof(attach) };
	const char *what = "bound to an iommufd; a device of its group may be in use";
	int err = s->k.ioctl(fd, IOMMUFD_DEVICE_BIND, &bind) ? -errno : 0;

	if (!err && !s->users) {
		what = "given an address space";
		err = s->k.ioctl(s->container, IOMMUFD_IOAS_ALLOC, &alloc) ? -errno : 0;
		s->ioas = alloc.ioas;
	}
	if (!err) {
		what = "attached to its address space";
		attach.ioas = s->ioas;
		err = s->k.ioctl(fd, IOMMUFD_DEVICE_ATTACH, &attach) ? -errno : 0;
	}
	if (err)
		log_error("%s: the device cannot be %s: %s", name, what, strerror(-err));
	return err;
}

/* ---- spaces ---- */

/* A descriptor of the device in a space that is open or, with no users yet, to be opened. */
static int enter(struct vfio_space *s, const struct real_uri *uri, const char *name)
{
	int fd, err;

	if (!s->users)
		s->how = uri->noiommu ? VFIO_NO_IOMMU : VFIO_BY_GROUP;
	if (s->users ? s->how == VFIO_BY_IOMMUFD : !uri->noiommu) {
		fd = open_node(s, uri->address);
		if (fd >= 0) {
			s->how = VFIO_BY_IOMMUFD;
			err = bind_node(s, fd, name);
			if (!err)
				return fd;
			s->k.close(fd);
			if (!s->users)
				s->k.close(s->container);
			return err;
		}
		if (s->users) {
			log_error("%s: the device's node cannot be opened: %s", name,
				  strerror(-fd));
			return fd;
		}
	}
	err = s->users ? 0 : open_group(s, name);
	if (err)
		return err;
	fd = group_device(s, uri->address, name);
	if (fd < 0 && !s->users) {
		s->k.close(s->group_fd);
		s->k.close(s->container);
	}
	return fd;
}

static struct vfio_space *find_space(const char *group)
{
	struct vfio_space *s = spaces;

	while (s && strcmp(s->group, group))
		s = s->next;
	return s;
}

static struct vfio_space *new_space(const struct kernel *k, const char *group)
{
	struct vfio_space *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->k = *k;
	s->group_fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	memcpy(s->group, group, strlen(group) + 1);
	return s;
}

static void del_space(struct vfio_space *s)
{
	pthread_mutex_destroy(&s->lock);
	free(s->maps);
	free(s);
}

/* Called with the lock held. */
static int get_space(struct vfio_space **out, int *fd, const struct kernel *k, const char *group,
		     const struct real_uri *uri, const char *name)
{
	struct vfio_space *s = find_space(group);
	int got;

	if (!s)
		s = new_space(k, group);
	if (!s)
		return -ENOMEM;
	got = enter(s, uri, name);
	if (got < 0) {
		if (!s->users)
			del_space(s);
		return got;
	}
	if (!s->users++) {
		s->next = spaces;
		spaces = s;
		vfio_space_ranges(s);
	}
	*out = s;
	*fd = got;
	return 0;
}

int vfio_space_get(struct vfio_space **out, int *fd, const struct kernel *k,
		   const struct real_uri *uri, const char *name)
{
	char group[16], kind[32];
	int err = kernel_link(group, sizeof(group), "%s/bus/pci/devices/%s/iommu_group", k->sys,
			      uri->address);

	if (err) {
		log_error(
			"%s: the device has no IOMMU group: turn the IOMMU on in the firmware "
			"(VT-d, AMD-Vi) and on the kernel's command line (intel_iommu=on), or see "
			"?noiommu in nicety-uri(7)",
			name);
		return -ENOTSUP;
	}
	/* In its unsafe mode vfio-pci makes up a group, which has this name. */
	if (!uri->noiommu &&
	    !kernel_word(k, kind, sizeof(kind), "%s/kernel/iommu_groups/%s/name", k->sys, group) &&
	    !strcmp(kind, "vfio-noiommu")) {
		log_error("%s: the device is behind no IOMMU, and VFIO's unsafe mode must be asked "
			  "for: open it as pci:%s?noiommu",
			  name, uri->address);
		return -ENOTSUP;
	}
	pthread_mutex_lock(&spaces_lock);
	err = get_space(out, fd, k, group, uri, name);
	pthread_mutex_unlock(&spaces_lock);
	return err;
}

void vfio_space_put(struct vfio_space *s)
{
	struct vfio_space **p = &spaces;

	pthread_mutex_lock(&spaces_lock);
	if (--s->users == 0) {
		while (*p != s)
			p = &(*p)->next;
		*p = s->next;
		if (s->group_fd >= 0)
			s->k.close(s->group_fd);
		s->k.close(s->container); /* and with it all mappings */
		del_space(s);
	}
	pthread_mutex_unlock(&spaces_lock);
}
