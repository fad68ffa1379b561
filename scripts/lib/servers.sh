# shellcheck shell=bash
# A PostgreSQL and a MariaDB for the tests, until the script ends, however it does. Sourced, not run.

need_postgres
need_mariadb
# Tests start their own.
need_pgbouncer

servers=$(mktemp -d)
stop_servers() {
    local kind
    # A second Ctrl-C must not leave one running, and nor must a start that is still under way.
    trap '' INT TERM HUP
    wait
    for kind in postgres mariadb; do
        scripts/server stop "$servers/$kind" || scripts/server kill "$servers/$kind" || true
    done
    rm -rf "$servers"
}
trap stop_servers EXIT
# The servers do not run as root, and get through.
chmod 711 "$servers"

step "a PostgreSQL and a MariaDB for the tests"
starting=()
for kind in postgres mariadb; do
    # In a session of its own, so that no Ctrl-C cuts it off half-way.
    setsid scripts/server start "$kind" "$servers/$kind" >"$servers/$kind.url" &
    starting+=("$!")
done
for start in "${starting[@]}"; do wait "$start"; done
BUTTRESS_TEST_POSTGRES=$(cat "$servers/postgres.url")
BUTTRESS_TEST_MARIADB=$(cat "$servers/mariadb.url")
export BUTTRESS_TEST_POSTGRES BUTTRESS_TEST_MARIADB
echo "$BUTTRESS_TEST_POSTGRES"
echo "$BUTTRESS_TEST_MARIADB"
