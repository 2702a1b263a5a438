#!/usr/bin/env bash
# Shows of which files a throw-away server is put together: all of the installed server's, without a copy of the
# extension that is installed there, and also where some of them cannot be read, as long as they are not needed.
set -euo pipefail
# root can read everything
((EUID)) || exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "${BASH_SOURCE[0]}"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=test/expect.bash
. test/expect.bash
directory=$(mktemp -d)
trap 'chmod -R u+rwx "$directory"; rm -rf "$directory"' EXIT

server=$directory/server
mkdir -p "$server"/{bin,lib/bitcode,lib/other,share/extension,share/timezonesets}
touch "$server"/bin/{initdb,postgres,pg_ctl} "$server"/lib/{plpgsql,activity}.so \
	"$server"/lib/bitcode/{postgres,activity}.index.bc "$server"/share/extension/{plpgsql,activity}.control \
	"$server"/share/extension/activity--1.0.sql
cat >"$directory/pg_config" <<END
#!/bin/sh
case \$1 in
	--pkglibdir) echo $server/lib ;;
	--sharedir) echo $server/share ;;
	--localedir) echo $server/share/locale ;;
esac
END
chmod 755 "$directory/pg_config"

# The links that a throw-away server has under $directory/$1.
links() (
	. script/throwaway.sh
	pg_config=$directory/pg_config
	bindir=$server/bin
	root=$directory/$1
	relocate || exit
	cd "$root$server"
	find . -type l -printf '%P\n' | sort | xargs
)
expect "all can be read" \
	"lib/bitcode/postgres.index.bc lib/other lib/plpgsql.so share/extension/plpgsql.control share/timezonesets" "$(links readable)"
chmod 000 "$server"/lib/{bitcode,other}
expect "some cannot be read" \
	"lib/other lib/plpgsql.so share/extension/plpgsql.control share/timezonesets" "$(links unreadable)"
((failed == 0))
