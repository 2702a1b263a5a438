/*
 * written_state.h
 *	  The parts of an aggregate's state that is written for another process:
 *	  texts, times, labels and guids.
 */
#ifndef ACTIVITY_WRITTEN_STATE_H
#define ACTIVITY_WRITTEN_STATE_H

#include "lib/stringinfo.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "compat.h"

extern void send_text(StringInfo out, const text *value);
extern void send_label(StringInfo out, Oid label);
extern void send_guid(StringInfo out, bool is_known, const pg_uuid_t *guid);

extern text *receive_text(StringInfo in, MemoryContext context);
extern Oid receive_label(StringInfo in, Oid enum_type);
extern void receive_guid(StringInfo in, bool *is_known, pg_uuid_t *guid);
extern TimestampTz receive_time(StringInfo in);
extern int64 receive_sum(StringInfo in);
extern int64 receive_count(StringInfo in, Size size);
pg_noreturn extern void bad_state(const char *what);

#endif /* ACTIVITY_WRITTEN_STATE_H */
