/* The names the market gives its sessions, and what is kept of those on another worker. Those here have a
 * peer: test_relay_worker.c, test_relay_crew.c. */
#include "streamer/relay/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static int setup(void **state)
{
    struct sessions *s = sessions_new();
    struct session *one = sessions_add(s, "a", NULL, NULL);
    one->away = 2;
    g_strlcpy(one->room, "chim", sizeof one->room);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    sessions_free(*state);
    return 0;
}

static void note(struct sessions *s, const char *json)
{
    json_t *said = json_loads(json, 0, NULL);
    assert_non_null(said);
    sessions_note(s, said);
    json_decref(said);
}

static void listed_as(struct sessions *s, const char *json)
{
    json_t *list = sessions_list(s), *wanted = json_loads(json, 0, NULL);
    assert_non_null(wanted);
    assert_true(json_equal(list, wanted));
    json_decref(list);
    json_decref(wanted);
}

static void a_name_is_there_until_it_is_removed(void **state)
{
    struct sessions *s = *state;
    assert_true(sessions_get(s, "a")->watch);
    assert_null(sessions_get(s, "b"));
    assert_true(sessions_remove(s, "a"));
    assert_false(sessions_remove(s, "a"));
    assert_null(sessions_get(s, "a"));
    listed_as(s, "[]");
}

static void what_another_worker_says_of_its_viewer_is_kept(void **state)
{
    struct sessions *s = *state;
    listed_as(s, "[{\"session\":\"a\",\"room\":\"chim\",\"kind\":\"watch\",\"etag\":\"\"}]");
    note(s, "{\"t\":\"answer\",\"ok\":true,\"session\":\"a\",\"etag\":\"E1\",\"video\":0}");
    listed_as(s, "[{\"session\":\"a\",\"room\":\"chim\",\"kind\":\"watch\",\"etag\":\"E1\",\"video\":0}]");
    note(s, "{\"t\":\"session\",\"session\":\"a\",\"state\":\"connected\"}");
    note(s,
         "{\"t\":\"answer\",\"ok\":true,\"session\":\"a\",\"etag\":\"E2\"}"); /* a restart: the line stays */
    listed_as(s, "[{\"session\":\"a\",\"room\":\"chim\",\"kind\":\"watch\",\"etag\":\"E2\",\"video\":0,"
                 "\"rendition\":\"source\"}]");
    note(s, "{\"t\":\"rendition\",\"session\":\"a\",\"rendition\":\"low\"}");
    note(s, "{\"t\":\"session\",\"session\":\"a\",\"state\":\"connected\"}"); /* no step back to the source */
    assert_string_equal(sessions_get(s, "a")->rendition, "low");
}

static void nonsense_and_words_about_others_change_nothing(void **state)
{
    struct sessions *s = *state;
    static const char *const said[] = {
        "{}",
        "{\"t\":\"answer\",\"etag\":\"E\"}",
        "{\"t\":\"answer\",\"session\":\"b\",\"etag\":\"E\"}",
        "{\"t\":\"answer\",\"session\":\"a\",\"etag\":7,\"video\":3}",
        "{\"t\":\"rendition\",\"session\":\"a\",\"rendition\":\"best\"}",
        "{\"t\":\"rendition\",\"session\":\"a\",\"rendition\":null}",
        "{\"t\":\"file\",\"session\":\"a\",\"etag\":\"E\"}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(said); i++)
        note(s, said[i]);
    listed_as(s, "[{\"session\":\"a\",\"room\":\"chim\",\"kind\":\"watch\",\"etag\":\"\"}]");
}

/* A market that comes back is told of everybody in one frame: one too long for it would end the link, which
 * is dialled anew, and so on for as long as they watch. */
static void a_full_relays_list_fits_a_frame(void **state)
{
    struct sessions *s = *state;
    char name[LINK_SESSION_NAME + 1];
    sessions_remove(s, "a");
    for (unsigned i = 0; i < PEERS_MAX + ROOMS_MAX; i++) {
        g_snprintf(name, sizeof name, "%032x", i);
        struct session *one = sessions_add(s, name, NULL, NULL);
        *one = (struct session){.watch = i > ROOMS_MAX, .away = 1, .rendition = "source", .line = 1};
        memset(one->room, 'x', LINK_ROOM_NAME_MAX);
        memset(one->etag, '/', ICE_UFRAG);
    }
    json_t *said = json_pack("{s:s, s:o}", "t", "sessions", "sessions", sessions_list(s));
    char *text = json_dumps(said, JSON_COMPACT);
    assert_in_range(strlen(text), 1, LINK_FRAME_MAX);
    free(text);
    json_decref(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_is_there_until_it_is_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_another_worker_says_of_its_viewer_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_and_words_about_others_change_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_relays_list_fits_a_frame, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
