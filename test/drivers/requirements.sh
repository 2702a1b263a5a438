# What test/drivers.sh needs besides the extension: where it is, and Debian's packages that have it.
# Sourced by script/test, when that test is to be run, and by the test itself.
# shellcheck shell=bash
# shellcheck disable=SC2034 # missing is script/requirements.sh's, the others are test/drivers.sh's

odbc_driver='PostgreSQL Unicode'
jdbc_driver=/usr/share/java/postgresql.jar
python=/usr/bin/python3
node_modules=/usr/share/nodejs
oldest_java=16 # the first that knows Unix sockets

# The version of the Java that can run a source file; nothing if there is none.
java_version() {
	java --list-modules 2>/dev/null | sed -n 's/^jdk\.compiler@\([0-9]*\).*/\1/p'
}

# Does node find node-postgres, in a directory of its own or in Debian's?
node_finds_pg() {
	NODE_PATH=$node_modules node -e 'require("pg")' 2>/dev/null
}

# Adds to missing the packages that are not there. Without node-postgres the test has npm fetch it, so it is installed
# only where there is no npm either: a node that is not Debian's has npm, and keeps Debian's node-pg from being installed.
find_missing_drivers() {
	local java
	pkg-config --exists odbc 2>/dev/null || missing+=(unixodbc-dev)
	odbcinst -q -d -n "$odbc_driver" >/dev/null 2>&1 || missing+=(odbc-postgresql)
	java=$(java_version) || true
	((${java:-0} >= oldest_java)) || missing+=(default-jdk-headless)
	[[ -e $jdbc_driver ]] || missing+=(libpostgresql-jdbc-java)
	"$python" -c 'import psycopg' 2>/dev/null || missing+=(python3-psycopg)
	node_finds_pg || type -P npm >/dev/null || missing+=(node-pg)
	type -P node >/dev/null || missing+=(nodejs)
}
