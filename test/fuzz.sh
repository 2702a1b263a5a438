#!/usr/bin/env bash
# A short round of always the same fuzzing, without findings: what was found once is not found again. And of the
# documents of which the readers of json made the same, the reader of jsonb in a server makes the same.
#
# Needs clang with its sanitizers (fuzz/requirements.sh), and a server with the extension (PGHOST, PGPORT, PGUSER).
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
database=activity_fuzz
export FUZZ_DOCUMENTS=$PWD/documents
rm -f "$FUZZ_DOCUMENTS"
[[ -d $project/fuzz/corpus ]] || {
	echo "the archive of a release has no corpus"
	exit 78
}
trap 'dropdb --if-exists --force "$database" 2>/dev/null || true' EXIT

"$project/script/fuzz" 0

dropdb --if-exists "$database" 2>/dev/null
createdb "$database"
psql -X -q -v ON_ERROR_STOP=1 -d "$database" <<-END
	CREATE EXTENSION activity;
	\i $project/sql/include/documents.sql
	CREATE TABLE document (text text);
	\copy document FROM '$FUZZ_DOCUMENTS' (FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01')
END
counts=$(psql -X -At -v ON_ERROR_STOP=1 -d "$database" <<-'END'
	WITH read AS (SELECT only_json, cardinality(rows) AS rows, cardinality(errors) AS errors
		FROM (SELECT DISTINCT text FROM document) AS d, expand(text))
	SELECT count(*) FILTER (WHERE NOT only_json) > 2000 AND sum(rows) > 2000 AND sum(errors) > 2000,
		format('%s documents, %s of them refused by jsonb, %s rows, %s errors: json and jsonb agree',
			count(*), count(*) FILTER (WHERE only_json), sum(rows), sum(errors))
	FROM read
END
)
echo "${counts#*|}"
[[ $counts == t\|* ]] || {
	echo "these are too few to tell"
	exit 1
}
