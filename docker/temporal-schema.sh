#!/bin/sh
# Makes or updates Temporal's two databases. May run at every start: an existing schema is only updated.
set -eu
setup() {
  database=$1
  folder=$2
  tool="temporal-sql-tool --plugin postgres12 --ep postgres --port 5432 --user temporal --db $database"
  $tool create || true
  $tool setup-schema --version 0.0 || true
  $tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$folder/versioned"
}
setup temporal temporal
setup temporal_visibility visibility
