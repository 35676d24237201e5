#!/bin/sh
# Runs once, in an empty PostgreSQL: a database for each service, owned by a role that can reach no other.
set -eu

for service in ingest report notify; do
    url=$(cat "/run/secrets/${service}_database_url")
    password=${url#*://*:}
    password=${password%%@*}
    psql --set ON_ERROR_STOP=1 --set name="muster_$service" --set password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
