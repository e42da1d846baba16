/* bulk_none.c: where there is no libipsec-mb (it is made for Intel's and AMD's processors): there are no
 * keys, and so no packets. */
#include "streamer/relay/bulk.h"

#include <glib.h>

void bulk_allow(bool allowed)
{
    (void)allowed;
}

void bulk_start(void)
{
}

struct bulk_key *bulk_key_new(const uint8_t *session, const uint8_t *auth)
{
    (void)session, (void)auth;
    return NULL;
}

void bulk_key_free(struct bulk_key *k)
{
    (void)k;
}

void bulk_key_prefetch(const struct bulk_key *k)
{
    (void)k;
}

void bulk_gcm(const struct bulk_key *k, const uint8_t iv[12], const uint8_t *aad, size_t aad_size,
              uint8_t *out, const uint8_t *in, size_t size)
{
    (void)k, (void)iv, (void)aad, (void)aad_size, (void)out, (void)in, (void)size;
    g_assert_not_reached();
}

void bulk_cm(const struct bulk_key *k, const uint8_t iv[16], uint8_t *out, size_t head, size_t size,
             const uint8_t roc[4])
{
    (void)k, (void)iv, (void)out, (void)head, (void)size, (void)roc;
    g_assert_not_reached();
}

void bulk_finish(void)
{
}
