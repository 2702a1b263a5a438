# Clusters with the locales and settings that real servers have, for script/test, which sources this file.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with throwaway.sh and test

# tr_TR has letters of its own for the lower case of I and the upper case of i.
locales=(en_US.UTF-8 de_DE.UTF-8 tr_TR.UTF-8)

find_locale_sources() {
	[[ -e /usr/share/i18n/locales/tr_TR ]] || missing+=(locales)
}

# Runs the suites on a cluster of each locale, for a user with that locale. The locales are made for this run alone.
run_suites_in_locales() {
	local locale
	mkdir "$work/locales"
	export LOCPATH=$work/locales
	for locale in "${locales[@]}"; do
		localedef -i "${locale%.*}" -f UTF-8 "$work/locales/$locale"
		server_locale=$locale
		start_server autovacuum=off timezone=Europe/Berlin datestyle='German, DMY' intervalstyle=sql_standard
		[[ $locale != de_DE* || $(psql -At -c 'SELECT 1/0' 2>&1) == *'Division durch Null'* ]] ||
			die "the server has no German messages"
		say "Testing on a cluster of $locale"
		LC_ALL='' LANG=$locale run_suite REGRESS
		LC_ALL='' LANG=$locale run_suite ISOLATION
		stop_server
	done
}
