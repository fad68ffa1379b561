# shellcheck shell=bash
# A process and all below it: what `kill` alone does not reach. Sourced, not run.

# tree PID: the process and all below it.
tree() {
    local child children
    echo "$1"
    children=$(cat "/proc/$1/task/"*/children 2>/dev/null) || true
    for child in $children; do tree "$child"; done
}

# state PID: R, S, D, T (stopped) or Z (ended, not yet collected); nothing once it is gone.
state() {
    sed -n 's/^State:\s*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null || true
}

# send SIGNAL PID...: some may have ended meanwhile.
send() {
    kill -s "$@" 2>/dev/null || true
}

# freeze PID: all of them, and sets `frozen`. The first stops first, so that it starts no other while they are listed.
freeze() {
    send STOP "$1"
    while [[ $(state "$1") == [RSD] ]]; do sleep 0.01; done
    mapfile -t frozen < <(tree "$1")
    send STOP "${frozen[@]}"
}

# thaw PID
thaw() {
    local all
    mapfile -t all < <(tree "$1")
    send CONT "${all[@]}"
}

# runs PID: also a process that ended, as long as one of its threads has yet to, and holds its files and sockets.
runs() {
    [[ $(state "$1") == [!Z] ]] || [ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -gt 1 ]
}

# ended PID...: waits for that; false after a minute.
ended() {
    local pid deadline=$((SECONDS + 60))
    for pid in "$@"; do
        while runs "$pid"; do
            [ "$SECONDS" -lt "$deadline" ] || return 1
            sleep 0.01
        done
    done
}
