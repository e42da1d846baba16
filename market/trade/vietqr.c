/* vietqr.c: see vietqr.h. Reading goes from the outside in: characters, fields, check sum, network, then
 * values. */
#include "market/trade/vietqr.h"

#include <string.h>
#include "market/trade/bank.h"
#include "market/trade/fold.h"
#include "market/trade/memo.h"
#include "market/trade/tlv.h"

#define NAPAS "A000000727"

enum {
    TAG_FORMAT = 0,
    TAG_METHOD = 1,
    TAG_NAPAS = 38,
    TAG_MCC = 52,
    TAG_CURRENCY = 53,
    TAG_AMOUNT = 54,
    TAG_COUNTRY = 58,
    TAG_NAME = 59,
    TAG_CITY = 60,
    TAG_POSTCODE = 61,
    TAG_ADDITIONAL = 62,
    TAG_CRC = 63
};

const char *vietqr_words(enum vietqr_reason reason)
{
    static const char *const words[] = {
#define X(name, text) [VIETQR_##name] = text,
        VIETQR_REASONS(X)
#undef X
    };
    return words[reason];
}

static bool all_alnum(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_isalnum(text[i]))
            return false;
    return true;
}

static bool all_digits(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_isdigit(text[i]))
            return false;
    return true;
}

/* "" when the tag is not there; false when it is longer than the room for it. */
static bool take(const char *text, size_t size, int tag, char *out, size_t room)
{
    struct tlv field;
    *out = '\0';
    if (!tlv_find(text, size, tag, &field))
        return true;
    if (field.size >= room)
        return false;
    memcpy(out, field.value, field.size);
    out[field.size] = '\0';
    return true;
}

static enum vietqr_reason check_shape(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return VIETQR_CHARSET;
    if (size < 6 || strncmp(text, "000201", 6) != 0)
        return VIETQR_NOT_EMV;
    bool seen[100] = {false};
    const char *at = text, *end = text + size;
    struct tlv field = {.tag = -1};
    enum tlv_step step;
    while ((step = tlv_next(&at, end, &field)) == TLV_FIELD) {
        if (seen[field.tag])
            return VIETQR_TWICE;
        seen[field.tag] = true;
        if (field.tag == TAG_CRC && at != end)
            return VIETQR_NO_CRC;
    }
    if (step == TLV_BROKEN)
        return VIETQR_LENGTH;
    if (field.tag != TAG_CRC || field.size != 4)
        return VIETQR_NO_CRC;
    char crc[5];
    g_snprintf(crc, sizeof crc, "%04X", tlv_crc(text, size - 4));
    return g_ascii_strncasecmp(crc, field.value, 4) == 0 ? VIETQR_OK
                                                         : VIETQR_BAD_CRC; /* MB prints it in lower case */
}

/* 38 = { 00 NAPAS, 01 = { 00 bank, 01 account }, 02 service } and nothing else. A right check sum says
 * nothing about this: generators exist that put 02 inside 01. */
static enum vietqr_reason read_receiver(const struct tlv *field, struct vietqr *out)
{
    struct tlv who, bin, account, service;
    const char *t = field->value;
    if (!tlv_sound(t, field->size) || !tlv_find(t, field->size, 1, &who) || !tlv_sound(who.value, who.size) ||
        !tlv_find(who.value, who.size, 0, &bin) || !tlv_find(who.value, who.size, 1, &account))
        return VIETQR_NESTING;
    if (who.size != 8 + bin.size + account.size || !tlv_find(t, field->size, 2, &service))
        return VIETQR_NESTING;
    if (bin.size != 6 || !all_digits(bin.value, bin.size))
        return VIETQR_BIN;
    if (account.size > VIETQR_ACCOUNT_MAX || !all_alnum(account.value, account.size))
        return VIETQR_ACCOUNT;
    if (!tlv_is(&service, "QRIBFTTA") && !tlv_is(&service, "QRIBFTTC") && !tlv_is(&service, "QRPUSH"))
        return VIETQR_SERVICE;
    if (field->size != 12 + sizeof NAPAS - 1 + who.size + service.size)
        return VIETQR_NESTING;
    take(who.value, who.size, 0, out->bin, sizeof out->bin);
    take(who.value, who.size, 1, out->account, sizeof out->account);
    take(t, field->size, 2, out->service, sizeof out->service);
    return VIETQR_OK;
}

/* The đồng has no smaller part, so what follows the point can only be zeros. */
static bool read_amount(const struct tlv *field, struct money *out)
{
    int64_t dong = 0;
    size_t i = 0;
    if (field->size > 13)
        return false;
    for (; i < field->size && g_ascii_isdigit(field->value[i]); i++)
        dong = dong * 10 + (field->value[i] - '0');
    if (i == 0 || dong == 0)
        return false;
    if (i < field->size && field->value[i++] != '.')
        return false;
    for (; i < field->size; i++)
        if (field->value[i] != '0')
            return false;
    return money_make(out, dong);
}

static enum vietqr_reason read_additional(const char *text, size_t size, struct vietqr *out)
{
    struct tlv field;
    if (!tlv_find(text, size, TAG_ADDITIONAL, &field))
        return VIETQR_OK;
    if (!tlv_sound(field.value, field.size))
        return VIETQR_ADDITIONAL;
    /* 62.08 may have 25 characters by the book; payOS prints longer ones, and they are paid. */
    bool fits = take(field.value, field.size, 8, out->memo, sizeof out->memo) &&
                take(field.value, field.size, 1, out->bill, sizeof out->bill) &&
                take(field.value, field.size, 5, out->reference, sizeof out->reference);
    return fits ? VIETQR_OK : VIETQR_FIELD;
}

static enum vietqr_reason read_values(const char *text, size_t size, struct vietqr *out)
{
    struct tlv field;
    if (!tlv_find(text, size, TAG_METHOD, &field) || (!tlv_is(&field, "11") && !tlv_is(&field, "12")))
        return VIETQR_METHOD;
    out->is_static = tlv_is(&field, "11");
    if (!tlv_find(text, size, TAG_CURRENCY, &field) || !tlv_is(&field, "704"))
        return VIETQR_CURRENCY;
    if (!tlv_find(text, size, TAG_COUNTRY, &field) || !tlv_is(&field, "VN"))
        return VIETQR_COUNTRY;
    out->has_amount = tlv_find(text, size, TAG_AMOUNT, &field);
    if (out->has_amount && !read_amount(&field, &out->amount))
        return VIETQR_AMOUNT;
    bool fits = take(text, size, TAG_MCC, out->mcc, sizeof out->mcc) &&
                take(text, size, TAG_NAME, out->name, sizeof out->name) &&
                take(text, size, TAG_CITY, out->city, sizeof out->city) &&
                take(text, size, TAG_POSTCODE, out->postcode, sizeof out->postcode);
    return fits ? read_additional(text, size, out) : VIETQR_FIELD;
}

enum vietqr_reason vietqr_read(const char *payload, struct vietqr *out)
{
    payload += strspn(payload, " \t\r\n");
    size_t size = strlen(payload);
    while (size > 0 && strchr(" \t\r\n", payload[size - 1]))
        size--;
    if (size == 0)
        return VIETQR_EMPTY;
    if (size > VIETQR_PAYLOAD)
        return VIETQR_TOO_LONG;
    enum vietqr_reason reason = check_shape(payload, size);
    if (reason != VIETQR_OK)
        return reason;
    struct tlv receiver, network;
    if (!tlv_find(payload, size, TAG_NAPAS, &receiver))
        return VIETQR_NETWORK;
    if (!tlv_find(receiver.value, receiver.size, 0, &network))
        return VIETQR_NESTING;
    if (!tlv_is(&network, NAPAS))
        return VIETQR_NETWORK;
    struct vietqr read = {.bin = ""};
    reason = read_receiver(&receiver, &read);
    if (reason == VIETQR_OK)
        reason = read_values(payload, size, &read);
    if (reason == VIETQR_OK)
        *out = read;
    return reason;
}

static enum vietqr_reason check_request(const struct vietqr *in, const char *service)
{
    size_t account = strlen(in->account);
    int64_t dong = money_dong(in->amount);
    if (!bank_bin_ok(in->bin))
        return VIETQR_BIN;
    if (account < VIETQR_ACCOUNT_MIN || account > VIETQR_ACCOUNT_MAX || !all_alnum(in->account, account))
        return VIETQR_ACCOUNT;
    if (strcmp(service, "QRIBFTTA") != 0 && strcmp(service, "QRIBFTTC") != 0)
        return VIETQR_SERVICE;
    if (in->has_amount && (dong < 1 || dong > VIETQR_AMOUNT_MAX))
        return VIETQR_AMOUNT;
    g_autofree char *memo = vietqr_memo(in->memo);
    return strcmp(memo, in->memo) == 0 ? VIETQR_OK : VIETQR_ADDITIONAL;
}

static void put_template(GString *out, int tag, GString *inner)
{
    tlv_put(out, tag, inner->str);
    g_string_free(inner, TRUE);
}

enum vietqr_reason vietqr_make(const struct vietqr *in, char **payload)
{
    const char *service = *in->service ? in->service : "QRIBFTTA";
    enum vietqr_reason reason = check_request(in, service);
    if (reason != VIETQR_OK)
        return reason;
    GString *out = g_string_sized_new(160), *receiver = g_string_new(NULL), *who = g_string_new(NULL);
    tlv_put(who, 0, in->bin);
    tlv_put(who, 1, in->account);
    tlv_put(receiver, 0, NAPAS);
    put_template(receiver, 1, who);
    tlv_put(receiver, 2, service);
    tlv_put(out, TAG_FORMAT, "01");
    tlv_put(out, TAG_METHOD, in->has_amount ? "12" : "11");
    put_template(out, TAG_NAPAS, receiver);
    tlv_put(out, TAG_CURRENCY, "704");
    if (in->has_amount) {
        char amount[24];
        g_snprintf(amount, sizeof amount, "%" G_GINT64_FORMAT, money_dong(in->amount));
        tlv_put(out, TAG_AMOUNT, amount);
    }
    tlv_put(out, TAG_COUNTRY, "VN");
    if (*in->memo) {
        GString *additional = g_string_new(NULL);
        tlv_put(additional, 8, in->memo);
        put_template(out, TAG_ADDITIONAL, additional);
    }
    g_string_append(out, "6304");
    g_string_append_printf(out, "%04X", tlv_crc(out->str, out->len));
    *payload = g_string_free(out, FALSE);
    return VIETQR_OK;
}

char *vietqr_memo(const char *text)
{
    char *plain = fold_plain(text);
    if (strlen(plain) <= VIETQR_MEMO)
        return plain;
    g_autoptr(GPtrArray) codes = memo_codes(plain);
    const char *code = codes->len == 1 ? codes->pdata[0] : NULL;
    if (code &&
        strncmp(plain, code, strlen(code)) != 0) { /* the code goes first, what fits of the words behind it */
        char *with_code = g_strdup_printf("%s %s", code, plain);
        g_free(plain);
        plain = with_code;
    }
    plain[VIETQR_MEMO] = '\0';
    return g_strchomp(plain);
}
