/* bank_event.c: see bank_event.h. */
#include "market/trade/bank_event.h"

#include <string.h>

static const char *const source_names[BANK_SOURCES] = {"sepay", "casso", "payos", "statement"};

const char *bank_source_name(enum bank_source source)
{
    return source_names[source];
}

bool bank_source_read(const char *name, enum bank_source *source)
{
    for (int i = 0; i < BANK_SOURCES; i++)
        if (strcmp(source_names[i], name) == 0) {
            *source = (enum bank_source)i;
            return true;
        }
    return false;
}

struct bank_event *bank_event_new(enum bank_source source)
{
    struct bank_event *event = g_new0(struct bank_event, 1);
    event->source = source;
    char **texts[] = {&event->id, &event->account, &event->memo, &event->reference, &event->payer};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_strdup("");
    return event;
}

void bank_event_free(struct bank_event *event)
{
    if (!event)
        return;
    g_free(event->id);
    g_free(event->account);
    g_free(event->memo);
    g_free(event->reference);
    g_free(event->payer);
    g_free(event);
}

void bank_event_set(char **text, const char *value)
{
    g_autofree char *cut = g_strndup(value ? value : "", BANK_TEXT);
    g_free(*text);
    *text = g_utf8_make_valid(cut, -1);
}

static void free_event(void *event)
{
    bank_event_free(event);
}

GPtrArray *bank_event_list(void)
{
    return g_ptr_array_new_with_free_func(free_event);
}
