/* cert.c: a self-made certificate, so that the first start needs nobody. Main thread at start; days_left on
 * the edge thread. */
#include "market/edge/cert.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { VALID_DAYS = 730 };

static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static char *alternative_names(const char *const *hosts)
{
    GString *names = g_string_new("DNS:localhost,IP:127.0.0.1,IP:::1");
    for (; hosts && *hosts; hosts++)
        g_string_append_printf(names, ",%s:%s", is_address(*hosts) ? "IP" : "DNS", *hosts);
    return g_string_free(names, FALSE);
}

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool done = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool fill(X509 *cert, EVP_PKEY *key, const char *names)
{
    unsigned char serial[16];
    if (RAND_bytes(serial, sizeof serial) != 1)
        return false;
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    bool done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    X509_NAME *name = X509_get_subject_name(cert);
    done =
        done && X509_set_version(cert, X509_VERSION_3) && X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
        X509_time_adj_ex(X509_getm_notAfter(cert), VALID_DAYS, 0, NULL) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"Cho Nuong", -1, -1, 0) &&
        X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key) &&
        add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(cert, NID_key_usage, "critical,digitalSignature") &&
        add_extension(cert, NID_ext_key_usage, "serverAuth") &&
        add_extension(cert, NID_subject_alt_name, names);
    return done && X509_sign(cert, key, EVP_sha256()) > 0;
}

/* Writes through a temporary file, so that a cut leaves the old one. */
static FILE *open_temporary(const char *path, char **temporary)
{
    *temporary = g_strdup_printf("%s.new", path);
    unlink(*temporary);
    int fd = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool finish(FILE *file, char *temporary, const char *path, bool written)
{
    bool done = file && written && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file)
        done = fclose(file) == 0 && done;
    done = done && rename(temporary, path) == 0;
    if (!done)
        unlink(temporary);
    g_free(temporary);
    return done;
}

static bool save(X509 *cert, EVP_PKEY *key, const char *cert_file, const char *key_file)
{
    char *temporary;
    FILE *file = open_temporary(key_file, &temporary);
    bool written = file && PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
    if (!finish(file, temporary, key_file, written))
        return false;
    file = open_temporary(cert_file, &temporary);
    written = file && PEM_write_X509(file, cert) == 1;
    return finish(file, temporary, cert_file, written);
}

bool cert_make(const char *cert_file, const char *key_file, const char *const *hosts)
{
    g_autofree char *names = alternative_names(hosts);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    bool done = key && cert && fill(cert, key, names) && save(cert, key, cert_file, key_file);
    X509_free(cert);
    EVP_PKEY_free(key);
    return done;
}

struct cert {
    X509 *x509;
};

struct cert *cert_load(const char *cert_file, const char *key_file)
{
    FILE *first = fopen(cert_file, "re"), *second = fopen(key_file, "re");
    X509 *x509 = first ? PEM_read_X509(first, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key = second ? PEM_read_PrivateKey(second, NULL, NULL, NULL) : NULL;
    bool good = x509 && key && X509_check_private_key(x509, key) == 1;
    if (first)
        fclose(first);
    if (second)
        fclose(second);
    EVP_PKEY_free(key);
    if (!good) {
        X509_free(x509);
        return NULL;
    }
    struct cert *cert = g_new0(struct cert, 1);
    cert->x509 = x509;
    return cert;
}

void cert_free(struct cert *cert)
{
    if (!cert)
        return;
    X509_free(cert->x509);
    g_free(cert);
}

bool cert_names(const struct cert *cert, const char *host)
{
    g_autofree char *name = host[0] == '[' ? g_strndup(host + 1, strcspn(host + 1, "]")) : g_strdup(host);
    if (is_address(name))
        return X509_check_ip_asc(cert->x509, name, 0) == 1;
    return X509_check_host(cert->x509, name, 0, 0, NULL) == 1;
}

char *cert_first_name(const struct cert *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert->x509, NID_subject_alt_name, NULL, NULL);
    char *found = NULL;
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS || ASN1_STRING_get0_data(name->d.dNSName)[0] == '*')
            continue;
        found = g_strndup((const char *)ASN1_STRING_get0_data(name->d.dNSName),
                          (gsize)ASN1_STRING_length(name->d.dNSName));
    }
    GENERAL_NAMES_free(names);
    return found;
}

int cert_days_left(const struct cert *cert)
{
    int days = 0, seconds = 0;
    if (!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert->x509)))
        return -1;
    return days > 0 ? days : seconds > 0 ? 0 : -1;
}
