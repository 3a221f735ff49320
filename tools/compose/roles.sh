#!/bin/sh
# Roles of the compose set-up, run once by the postgres image on an empty volume: Assay owns its own database and nothing else,
# Grafana may read it. Neither is a superuser.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --set assay_password="$ASSAY_PASSWORD" --set reader_password="$GRAFANA_READER_PASSWORD" \
    --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
CREATE ROLE assay LOGIN PASSWORD :'assay_password';
GRANT pg_monitor TO assay;
CREATE DATABASE assay OWNER assay;
REVOKE ALL ON DATABASE assay FROM PUBLIC;
CREATE ROLE grafana LOGIN PASSWORD :'reader_password' CONNECTION LIMIT 10;
GRANT pg_read_all_data TO grafana;
GRANT CONNECT ON DATABASE assay TO grafana;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '30s';
SQL
