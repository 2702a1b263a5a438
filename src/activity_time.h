/*
 * activity_time.h
 *	  Arithmetic of times.
 */
#ifndef ACTIVITY_TIME_H
#define ACTIVITY_TIME_H

#include "datatype/timestamp.h"

extern TimestampTz end_of_stretch(TimestampTz start, int64 duration_ms);

#endif /* ACTIVITY_TIME_H */
