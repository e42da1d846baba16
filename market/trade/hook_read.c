/* hook_read.c: what the providers' bodies say, made into bank events. Strict about money: whole đồng as JSON
 * integers, nothing else. Fields we do not know are let be: providers add them without asking. */
#include <jansson.h>
#include <string.h>
#include "market/trade/hook.h"
#include "market/trade/vntime.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool amount_of(const json_t *object, const char *name, struct money *out)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) && money_make(out, json_integer_value(value));
}

static bool time_of(const json_t *object, const char *name, struct bank_event *event)
{
    return vntime_read(text_of(object, name), &event->at_ms);
}

/* An id that is a number stays one number whatever its type is today. */
static bool id_of(const json_t *object, const char *name, struct bank_event *event)
{
    const json_t *value = json_object_get(object, name);
    g_autofree char *number = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    bank_event_set(&event->id, json_is_integer(value) ? number : json_string_value(value));
    return *event->id != '\0';
}

static bool positive(struct bank_event *event)
{
    return money_dong(event->amount) > 0;
}

static bool read_sepay(const json_t *in, struct bank_event *event)
{
    const char *type = text_of(in, "transferType");
    bool is_in = strcmp(type, "in") == 0;
    if (!id_of(in, "id", event) || !amount_of(in, "transferAmount", &event->amount) || !positive(event) ||
        (!is_in && strcmp(type, "out") != 0) || !time_of(in, "transactionDate", event))
        return false;
    event->direction = is_in ? BANK_IN : BANK_OUT;
    event->has_balance = amount_of(in, "accumulated", &event->balance);
    bank_event_set(&event->account, text_of(in, "accountNumber"));
    bank_event_set(&event->reference, text_of(in, "referenceCode"));
    /* `content` is the memo; when a bank leaves it out, its whole text may still hold the code. */
    bank_event_set(&event->memo,
                   *text_of(in, "content") ? text_of(in, "content") : text_of(in, "description"));
    return *event->account != '\0';
}

/* A minus marks money going out in both versions. */
static bool casso_amount(const json_t *in, struct bank_event *event)
{
    struct money zero = {0};
    if (!amount_of(in, "amount", &event->amount))
        return false;
    event->direction = money_dong(event->amount) < 0 ? BANK_OUT : BANK_IN;
    if (event->direction == BANK_OUT && !money_sub(&event->amount, zero, event->amount))
        return false;
    return positive(event);
}

static bool read_casso_1(const json_t *in, struct bank_event *event)
{
    if (!id_of(in, "id", event) || !casso_amount(in, event) || !time_of(in, "when", event))
        return false;
    event->test = strcmp(event->id, "0") == 0;
    event->has_balance = amount_of(in, "cusum_balance", &event->balance);
    const char *account = text_of(in, "bank_sub_acc_id");
    bank_event_set(&event->account, *account ? account : text_of(in, "subAccId"));
    bank_event_set(&event->reference, text_of(in, "tid"));
    bank_event_set(&event->memo, text_of(in, "description"));
    bank_event_set(&event->payer, text_of(in, "corresponsiveName"));
    return true;
}

static bool read_casso_2(const json_t *in, struct bank_event *event)
{
    if (!id_of(in, "id", event) || !casso_amount(in, event) || !time_of(in, "transactionDateTime", event))
        return false;
    event->test = strcmp(event->id, "0") == 0;
    event->has_balance = amount_of(in, "runningBalance", &event->balance);
    bank_event_set(&event->account, text_of(in, "accountNumber"));
    bank_event_set(&event->reference, text_of(in, "reference"));
    bank_event_set(&event->memo, text_of(in, "description"));
    bank_event_set(&event->payer, text_of(in, "counterAccountName"));
    return true;
}

/* The outer code, desc and success are not signed; only what is in `data` counts. */
static bool read_payos(const json_t *in, struct bank_event *event)
{
    const json_t *order = json_object_get(in, "orderCode");
    if (!json_is_integer(order) || !amount_of(in, "amount", &event->amount) || !positive(event) ||
        !time_of(in, "transactionDateTime", event) || strcmp(text_of(in, "code"), "00") != 0)
        return false;
    const char *currency = text_of(in, "currency");
    if (*currency && strcmp(currency, "VND") != 0)
        return false;
    g_autofree char *id = g_strdup_printf("%s:%s", text_of(in, "paymentLinkId"), text_of(in, "reference"));
    bank_event_set(&event->id, id);
    event->test = json_integer_value(order) == 123; /* what registering a webhook sends */
    bank_event_set(&event->account, text_of(in, "accountNumber"));
    bank_event_set(&event->reference, text_of(in, "reference"));
    bank_event_set(&event->memo, text_of(in, "description"));
    bank_event_set(&event->payer, text_of(in, "counterAccountName"));
    return strlen(id) > 1;
}

typedef bool (*read_one)(const json_t *in, struct bank_event *event);

static bool add(GPtrArray *events, enum bank_source source, const json_t *in, read_one read)
{
    struct bank_event *event = bank_event_new(source);
    bool fine = json_is_object(in) && read(in, event);
    if (fine)
        g_ptr_array_add(events, event);
    else
        bank_event_free(event);
    return fine;
}

static bool read_all(enum bank_source source, const json_t *json, GPtrArray *events)
{
    const json_t *data = json_object_get(json, "data");
    switch (source) {
    case BANK_SEPAY:
        return add(events, source, json, read_sepay);
    case BANK_PAYOS:
        return add(events, source, data, read_payos);
    case BANK_CASSO:
        if (!json_is_array(data))
            return add(events, source, data, read_casso_2);
        for (size_t i = 0; i < json_array_size(data); i++)
            if (!add(events, source, json_array_get(data, i), read_casso_1))
                return false;
        return true;
    case BANK_STATEMENT:
    case BANK_SOURCES:
        return false;
    }
    return false;
}

bool hook_read(enum bank_source source, struct hook_body body, GPtrArray *events)
{
    guint before = events->len;
    if (body.size > HOOK_BODY)
        return false;
    json_t *json = json_loadb(body.bytes, body.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *data = json_object_get(json, "data");
    bool fine =
        json_is_object(json) && json_array_size(data) <= HOOK_EVENTS && read_all(source, json, events);
    if (!fine)
        g_ptr_array_set_size(events, (int)before);
    json_decref(json);
    return fine;
}
