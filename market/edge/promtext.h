/* promtext.h: writes Prometheus' text form (version 0.0.4): a family with its help and type, then its
 * samples. Names and labels are our own constants or have passed promtext_is_name. No thread, no I/O. */
#ifndef EDGE_PROMTEXT_H
#define EDGE_PROMTEXT_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

bool promtext_is_name(const char *text); /* [a-z][a-z0-9_]{0,63} */
/* `type`: "counter", "gauge" or "histogram". */
void promtext_family(GString *out, const char *name, const char *type, const char *help);
/* `label` NULL: none. */
void promtext_sample(GString *out, const char *name, const char *label, const char *value, uint64_t number);
/* A family with one sample. */
void promtext_one(GString *out, const char *name, const char *type, const char *help, uint64_t number);
/* A histogram of microseconds, told in seconds. `counts` has one more than `bounds_us`: what was longer. */
void promtext_seconds(GString *out, const char *name, const char *help, const uint32_t *bounds_us,
                      const uint64_t *counts, size_t bounds, uint64_t sum_us);
/* The relay's answer to "stats" (streamer/link.h); NULL: no relay. Members that are no
 * numbers or have odd names are passed over. */
void promtext_relay(GString *out, const json_t *stats);

#endif
