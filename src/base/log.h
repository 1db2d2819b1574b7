/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Log lines. The sink is the one global of the library; a freestanding program supplies its own
 * log_write instead of linking log.c. Never used on the packet path.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG }; /* = enum nic_log_level */

/** log_write - one line, printf-like, without newline. */
void log_write(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

#endif
