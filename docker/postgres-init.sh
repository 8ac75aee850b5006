#!/bin/sh
# Runs once, when the PostgreSQL container makes its data: roles, the database and its empty schemas. The migrate
# job makes the tables as throughline_owner; Temporal's own databases are made by its schema job.
set -eu
psql --set ON_ERROR_STOP=1 \
  --set owner_password="$OWNER_PASSWORD" \
  --set crm_password="$CRM_PASSWORD" \
  --set oms_password="$OMS_PASSWORD" \
  --set temporal_password="$TEMPORAL_DB_PASSWORD" \
  --username "$POSTGRES_USER" --dbname postgres <<'SQL'
create role throughline_owner login password :'owner_password';
create role throughline_crm login password :'crm_password';
create role throughline_oms login password :'oms_password';
create role temporal login createdb password :'temporal_password';
create database throughline owner throughline_owner encoding 'UTF8';
\connect throughline
create schema crm authorization throughline_owner;
create schema oms authorization throughline_owner;
revoke create on schema public from public;
SQL
