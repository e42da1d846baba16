/* RFC 4571: a stream is taken apart into its datagrams wherever it was cut, and strangers' lengths are
 * refused. */
#include "streamer/relay/frames.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

struct heard {
    GByteArray *all;
    GArray *sizes; /* size_t */
};

static void hear(void *arg, uint8_t *bytes, size_t size)
{
    struct heard *h = arg;
    g_byte_array_append(h->all, bytes, (guint)size);
    g_array_append_val(h->sizes, size);
    memset(bytes, 0, size); /* whoever opens a packet in place must not harm the next one */
}

static struct heard heard_new(void)
{
    return (struct heard){.all = g_byte_array_new(), .sizes = g_array_new(FALSE, FALSE, sizeof(size_t))};
}

static void heard_done(struct heard *h)
{
    g_byte_array_unref(h->all);
    g_array_unref(h->sizes);
}

static void stream_add(GByteArray *stream, int letter, size_t size)
{
    uint8_t head[FRAMES_HEAD], datagram[DATAGRAM_MAX];
    frames_write_head(head, size);
    memset(datagram, letter, sizeof datagram);
    g_byte_array_append(stream, head, sizeof head);
    g_byte_array_append(stream, datagram, (guint)size);
}

/* In pieces of so many bytes, or less where there is less room. */
static bool feed(struct frames *f, const GByteArray *stream, size_t piece, struct heard *h)
{
    for (size_t at = 0, came; at < stream->len; at += came) {
        size_t room;
        uint8_t *place = frames_place(f, &room);
        assert_true(room > 0);
        came = MIN(MIN(piece, room), stream->len - at);
        memcpy(place, stream->data + at, came);
        if (!frames_take(f, came, hear, h))
            return false;
    }
    return true;
}

static void wherever_it_is_cut_the_same_datagrams_come_out(void **state)
{
    static const size_t sizes[] = {1, DATAGRAM_MAX, 20, 2, DATAGRAM_MAX, 1200};
    g_autoptr(GByteArray) stream = g_byte_array_new();
    (void)state;
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++)
        stream_add(stream, 'a' + (int)i, sizes[i]);
    for (size_t piece = 1; piece < stream->len; piece += piece < 40 ? 1 : 97) {
        struct frames f = {0};
        struct heard h = heard_new();
        assert_true(feed(&f, stream, piece, &h));
        assert_int_equal(h.sizes->len, G_N_ELEMENTS(sizes));
        for (size_t i = 0, at = 0; i < G_N_ELEMENTS(sizes); at += sizes[i++]) {
            assert_int_equal(g_array_index(h.sizes, size_t, i), sizes[i]);
            for (size_t n = 0; n < sizes[i]; n++)
                assert_int_equal(h.all->data[at + n], 'a' + (int)i);
        }
        heard_done(&h);
    }
}

static void what_is_not_whole_waits(void **state)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct frames f = {0};
    struct heard h = heard_new();
    (void)state;
    stream_add(stream, 'a', 100);
    g_byte_array_set_size(stream, stream->len - 1);
    assert_true(feed(&f, stream, 1000, &h));
    assert_int_equal(h.sizes->len, 0);
    g_byte_array_set_size(stream, 1);
    stream->data[0] = 'a';
    assert_true(feed(&f, stream, 1000, &h));
    assert_int_equal(h.sizes->len, 1);
    heard_done(&h);
}

static void a_wrong_length_ends_it_after_what_came_before(void **state)
{
    static const uint8_t wrong[][2] = {
        {0, 0}, {(DATAGRAM_MAX + 1) >> 8, (DATAGRAM_MAX + 1) & 255}, {255, 255}};
    (void)state;
    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        struct frames f = {0};
        struct heard h = heard_new();
        stream_add(stream, 'a', 7);
        g_byte_array_append(stream, wrong[i], 2);
        stream_add(stream, 'b', 7);
        assert_false(feed(&f, stream, 5, &h));
        assert_int_equal(h.sizes->len, 1);
        assert_memory_equal(h.all->data, "aaaaaaa", 7);
        heard_done(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wherever_it_is_cut_the_same_datagrams_come_out),
        cmocka_unit_test(what_is_not_whole_waits),
        cmocka_unit_test(a_wrong_length_ends_it_after_what_came_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
