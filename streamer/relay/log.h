/* log.h: one JSON line per event on stderr, the same shape as the market's:
 * {"at":ms,"level":"info","event":"…",…}. Never for single packets: those are counted. Any thread. */
#ifndef RELAY_LOG_H
#define RELAY_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_quiet(enum log_level least); /* lines below `least` are not written; the default is LOG_INFO */

/* `pairs` is a jansson pack format for the members of an object, without braces: log_event(LOG_INFO,
 * "room.live", "s:s, s:i", "room", name, "viewers", 3). Secrets and addresses of viewers do not belong here.
 */
void log_event(enum log_level level, const char *event, const char *pairs, ...);

#endif
