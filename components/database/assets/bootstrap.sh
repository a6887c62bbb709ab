#!/usr/bin/env bash
# bootstrap.sh [bootstrap|retire]: makes the databases and roles of BPA (R10), or takes the login from those whose turn is
# over. Runs in the cluster, as the instance is private, and may run any number of times. Passwords come from the environment.
# The master's goes to the server, over TLS; of the others only the hash that PostgreSQL would keep anyway (R09), so that no
# statement, and no log of one, holds a password.
set -euo pipefail
export PGCONNECT_TIMEOUT=10

task=${1:-bootstrap}

# ready reports whether the server is there, lets the master user in, and keeps passwords as it must before a role is made; or
# says what it waits for. RDS answers that an instance is available before a new master password or a parameter is in force.
ready() {
  local encryption
  if ! pg_isready --quiet; then
    echo "waiting for $PGHOST:$PGPORT"
    return 1
  fi
  if ! encryption=$(psql --no-psqlrc --tuples-only --no-align --dbname postgres \
    --command "SELECT current_setting('password_encryption')" 2>&1); then
    echo "waiting for $PGHOST:$PGPORT to let $PGUSER in: ${encryption##*$'\n'}"
    return 1
  fi
  if [[ $task == bootstrap && $encryption != md5 ]]; then
    echo "waiting for password_encryption to become md5, not $encryption"
    return 1
  fi
}

# The job's deadline is 1200 seconds, pods that start and the work itself included. What is not ready by then fails below, and
# says why.
until ready || ((SECONDS >= ${LIMIT:-1020})); do
  sleep "${WAIT:-5}"
done

# md5_hash PASSWORD USER prints what PostgreSQL keeps of a password. printf is part of the shell: no process sees the
# password among its arguments.
md5_hash() {
  local sum
  sum=$(printf '%s%s' "$1" "$2" | md5sum)
  printf 'md5%s' "${sum%% *}"
}

here=$(dirname "$0")
# sql FILE runs one with what the environment says of a login, which psql reads with \getenv.
sql() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres --file "$here/$1"
}

if [[ $task == retire ]]; then
  for ((i = 0; i < LOGINS; i++)); do
    user=USER_$i
    echo "user ${!user} logs in no more"
    LOGIN_USER=${!user} sql retire.sql
  done
  exit
fi

for ((i = 0; i < LOGINS; i++)); do
  role=ROLE_$i database=DATABASE_$i user=USER_$i password=PASSWORD_$i
  echo "role ${!role}, database ${!database}, user ${!user}"
  LOGIN_ROLE=${!role} LOGIN_DATABASE=${!database} LOGIN_USER=${!user} LOGIN_HASH=$(md5_hash "${!password}" "${!user}") \
    sql bootstrap.sql
done
echo "databases and roles are in place"
