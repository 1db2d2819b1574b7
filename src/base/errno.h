/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Error numbers for code that compiles freestanding. With a C library they are its own, so that
 * callers can use strerror; without one, Linux's generic values.
 */
#ifndef BASE_ERRNO_H
#define BASE_ERRNO_H

#if __STDC_HOSTED__
#include <errno.h>
#else
enum {
	EIO = 5,
	EAGAIN = 11,
	ENOMEM = 12,
	EFAULT = 14,
	EBUSY = 16,
	ENODEV = 19,
	EINVAL = 22,
	ENOTSUP = 95,
	ETIMEDOUT = 110,
};
#endif
#endif
