/* whip.c: libcurl does the talking. */
#include "tests/load/phone/whip.h"

#include <curl/curl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECT_MS = 5000, WHOLE_MS = 10000, GOODBYE_MS = 3000, ANSWER_BYTES = 256 * 1024 };

static size_t whip_body(char *bytes, size_t size, size_t count, void *data)
{
    GString *body = data;
    if (body->len + size * count > ANSWER_BYTES)
        return 0;
    g_string_append_len(body, bytes, (gssize)(size * count));
    return size * count;
}

static int whip_progress(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    const bool *stop = data;
    return stop && __atomic_load_n(stop, __ATOMIC_RELAXED);
}

static CURL *whip_open(const struct whip_door *door, const char *url, struct curl_slist **headers,
                       GString *body)
{
    CURL *curl = curl_easy_init();
    g_assert(curl);
    if (door->token) {
        g_autofree char *bearer = g_strdup_printf("Authorization: Bearer %s", door->token);
        *headers = curl_slist_append(*headers, bearer);
    }
    *headers =
        curl_slist_append(*headers, "Expect:"); /* a wait of a second with servers that do not know it */
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, whip_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "cho-nuong-phone");
    if (door->insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (door->ca)
        curl_easy_setopt(curl, CURLOPT_CAINFO, door->ca);
    return curl;
}

/* Location may be relative to the URL that answered. */
static char *whip_absolute(const char *base, const char *location)
{
    char *text = NULL;
    CURLU *url = curl_url();
    if (url && curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(url, CURLUPART_URL, location, 0) == CURLUE_OK)
        curl_url_get(url, CURLUPART_URL, &text, 0);
    char *own = g_strdup(text ? text : "");
    curl_free(text);
    curl_url_cleanup(url);
    return own;
}

void whip_post(const struct whip_door *door, const char *offer, struct whip_reply *reply)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/sdp");
    g_autoptr(GString) body = g_string_new(NULL);
    CURL *curl = whip_open(door, door->url, &headers, body);
    struct curl_header *header;
    long status = 0;
    char *base = NULL;
    *reply = (struct whip_reply){0};
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, offer);
    curl_easy_setopt(curl, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L); /* RFC 9725 balances load by 307 */
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 3L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, whip_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)door->stop);
    CURLcode done = curl_easy_perform(curl);
    if (done != CURLE_OK)
        g_strlcpy(reply->words, curl_easy_strerror(done), sizeof reply->words);
    else {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &base);
        reply->status = (int)status;
        if (curl_easy_header(curl, "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
            reply->retry_ms = (int)MIN(g_ascii_strtoull(header->value, NULL, 10), 60) * 1000;
        if (status == 201) {
            reply->answer = g_strdup(body->str);
            reply->session = curl_easy_header(curl, "Location", 0, CURLH_HEADER, -1, &header) == CURLHE_OK
                                 ? whip_absolute(base, header->value)
                                 : g_strdup("");
        } else
            g_strlcpy(reply->words, body->str, sizeof reply->words);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
}

int whip_delete(const struct whip_door *door, const char *session)
{
    struct curl_slist *headers = NULL;
    g_autoptr(GString) body = g_string_new(NULL);
    CURL *curl = whip_open(door, session, &headers, body);
    long status = 0;
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)GOODBYE_MS); /* a goodbye, also while stopping */
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    return (int)status;
}

void whip_reply_done(struct whip_reply *reply)
{
    g_clear_pointer(&reply->answer, g_free);
    g_clear_pointer(&reply->session, g_free);
}
