/* page.c: pages: a template of web/ with link-preview tags and the first state inlined, so that the first
 * answer shows something before any script asks. The state goes in as escaped JSON in <script
 * type="application/json">. Edge thread. */
#include "market/edge/page.h"

#include <string.h>
#include <unistd.h>
#include "market/edge/doors.h"
#include "market/edge/escape.h"
#include "market/edge/file.h"
#include "market/edge/header.h"
#include "market/edge/room.h"

static const char SITE[] = "Chợ Nương"; /* a name, the same in every language */

struct pages {
    struct edge *edge;
    GHashTable *templates; /* file name → text, read when first asked for */
};

struct pages *pages_new(struct edge *edge)
{
    struct pages *pages = g_new0(struct pages, 1);
    pages->edge = edge;
    pages->templates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return pages;
}

void pages_free(struct pages *pages)
{
    if (!pages)
        return;
    g_hash_table_destroy(pages->templates);
    g_free(pages);
}

void pages_forget(struct pages *pages)
{
    g_hash_table_remove_all(pages->templates);
}

/* New text, or NULL. */
static char *read_template(struct edge *edge, const char *name)
{
    struct file file;
    if (!file_open(edge->web_fd, name, &file))
        return NULL;
    char *text = g_malloc0((gsize)file.size + 1);
    ssize_t got = pread(file.fd, text, (size_t)file.size, 0);
    close(file.fd);
    if (got == file.size)
        return text;
    g_free(text);
    return NULL;
}

static const char *template_of(struct pages *pages, const char *name)
{
    const char *text = g_hash_table_lookup(pages->templates, name);
    if (text)
        return text;
    char *fresh = read_template(pages->edge, name);
    if (fresh)
        g_hash_table_insert(pages->templates, g_strdup(name), fresh);
    return fresh;
}

/* Appends template text; the language mark of <html> gets the page's language. */
static void append_in_language(GString *out, const char *from, const char *to, const char *lang)
{
    g_autofree char *part = g_strndup(from, (gsize)(to - from));
    const char *html = strstr(part, "<html"), *mark = html ? strstr(html, "lang=\"") : NULL;
    const char *end = mark ? strchr(mark + 6, '"') : NULL;
    if (!end) {
        g_string_append(out, part);
        return;
    }
    g_string_append_len(out, part, mark + 6 - part);
    g_string_append(out, lang);
    g_string_append(out, end);
}

char *page_fill(const char *template, const char *lang, const char *og, const char *state)
{
    static const char og_mark[] = "<!--og-->", state_mark[] = "<!--state-->";
    GString *out = g_string_sized_new(strlen(template) + strlen(og) + strlen(state) + 64);
    const char *at = template;
    while (*at) {
        const char *next_og = strstr(at, og_mark), *next_state = strstr(at, state_mark);
        bool og_first = next_og && (!next_state || next_og < next_state);
        const char *next = og_first ? next_og : next_state;
        append_in_language(out, at, next ? next : at + strlen(at), lang);
        if (!next)
            break;
        g_string_append(out, og_first ? og : state);
        at = next + (og_first ? sizeof og_mark : sizeof state_mark) - 1;
    }
    return g_string_free(out, FALSE);
}

static void meta(GString *out, const char *property, const char *value)
{
    g_string_append_printf(out, "<meta property=\"%s\" content=\"", property);
    escape_html(out, value);
    g_string_append(out, "\">\n");
}

char *page_og(const char *title, const char *about, const char *url, const char *image)
{
    GString *out = g_string_new(NULL);
    meta(out, "og:title", title);
    meta(out, "og:site_name", SITE);
    if (about && *about)
        meta(out, "og:description", about);
    meta(out, "og:type", "website");
    meta(out, "og:url", url);
    if (image)
        meta(out, "og:image", image);
    return g_string_free(out, FALSE);
}

static void send_page(struct exchange *x, unsigned status, const char *title, const char *about,
                      const char *image, const char *state_json)
{
    const char *file = x->match.route ? x->match.route->file : "stall.html";
    const char *template = template_of(x->edge->pages, file);
    if (!template) {
        log_line(LOG_LEVEL_WARN, "page.missing", LOG_TEXT("file", file));
        answer_problem(x, R_UNKNOWN, NULL, NULL);
        return;
    }
    g_autoptr(GString) state = g_string_new(NULL);
    if (state_json) {
        g_string_append(state, "<script type=\"application/json\" id=\"state\">");
        escape_script(state, state_json);
        g_string_append(state, "</script>");
    }
    g_autofree char *url = g_strdup_printf("https://%s%s", x->host, x->path);
    g_autofree char *og = page_og(title, about, url, image);
    char *page = page_fill(template, x->who.lang, og, state->str);
    answer_header(x, "vary", "cookie, accept-language");
    answer_header(x, "content-language", "%s", x->who.lang);
    answer_text(x, status, "text/html; charset=utf-8", g_bytes_new_take(page, strlen(page)));
}

/* The page shows the reason itself, and a way on. */
static void send_refusal(struct exchange *x, enum result result, const json_t *extra)
{
    json_t *problem = problem_json(x->edge, x->who.lang, result, NULL, extra);
    char *text = json_dumps(problem, JSON_COMPACT);
    send_page(x, (unsigned)result_http(result), SITE, NULL, NULL, text);
    json_decref(problem);
    free(text);
}

/* A stall's own words where there are some. */
static void filled(struct exchange *x, struct outcome *outcome)
{
    if (outcome->result != R_OK || !json_is_object(outcome->body)) {
        send_refusal(x, outcome->result, outcome->body);
        return;
    }
    json_t *shown = rooms_show(x->edge->rooms, x->match.route->command, outcome->body);
    const json_t *stall = json_object_get(shown, "stall");
    const char *name = json_string_value(json_object_get(stall, "name"));
    const char *about = json_string_value(json_object_get(stall, "about"));
    const char *village = json_string_value(json_object_get(stall, "village"));
    const char *poster = json_string_value(json_object_get(shown, "poster"));
    g_autofree char *title = name ? g_strdup_printf("%s · %s", name, village ? village : "") : g_strdup(SITE);
    g_autofree char *image = poster ? g_strdup_printf("https://%s%s", x->host, poster) : NULL;
    char *text = json_dumps(shown, JSON_COMPACT);
    send_page(x, 200, title, about, image, text);
    json_decref(shown);
    free(text);
}

void door_page(struct exchange *x)
{
    const char *command = x->match.route->command;
    if (command)
        exchange_call(x, command, &x->who, json_incref(x->params), filled);
    else
        send_page(x, 200, SITE, NULL, NULL, NULL);
}

void door_nowhere(struct exchange *x)
{
    g_autofree char *accept = header_copy(x->conn->wsi, WSI_TOKEN_HTTP_ACCEPT);
    bool reads = !strcmp(x->method, "GET") || !strcmp(x->method, "HEAD");
    if (reads && !g_str_has_prefix(x->path, "/api/") && accept && strstr(accept, "text/html"))
        send_refusal(x, R_UNKNOWN, NULL);
    else
        answer_problem(x, R_UNKNOWN, NULL, NULL);
}
