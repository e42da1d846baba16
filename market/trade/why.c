/* why.c: see why.h. */
#include "market/trade/why.h"

#include <stddef.h>
#include <string.h>

static const struct why whys[] = {
    /* An order that was only placed costs nobody anything; after the farmer's yes the side that leaves bears
       it. */
    {"changed-mind", WHY_BUYER, "buyer"},
    {"mistake", WHY_BUYER, "buyer"},
    {"too-slow", WHY_BUYER, "farmer"},
    {"declined", WHY_BUYER, "nobody"},
    {"no-goods", WHY_SELLER, "farmer"},
    {"bad-goods", WHY_SELLER | WHY_BAD, "farmer"},
    {"no-answer", WHY_SELLER, "buyer"},
    {"weather", WHY_SELLER | WHY_GOODS, "farmer"},
    {"no-drive", WHY_SELLER, "coop"},
    {"other", WHY_SELLER, "farmer"},
    /* Nobody gives these: the market does. */
    {"expired", 0, "nobody"},
    {"merged", 0, "nobody"},
    /* Goods that cannot be sold any more. */
    {"spoiled", WHY_GOODS, "farmer"},
    {"pests", WHY_GOODS, "farmer"},
    {"on-the-way", WHY_GOODS, "courier"},
    {"refused-back", WHY_GOODS, "buyer"},
    {"returned", WHY_GOODS, "farmer"},
};

const struct why *why_find(const char *code)
{
    for (size_t i = 0; i < sizeof whys / sizeof whys[0]; i++)
        if (strcmp(whys[i].code, code) == 0)
            return &whys[i];
    return NULL;
}
