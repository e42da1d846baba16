/* result.c: looks outcomes up in the one list of result.h. */
#include "market/base/result.h"

#include <assert.h>

static const struct {
    int http;
    const char *code;
} outcomes[R_COUNT] = {
#define X(name, http, code) [R_##name] = {http, code},
    OUTCOMES(X)
#undef X
};

int result_http(enum result r)
{
    assert(r >= 0 && r < R_COUNT);
    return outcomes[r].http;
}

const char *result_code(enum result r)
{
    assert(r >= 0 && r < R_COUNT);
    return outcomes[r].code;
}
