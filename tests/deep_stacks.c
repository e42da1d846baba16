/* deep_stacks.c: in the address sanitizer's build of programs that use GStreamer. GLib gives up its old table
 * of quarks when it grows, and keeps no frame pointers: only the slow unwinder sees whose memory that is, so
 * that tests/lsan.supp can name it. Every allocation pays for it (a market took 3 s more to start), hence
 * only here. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

/* What libcrypto keeps for a thread of GStreamer's that is just ending as the process exits. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libcrypto.so\n";
}
