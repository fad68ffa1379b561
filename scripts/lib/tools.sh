# shellcheck shell=bash
# What the scripts need and a fresh Debian machine with Rust may not have. Sourced, not run.
# Cargo tools go to target/tools, so that nothing outside the checkout changes but Debian packages.

TOOLS="$PWD/target/tools"
PATH="$TOOLS/bin:$PATH"

# step TITLE: begins a step, and says how long the one before took. With STEP_TIMES, a file, the times are kept there.
step() {
    end_step
    STEP=$* STEP_BEGAN=$SECONDS
    printf '\n== %s\n' "$*"
}

end_step() {
    [ -n "${STEP:-}" ] || return 0
    printf '== %d s: %s\n' $((SECONDS - STEP_BEGAN)) "$STEP"
    [ -z "${STEP_TIMES:-}" ] || printf '%6d s  %s\n' $((SECONDS - STEP_BEGAN)) "$STEP" >>"$STEP_TIMES"
    STEP=
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages DEBIAN-PACKAGE...
install_packages() {
    step "installing $*"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
}

# need_command COMMAND DEBIAN-PACKAGE...
need_command() {
    local command=$1
    shift
    command -v "$command" >/dev/null || install_packages "$@"
}

# PostgreSQL's programs, which Debian has by version and off the PATH.
need_postgres() {
    local newest
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    if [ ! -x "$newest/postgres" ]; then
        install_packages --no-install-recommends postgresql
        # The package makes and starts a server of its own, which nothing here uses.
        as_root service postgresql stop
        as_root update-rc.d postgresql disable
        newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    fi
    PATH="$newest:$PATH"
}

need_mariadb() {
    # Where Debian has the server, and not every user's PATH leads.
    PATH="$PATH:/usr/sbin"
    # Not mariadb-server, which comes with a service.
    need_command mariadbd mariadb-server-core mariadb-client-core
}

need_pgbouncer() {
    PATH="$PATH:/usr/sbin"
    command -v pgbouncer >/dev/null && return
    install_packages --no-install-recommends pgbouncer
    # As for PostgreSQL.
    as_root service pgbouncer stop
    as_root update-rc.d pgbouncer disable
}

# need_cargo_tool CRATE VERSION
need_cargo_tool() {
    local crate=$1 version=$2
    cargo "${crate#cargo-}" --version 2>/dev/null | grep -qwF "$version" && return
    step "installing $crate $version"
    # Not into the project's own target: a tool's build must not be cached as if it were ours. Not optimised: a tool runs
    # for seconds, and takes minutes more to compile.
    cargo install --debug --quiet --locked --root "$TOOLS" --target-dir "$TOOLS/build" "$crate@$version"
    rm -rf "$TOOLS/build"
}

# need_python PACKAGE==VERSION...: a Python with these, in target/tools; sets PYTHON.
need_python() {
    PYTHON="$TOOLS/python/bin/python"
    if [ ! -x "$PYTHON" ]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
        python3 -m venv "$TOOLS/python"
    fi
    "$PYTHON" -m pip install --quiet --disable-pip-version-check "$@"
}

if ! command -v cargo >/dev/null; then
    echo "cargo is not here: install Rust first, with the toolchain that Cargo.toml names or a newer one" >&2
    exit 1
fi
# SQLite, which the shop embeds, is C.
need_command cc gcc libc6-dev
# `tls-native-tls` is built on the system's OpenSSL; tests make certificates with its command.
need_command openssl openssl
need_command pkg-config pkg-config
pkg-config --exists openssl || install_packages libssl-dev
