/* words.c: words for result codes, in three languages. Edge thread; read only after start. */
#include "market/edge/words.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

static const char *const languages[] = {"vi", "en", "fr"};
enum { LANGUAGES = 3 };

struct words {
    json_t *catalogue[LANGUAGES];
};

struct words *words_new(const char *web)
{
    struct words *words = g_new0(struct words, 1);
    for (size_t i = 0; i < LANGUAGES; i++) {
        g_autofree char *file = g_strdup_printf("%s/text/%s.json", web, languages[i]);
        words->catalogue[i] = json_load_file(file, 0, NULL);
    }
    return words;
}

void words_free(struct words *words)
{
    for (size_t i = 0; words && i < LANGUAGES; i++)
        json_decref(words->catalogue[i]);
    g_free(words);
}

const char *words_get(const struct words *words, const char *lang, const char *key)
{
    for (size_t i = 0; i < LANGUAGES; i++) {
        if (strcmp(languages[i], lang) != 0)
            continue;
        const char *found = json_string_value(json_object_get(words->catalogue[i], key));
        if (found)
            return found;
    }
    const char *dot = strchr(key, '.');
    return dot ? dot + 1 : key;
}
