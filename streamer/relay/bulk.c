/* bulk.c: one manager of the library for each thread. Its CM jobs are done a dozen at a time and come back in
 * the order they were given; a job's IV and tag wait in its slot of a ring as long as the library's queue. */
#include "streamer/relay/bulk.h"

#include <glib.h>
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum {
    BULK_ALIGN = 64,
    BULK_SCHEDULE = 11 * 16,
    CM_TAG = 10,
    SHA1_TAG = 20,
    CTR_IV = 16,
    BULK_SLOTS = IMB_MAX_JOBS
};

static bool bulk_refused;

struct bulk_key {
    union {
        struct gcm_key_data gcm;
        struct {
            _Alignas(16) uint8_t schedule[BULK_SCHEDULE];
            _Alignas(16) uint8_t inner[SHA1_TAG], outer[SHA1_TAG]; /* SHA-1 states with the key in */
        } cm;
    };
};

struct slot {
    _Alignas(16) uint8_t iv[CTR_IV];
    uint8_t tag[SHA1_TAG];
};

struct bulk {         /* of a thread */
    IMB_MGR *manager; /* NULL: this processor is not for it */
    unsigned given, done;
    struct slot slots[BULK_SLOTS];
};

static void bulk_free(void *arg)
{
    struct bulk *b = arg;
    if (b->manager)
        free_mb_mgr(b->manager);
    free(b);
}

static GPrivate bulk_private = G_PRIVATE_INIT(bulk_free);

static void *bulk_allocate(size_t size)
{
    void *p = aligned_alloc(BULK_ALIGN, (size + BULK_ALIGN - 1) / BULK_ALIGN * BULK_ALIGN);
    if (!p)
        g_error("no memory");
    return memset(p, 0, size);
}

static struct bulk *bulk_mine(void)
{
    struct bulk *b = g_private_get(&bulk_private);
    if (b)
        return b;
    b = bulk_allocate(sizeof *b);
    b->manager = alloc_mb_mgr(0);
    if (b->manager)
        init_mb_mgr_auto(b->manager, NULL);
    if (b->manager && (!(b->manager->features & IMB_FEATURE_AESNI) || imb_get_errno(b->manager) != 0)) {
        free_mb_mgr(b->manager);
        b->manager = NULL;
    }
    g_private_set(&bulk_private, b);
    return b;
}

void bulk_start(void)
{
    if (!bulk_refused)
        (void)bulk_mine();
}

static void bulk_cm_key(IMB_MGR *m, struct bulk_key *k, const uint8_t *session, const uint8_t *auth)
{
    _Alignas(16) uint8_t backwards[BULK_SCHEDULE];
    uint8_t block[IMB_SHA1_BLOCK_SIZE];
    IMB_AES_KEYEXP_128(m, session, k->cm.schedule, backwards);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (uint8_t)(0x36 ^ (i < SHA1_TAG ? auth[i] : 0));
    IMB_SHA1_ONE_BLOCK(m, block, k->cm.inner);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    IMB_SHA1_ONE_BLOCK(m, block, k->cm.outer);
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(backwards, sizeof backwards);
}

struct bulk_key *bulk_key_new(const uint8_t *session, const uint8_t *auth)
{
    IMB_MGR *m = bulk_refused ? NULL : bulk_mine()->manager;
    if (!m)
        return NULL;
    struct bulk_key *k = bulk_allocate(sizeof *k);
    if (auth)
        bulk_cm_key(m, k, session, auth);
    else
        IMB_AES128_GCM_PRE(m, session, &k->gcm);
    return k;
}

void bulk_key_free(struct bulk_key *k)
{
    if (!k)
        return;
    bulk_finish();
    OPENSSL_cleanse(k, sizeof *k);
    free(k);
}

void bulk_key_prefetch(const struct bulk_key *k)
{
    for (size_t at = 0; at < sizeof *k; at += BULK_ALIGN)
        __builtin_prefetch((const uint8_t *)k + at);
}

void bulk_gcm(const struct bulk_key *k, const uint8_t iv[12], const uint8_t *aad, size_t aad_size,
              uint8_t *out, const uint8_t *in, size_t size)
{
    struct gcm_context_data context;
    IMB_AES128_GCM_ENC(bulk_mine()->manager, &k->gcm, &context, out, in, size, iv, aad, aad_size, out + size,
                       16);
}

/* The library gives back a whole tag; the packet behind has its first bytes where the second half would be.
 */
static void bulk_done(struct bulk *b, const IMB_JOB *job)
{
    memcpy(job->user_data, b->slots[b->done++ % BULK_SLOTS].tag, CM_TAG);
}

void bulk_cm(const struct bulk_key *k, const uint8_t iv[16], uint8_t *out, size_t head, size_t size,
             const uint8_t roc[4])
{
    struct bulk *b = bulk_mine();
    struct slot *slot = &b->slots[b->given++ % BULK_SLOTS];
    IMB_JOB *job = IMB_GET_NEXT_JOB(b->manager);
    memcpy(slot->iv, iv, sizeof slot->iv);
    memcpy(out + size, roc, 4); /* its place is the tag's later */
    *job = (IMB_JOB){
        .cipher_mode = IMB_CIPHER_CNTR,
        .cipher_direction = IMB_DIR_ENCRYPT,
        .chain_order = IMB_ORDER_CIPHER_HASH,
        .hash_alg = IMB_AUTH_HMAC_SHA_1,
        .enc_keys = k->cm.schedule,
        .dec_keys = k->cm.schedule, /* CTR goes one way only */
        .key_len_in_bytes = 16,
        .iv = slot->iv,
        .iv_len_in_bytes = CTR_IV,
        .src = out,
        .dst = out + head,
        .cipher_start_src_offset_in_bytes = head,
        .msg_len_to_cipher_in_bytes = size - head,
        .hash_start_src_offset_in_bytes = 0,
        .msg_len_to_hash_in_bytes = size + 4,
        .auth_tag_output = slot->tag,
        .auth_tag_output_len_in_bytes = SHA1_TAG,
        .u.HMAC = {._hashed_auth_key_xor_ipad = k->cm.inner, ._hashed_auth_key_xor_opad = k->cm.outer},
        .user_data = out + size,
    };
    for (job = IMB_SUBMIT_JOB_NOCHECK(b->manager); job; job = IMB_GET_COMPLETED_JOB(b->manager))
        bulk_done(b, job);
}

void bulk_finish(void)
{
    struct bulk *b = g_private_get(&bulk_private);
    while (b && b->given != b->done)
        bulk_done(b, IMB_FLUSH_JOB(b->manager));
}

void bulk_allow(bool allowed)
{
    bulk_refused = !allowed;
}
