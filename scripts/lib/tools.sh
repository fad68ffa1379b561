# What the scripts need and a fresh Debian machine with Rust may not have. Sourced, not run.
# Cargo tools go to target/tools, so that nothing outside the checkout changes but Debian packages.

TOOLS="$PWD/target/tools"
PATH="$TOOLS/bin:$PATH"

step() {
    printf '\n== %s\n' "$*"
}

# need_command COMMAND DEBIAN-PACKAGE...
need_command() {
    local command=$1
    shift
    command -v "$command" >/dev/null && return
    step "installing $*"
    local sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"
}

# need_cargo_tool CRATE VERSION
need_cargo_tool() {
    local crate=$1 version=$2
    cargo "${crate#cargo-}" --version 2>/dev/null | grep -qwF "$version" && return
    step "installing $crate $version"
    # Not into the project's own target: a tool's build must not be cached as if it were ours.
    cargo install --quiet --locked --root "$TOOLS" --target-dir "$TOOLS/build" "$crate@$version"
    rm -rf "$TOOLS/build"
}

if ! command -v cargo >/dev/null; then
    echo "cargo is not here: install Rust first, with the toolchain that Cargo.toml names or a newer one" >&2
    exit 1
fi
# SQLite, which the shop embeds, is C.
need_command cc gcc libc6-dev
