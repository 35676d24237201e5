#!/bin/sh
# Makes the folder secrets/ beside the compose file, once: new-secrets.sh smtp://user:password@mail.example.org:587
# The folder is open to you alone; its files can be read by all, as the processes in the containers are not you.
set -eu

cd "$(dirname "$0")"
test $# = 1 || { echo "new-secrets.sh: name the mail server, such as smtp://mail.example.org:25" >&2; exit 2; }
test ! -e secrets || { echo "new-secrets.sh: secrets/ is there already: nothing was changed" >&2; exit 2; }

random() {
    head -c 36 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'
}

mkdir -m 0700 secrets
random > secrets/secret_key
random > secrets/postgres_password
printf '%s' "$1" > secrets/smtp_url
for service in ingest report notify; do
    printf 'postgresql://muster_%s:%s@postgres:5432/muster_%s' "$service" "$(random)" "$service" \
        > "secrets/${service}_database_url"
done
broker=$(random)
printf 'redis://:%s@valkey:6379/0' "$broker" > secrets/redis_url
cat > secrets/valkey_conf <<CONF
requirepass $broker
appendonly yes
save ""
maxmemory-policy noeviction
dir /data
CONF
chmod 0444 secrets/*
echo "secrets/ holds $(find secrets -type f | wc -l) files. Keep a copy of secret_key where backups are not."
