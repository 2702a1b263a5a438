# activity: contact-centre activity data in PostgreSQL
#
#   make && make install && make installcheck
#
# PG_CONFIG names another server's pg_config. script/test needs no server.

EXTENSION = activity
DATA = $(wildcard activity--*.sql)
MODULE_big = activity
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))

REGRESS = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
ISOLATION = $(patsubst specs/%.spec,%,$(sort $(wildcard specs/*.spec)))

PG_CONFIG ?= pg_config
PKG_CONFIG ?= pkg-config

# the one place where the version stands
ACTIVITY_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" activity.control)

# -isystem: warnings asked for here are not asked of PostgreSQL's own headers
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) \
	$(shell $(PKG_CONFIG) --cflags "json-c >= 0.16") -DACTIVITY_VERSION='"$(ACTIVITY_VERSION)"'
PG_CFLAGS = -fvisibility=hidden
SHLIB_LINK = $(shell $(PKG_CONFIG) --libs "json-c >= 0.16")

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): $(wildcard src/*.h)
src/module.o: activity.control
