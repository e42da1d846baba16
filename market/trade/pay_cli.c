/* pay_cli.c: see pay_cli.h. */
#include "market/trade/pay_cli.h"

#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "market/trade/bank.h"
#include "market/trade/memo.h"
#include "market/trade/qrimage.h"
#include "market/trade/vietqr.h"

enum { EXIT_FINE = 0, EXIT_REFUSED = 1, EXIT_OTHER_NETWORK = 2, EXIT_USAGE = 64, PNG_SCALE = 8 };

static const char qr_usage[] = "usage: market qr make --bin BIN --account N [--amount N] [--memo TEXT] "
                               "[--card] [--png FILE] [--svg FILE]\n"
                               "       market qr read PAYLOAD\n";
static const char memo_usage[] = "usage: market memo match TEXT --code CODE…\n";

struct make_options {
    char *bin, *account, *amount, *memo, *png, *svg;
    gboolean card;
};

static void make_options_done(struct make_options *o)
{
    char *all[] = {o->bin, o->account, o->amount, o->memo, o->png, o->svg};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_free(all[i]);
}

/* All values are "file names": bytes as they come. As "strings" GLib would pass them through the locale, and
 * the C locale has no Vietnamese. GLib would also print help and leave the process by itself; main's help is
 * the one that counts. */
static bool parse_make(int argc, char **argv, struct make_options *o, char **why)
{
    const GOptionEntry entries[] = {
        {"bin", 0, 0, G_OPTION_ARG_FILENAME, &o->bin, NULL, NULL},
        {"account", 0, 0, G_OPTION_ARG_FILENAME, &o->account, NULL, NULL},
        {"amount", 0, 0, G_OPTION_ARG_FILENAME, &o->amount, NULL, NULL},
        {"memo", 0, 0, G_OPTION_ARG_FILENAME, &o->memo, NULL, NULL},
        {"png", 0, 0, G_OPTION_ARG_FILENAME, &o->png, NULL, NULL},
        {"svg", 0, 0, G_OPTION_ARG_FILENAME, &o->svg, NULL, NULL},
        {"card", 0, 0, G_OPTION_ARG_NONE, &o->card, NULL, NULL},
        {.long_name = NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    bool fine = g_option_context_parse(context, &argc, &argv, &error);
    if (!fine || argc > 1)
        *why = fine ? g_strdup_printf("what is %s?", argv[1]) : g_strdup(error->message);
    return fine && argc == 1;
}

static bool fill(const struct make_options *o, struct vietqr *qr)
{
    guint64 dong = 0;
    if (g_strlcpy(qr->bin, o->bin, sizeof qr->bin) >= sizeof qr->bin) {
        fprintf(stderr, "market qr: %s\n", vietqr_words(VIETQR_BIN));
        return false;
    }
    if (g_strlcpy(qr->account, o->account, sizeof qr->account) >= sizeof qr->account) {
        fprintf(stderr, "market qr: %s\n", vietqr_words(VIETQR_ACCOUNT));
        return false;
    }
    if (o->amount) {
        qr->has_amount = true;
        if (!g_ascii_string_to_unsigned(o->amount, 10, 1, VIETQR_AMOUNT_MAX, &dong, NULL) ||
            !money_make(&qr->amount, (int64_t)dong)) {
            fprintf(stderr, "market qr: the amount is not 1 to %" G_GINT64_FORMAT " đồng\n",
                    VIETQR_AMOUNT_MAX);
            return false;
        }
    }
    if (o->card)
        g_strlcpy(qr->service, "QRIBFTTC", sizeof qr->service);
    g_autofree char *memo = vietqr_memo(o->memo ? o->memo : "");
    g_strlcpy(qr->memo, memo, sizeof qr->memo);
    if (o->memo && strcmp(memo, o->memo) != 0)
        fprintf(stderr, "market qr: the memo is written \"%s\"\n", memo);
    return true;
}

static bool save_images(const struct make_options *o, const char *payload)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *svg = qrimage_svg(payload, "VietQR");
    g_autoptr(GBytes) png = qrimage_png(payload, PNG_SCALE);
    if (o->svg && !g_file_set_contents(o->svg, svg, -1, &error)) {
        fprintf(stderr, "market qr: %s\n", error->message);
        return false;
    }
    size_t size = 0;
    const char *bytes = g_bytes_get_data(png, &size);
    if (o->png && !g_file_set_contents(o->png, bytes, (gssize)size, &error)) {
        fprintf(stderr, "market qr: %s\n", error->message);
        return false;
    }
    return true;
}

static void warn_of_bank(const char *bin)
{
    struct bank_table *banks = bank_table_new(NULL, NULL, 0);
    const struct bank *bank = bank_find(banks, bin);
    if (!bank)
        fprintf(stderr, "market qr: no bank %s in our table; check the number\n", bin);
    else if (!bank->receives)
        fprintf(stderr, "market qr: %s is not known to take VietQR transfers\n", bank->short_name);
    bank_table_free(banks);
}

static int qr_make(int argc, char **argv)
{
    struct make_options o = {0};
    g_autofree char *why = NULL, *payload = NULL;
    struct vietqr qr = {.bin = ""};
    int code = EXIT_REFUSED;
    if (!parse_make(argc, argv, &o, &why) || !o.bin || !o.account) {
        fprintf(stderr, "market qr: %s\n%s", why ? why : "--bin and --account are needed", qr_usage);
        code = EXIT_USAGE;
    } else if (fill(&o, &qr)) {
        enum vietqr_reason reason = vietqr_make(&qr, &payload);
        if (reason != VIETQR_OK) {
            fprintf(stderr, "market qr: %s\n", vietqr_words(reason));
        } else if (save_images(&o, payload)) {
            warn_of_bank(qr.bin);
            puts(payload);
            code = EXIT_FINE;
        }
    }
    make_options_done(&o);
    return code;
}

static json_t *text_or_null(const char *text)
{
    return *text ? json_string(text) : json_null();
}

static void print_fields(const struct vietqr *qr)
{
    struct bank_table *banks = bank_table_new(NULL, NULL, 0);
    const struct bank *bank = bank_find(banks, qr->bin);
    json_t *fields = json_object();
    json_object_set_new(fields, "network", json_string("VietQR"));
    json_object_set_new(fields, "method", json_string(qr->is_static ? "static" : "dynamic"));
    json_object_set_new(fields, "bin", json_string(qr->bin));
    json_object_set_new(fields, "bank", bank ? json_string(bank->short_name) : json_null());
    json_object_set_new(fields, "account", json_string(qr->account));
    json_object_set_new(fields, "service", json_string(qr->service));
    json_object_set_new(fields, "amount",
                        qr->has_amount ? json_integer(money_dong(qr->amount)) : json_null());
    json_object_set_new(fields, "currency", json_string("704"));
    json_object_set_new(fields, "country", json_string("VN"));
    json_object_set_new(fields, "memo", text_or_null(qr->memo));
    json_object_set_new(fields, "bill", text_or_null(qr->bill));
    json_object_set_new(fields, "reference", text_or_null(qr->reference));
    json_object_set_new(fields, "mcc", text_or_null(qr->mcc));
    json_object_set_new(fields, "name", text_or_null(qr->name));
    json_object_set_new(fields, "city", text_or_null(qr->city));
    json_object_set_new(fields, "postcode", text_or_null(qr->postcode));
    g_autofree char *text = json_dumps(fields, JSON_COMPACT);
    puts(text);
    json_decref(fields);
    bank_table_free(banks);
}

static int qr_read(const char *payload)
{
    struct vietqr qr;
    enum vietqr_reason reason = vietqr_read(payload, &qr);
    if (reason != VIETQR_OK) {
        puts(vietqr_words(reason));
        return reason == VIETQR_NETWORK ? EXIT_OTHER_NETWORK : EXIT_REFUSED;
    }
    print_fields(&qr);
    return EXIT_FINE;
}

int pay_cli_qr(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "make") == 0)
        return qr_make(argc - 1, argv + 1);
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        return qr_read(argv[2]);
    fputs(qr_usage, stderr);
    return EXIT_USAGE;
}

/* The texts' order is free: everything behind a --code is a code until another option comes. */
static bool parse_match(int argc, char **argv, const char **text, GPtrArray *codes)
{
    bool in_codes = false;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--code") == 0)
            in_codes = true;
        else if (g_str_has_prefix(argv[i], "--code="))
            g_ptr_array_add(codes, argv[i] + strlen("--code="));
        else if (in_codes)
            g_ptr_array_add(codes, argv[i]);
        else if (*text)
            return false;
        else
            *text = argv[i];
    }
    return *text && codes->len > 0;
}

int pay_cli_memo(int argc, char **argv)
{
    const char *text = NULL;
    g_autoptr(GPtrArray) codes = g_ptr_array_new();
    if (argc < 3 || strcmp(argv[1], "match") != 0 || !parse_match(argc, argv, &text, codes)) {
        fputs(memo_usage, stderr);
        return EXIT_USAGE;
    }
    struct memo_match match;
    memo_match(text, (const char *const *)codes->pdata, codes->len, &match);
    if (match.verdict == MEMO_ONE)
        puts(codes->pdata[match.index]);
    for (size_t i = 0; i < match.near_count; i++)
        fprintf(stderr, "%s: %s\n", match.verdict == MEMO_SEVERAL ? "one of several" : "close",
                (const char *)codes->pdata[match.near[i]]);
    return EXIT_FINE;
}
