/* sample.c: quantiles by sorting all values; runs are short enough to keep every one of them. */
#include "tests/load/base/sample.h"

#include <math.h>

void sample_init(struct sample *s)
{
    s->values = g_array_new(FALSE, FALSE, sizeof(double));
}

void sample_done(struct sample *s)
{
    if (s->values)
        g_array_unref(s->values);
    s->values = NULL;
}

void sample_add(struct sample *s, double value)
{
    g_array_append_val(s->values, value);
}

static gint compare(gconstpointer a, gconstpointer b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double sample_quantile(struct sample *s, double q)
{
    const guint n = s->values->len;
    if (n == 0)
        return 0;
    g_array_sort(s->values, compare);
    guint rank = (guint)ceil(q * n);
    rank = CLAMP(rank, 1, n);
    return g_array_index(s->values, double, rank - 1);
}

json_t *sample_real(double value)
{
    return json_real(round(value * 1000) / 1000);
}

json_t *sample_json(struct sample *s)
{
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "n", (int)s->values->len, "p50",
                     sample_real(sample_quantile(s, 0.50)), "p95", sample_real(sample_quantile(s, 0.95)),
                     "p99", sample_real(sample_quantile(s, 0.99)), "max",
                     sample_real(sample_quantile(s, 1.0)));
}
