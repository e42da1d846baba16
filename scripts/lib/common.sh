# common.sh: what the scripts share. Sourced, never run. Sets ROOT and goes there.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT"

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

jobs_count() { nproc 2>/dev/null || echo 2; }

# build_dir KIND: where a build of that kind lives. KIND is release, asan, tsan, dev, fuzz or clang.
build_dir() { echo "${BUILD_ROOT:-$ROOT/build}/$1"; }

# configure KIND: makes its build directory ready for ninja; quiet unless something is wrong.
configure() {
    local kind=$1 dir
    dir=$(build_dir "$kind")
    local -a args=(-S "$ROOT" -B "$dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo)
    # A sanitizer's report needs lines, not variables: compiling the tests' kinds so takes less than half the time.
    local quick='-DCMAKE_C_FLAGS_RELWITHDEBINFO=-O1 -g1'
    case $kind in
        release) args+=(-DSANITIZE=none) ;;
        dev)     args+=(-DSANITIZE=none -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS_DEBUG=-Og -g3") ;;
        asan)    args+=(-DSANITIZE=address "$quick") ;;
        tsan)    args+=(-DSANITIZE=thread "$quick") ;;
        clang)   args+=(-DSANITIZE=none -DCMAKE_C_COMPILER=clang) ;;
        fuzz)    args+=(-DSANITIZE=fuzzer -DCMAKE_C_COMPILER=clang "$quick") ;;
        *)       die "no such kind of build: $kind" ;;
    esac
    if have ccache; then args+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache); fi
    # The kinds that tests use have warnings as errors always; what people run must build with next year's compiler too.
    case $kind in asan|fuzz|clang) args+=(-DWERROR=ON) ;; *) args+=(-DWERROR="${WERROR:-OFF}") ;; esac
    mkdir -p "$dir"
    if ! cmake "${args[@]}" >"$dir/configure.log" 2>&1; then grep -v '^-- ' "$dir/configure.log" >&2; die "cmake failed"; fi
}

# build KIND [TARGET…]: everything of that kind, or the targets.
build() {
    local kind=$1; shift
    configure "$kind"
    say "building ($kind)"
    ninja -C "$(build_dir "$kind")" -j "$(jobs_count)" "$@" >&2
}

# build_programs KIND: what runs together; for tsan also the bad line of fault/renditions. The thread sanitizer knows nothing of GLib's locks, so GStreamer's programs go without it.
build_programs() {
    local media=(ingest studio phone) program
    if [ "$1" != tsan ]; then build "$1" market relay "${media[@]}"; return; fi
    build tsan market relay badlink
    build release "${media[@]}"
    for program in "${media[@]}"; do ln -sf "$(build_dir release)/bin/$program" "$(build_dir tsan)/bin/"; done
}

# sanitizer_settings: what programs of an asan or tsan build are told (those on GStreamer add to it: tests/deep_stacks.c).
sanitizer_settings() {
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:exitcode=99}
    export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$ROOT/tests/lsan.supp:print_suppressions=0}
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1} TSAN_OPTIONS=${TSAN_OPTIONS:-exitcode=99:suppressions=$ROOT/tests/tsan.supp}
}

# npm_ready DIR: node_modules as the lock file says; asks the registry only when something is missing.
npm_ready() {
    local dir=$1 mark
    mark=$(cat "$dir/package.json" "$dir/package-lock.json" | sha256sum)
    if [ -d "$dir/node_modules" ] && [ "$(cat "$dir/node_modules/.lock-sha" 2>/dev/null)" = "$mark" ]; then return; fi
    say "npm ci in ${dir#"$ROOT"/}"
    (cd "$dir" && npm ci --prefer-offline --no-audit --no-fund >&2) || die "npm ci failed in $dir"
    echo "$mark" >"$dir/node_modules/.lock-sha"
}

# web_build: build/web from web/; the npm script there knows how.
web_build() {
    npm_ready "$ROOT/web"
    say "building (web)"
    (cd "$ROOT/web" && npm run --silent build >&2) || die "the web build failed"
}
