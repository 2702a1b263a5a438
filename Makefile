# activity: contact-centre activity data in PostgreSQL
#
#   make && make install && make installcheck
#   make dist
#
# PG_CONFIG names another server's pg_config. script/test needs no server. Out of a source tree in which nothing is built,
# "make -f DIRECTORY/Makefile" builds, installs and tests in the current directory. "make dist" makes the archive for PGXN.

# Where the sources are.
source := $(or $(VPATH),$(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST)))))

EXTENSION = activity
DATA = $(notdir $(wildcard $(source)/activity--*.sql))
MODULE_big = activity
OBJS = $(patsubst $(source)/%.c,%.o,$(sort $(wildcard $(source)/src/*.c)))
ifeq ($(OBJS),)
$(error there are no sources in $(source)/src)
endif

# README.md, what it links to, and the pages and reports that its lines read. They are installed with their directories, so
# that links and lines work there. DOCS of PGXS would put all of them into one directory, beside every README.md.
DOCUMENTS = README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md sql/polling.sql $(patsubst $(source)/%,%,$(sort $(wildcard $(addprefix $(source)/, \
	doc/* sql/data/*.json examples/*.sql examples/*.out examples/poll examples/pages/* examples/reports/*))))

REGRESS = $(patsubst $(source)/sql/%.sql,%,$(sort $(wildcard $(source)/sql/*.sql)))
ISOLATION = $(patsubst $(source)/specs/%.spec,%,$(sort $(wildcard $(source)/specs/*.spec)))

PG_CONFIG ?= pg_config
PKG_CONFIG ?= pkg-config

# the one place where the version stands
ACTIVITY_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(source)/activity.control)

# -isystem: warnings asked for here are not asked of PostgreSQL's own headers
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) \
	$(shell $(PKG_CONFIG) --cflags "json-c >= 0.16") -DACTIVITY_VERSION='"$(ACTIVITY_VERSION)"'
PG_CFLAGS = -fvisibility=hidden
SHLIB_LINK = $(shell $(PKG_CONFIG) --libs "json-c >= 0.16")

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): $(wildcard $(source)/src/*.h)
src/module.o: activity.control

# An absolute name, since make would find src where the sources are.
$(OBJS) $(OBJS:.o=.bc): | $(CURDIR)/src
$(CURDIR)/src:
	$(MKDIR_P) $@

documents := $(docdir)/extension/activity
install: install-documents
install-documents:
	for file in $(DOCUMENTS); do \
		$(MKDIR_P) "$(DESTDIR)$(documents)/$$(dirname $$file)" && \
		$(INSTALL) -m $$(test -x $(source)/$$file && echo 755 || echo 644) $(source)/$$file "$(DESTDIR)$(documents)/$$file" || exit; \
	done
uninstall: uninstall-documents
uninstall-documents:
	rm -rf '$(DESTDIR)$(documents)'

dist:
	version=$$(sed -n 's/^   "version": "\(.*\)",/\1/p' $(source)/META.json) && \
	git -C $(source) archive --prefix=activity-$$version/ --output=$(CURDIR)/activity-$$version.zip HEAD

.PHONY: install-documents uninstall-documents dist
