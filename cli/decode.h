/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A frame in one line of text.
 */
#ifndef CLI_DECODE_H
#define CLI_DECODE_H

#include <stddef.h>
#include <stdint.h>

/**
 * decode_frame - "02:…:01 > 02:…:02, IPv4 10.0.0.1 > 10.0.0.2, ICMP echo request, id 7, seq 1".
 * @frame, @len: its first bytes, perhaps not all. Return: bytes of text, as snprintf.
 */
int decode_frame(char *buf, size_t room, const uint8_t *frame, size_t len);

#endif
