/* sample.h: a growing set of measured values and its quantiles. One thread. */
#ifndef LOAD_SAMPLE_H
#define LOAD_SAMPLE_H

#include <glib.h>
#include <jansson.h>

struct sample {
    GArray *values; /* double */
};

void sample_init(struct sample *s);
void sample_done(struct sample *s);
void sample_add(struct sample *s, double value);
/* The value below which `q` (0…1) of the values lie, nearest rank; 0 when empty. Sorts in place. */
double sample_quantile(struct sample *s, double q);
/* {"n":…,"p50":…,"p95":…,"p99":…,"max":…}, values rounded to 1/1000; the caller owns the object. */
json_t *sample_json(struct sample *s);
/* A JSON real rounded to 1/1000, for readable figures. */
json_t *sample_real(double value);

#endif
