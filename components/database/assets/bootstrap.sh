#!/usr/bin/env bash
# Makes the databases and roles of BPA (R10). Runs in the cluster, as the instance is private, and may run any number of
# times. Passwords come from the environment. The master's goes to the server, over TLS; of the others only the hash that
# PostgreSQL would keep anyway (R09), so that no statement, and no log of one, holds a password.
set -euo pipefail
export PGCONNECT_TIMEOUT=10

for ((tries = 0; tries < 60; tries++)); do
  if pg_isready --quiet; then break; fi
  echo "waiting for $PGHOST:$PGPORT"
  sleep "${WAIT:-5}"
done
pg_isready

# md5_hash PASSWORD ROLE prints what PostgreSQL keeps of a password. printf is part of the shell: no process sees the
# password among its arguments.
md5_hash() {
  local sum
  sum=$(printf '%s%s' "$1" "$2" | md5sum)
  printf 'md5%s' "${sum%% *}"
}

here=$(dirname "$0")
# One run of psql a login: role, database and hash by environment, which psql reads with \getenv.
for ((i = 0; i < LOGINS; i++)); do
  role=ROLE_$i database=DATABASE_$i password=PASSWORD_$i
  echo "role ${!role}, database ${!database}"
  LOGIN_ROLE=${!role} LOGIN_DATABASE=${!database} LOGIN_HASH=$(md5_hash "${!password}" "${!role}") \
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres --file "$here/bootstrap.sql"
done
echo "databases and roles are in place"
