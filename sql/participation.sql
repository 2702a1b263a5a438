-- participation() makes of an agent's activities in an interaction the row that
-- the rules say, whatever their order and however they are split into parts;
-- and the metrics over participations count what such rows hold.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA participation_test;
SET search_path = participation_test, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set errors :srcdir '/sql/include/errors.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set ECHO none
\i :errors
\i :plans
\set ECHO all

-- so many milliseconds after an instant
CREATE FUNCTION at(ms numeric) RETURNS timestamptz
    RETURN CASE WHEN ms IN ('infinity', '-infinity') THEN ms::text::timestamptz
                ELSE '2026-03-29 00:30:00+00'::timestamptz + ms * '1 ms'::interval
           END;
CREATE FUNCTION ms(at timestamptz) RETURNS text
    RETURN CASE WHEN isfinite(at)
                THEN trim_scale(extract(epoch FROM at - '2026-03-29 00:30:00+00') * 1000)::text
                ELSE at::text
           END;
CREATE FUNCTION made(state interaction_state, at_ms numeric, duration_ms bigint,
        reason activity_reason DEFAULT NULL, status interaction_status DEFAULT 'Completed',
        direction interaction_direction DEFAULT 'Inbound', medium text DEFAULT 'Phone',
        manager text DEFAULT 'VCC', reported_ms numeric DEFAULT NULL,
        agent_id text DEFAULT '2', interaction integer DEFAULT 1, channel integer DEFAULT 1)
    RETURNS activity
    RETURN ROW(at(at_ms), duration_ms, state, status, direction,
               lpad(interaction::text, 32, '0'), lpad(channel::text, 32, '0'), reason, agent_id,
               medium, manager, at(reported_ms))::activity;
-- The activities of each case are in three partitions by turns, so that a
-- partition-wise aggregate has them in parts. Tables without statistics are
-- thought to be larger than these are, and worth it.
CREATE SEQUENCE turn;
CREATE TABLE by_hand (nr integer, of text, a activity, part integer DEFAULT nextval('turn') % 3,
                      n integer DEFAULT currval('turn')) PARTITION BY LIST (part);
CREATE TABLE part_0 PARTITION OF by_hand FOR VALUES IN (0) WITH (autovacuum_enabled = off);
CREATE TABLE part_1 PARTITION OF by_hand FOR VALUES IN (1) WITH (autovacuum_enabled = off);
CREATE TABLE part_2 PARTITION OF by_hand FOR VALUES IN (2) WITH (autovacuum_enabled = off);

--
-- What became of it
--
INSERT INTO by_hand VALUES
    ( 1, 'rang',                        made('Ringing', 0, 5000)),
    ( 2, 'rings',                       made('Ringing', 0, NULL)),
    ( 3, 'rang, talked, wrapped',       made('Ringing', 0, 5000)),
    ( 3, 'rang, talked, wrapped',       made('Connected', 5000, 60000)),
    ( 3, 'rang, talked, wrapped',       made('Wrap', 65000, 3000)),
    ( 4, 'wrapped only',                made('Wrap', 0, 3000)),
    ( 5, 'talks',                       made('Connected', 0, NULL)),
    ( 6, 'wraps',                       made('Connected', 0, NULL)),
    ( 6, 'wraps',                       made('Wrap', 1000, NULL)),
    ( 7, 'talked for 0 ms',             made('Connected', 0, 0)),
    ( 8, 'rang out',                    made('Ringing', 0, 20000)),
    ( 8, 'rang out',                    made('Unexpected', 20000, 100, 'NoAnswer')),
    ( 9, 'busy',                        made('Unexpected', 0, NULL, 'NumberBusy')),
    (10, 'rang out, then taken',        made('Unexpected', 0, 100, 'NoAnswer')),
    (10, 'rang out, then taken',        made('Ringing', 100, 1000)),
    (10, 'rang out, then taken',        made('Connected', 1100, 7000)),
    (11, 'failed',                      made('Failed', 0, 100, 'CallFailed')),
    (12, 'failed while talking',        made('Connected', 0, 7000)),
    (12, 'failed while talking',        made('Failed', 7000, 100, 'CallFailed')),
    (13, 'both',                        made('Failed', 0, 100, 'CallRejected')),
    (13, 'both',                        made('Unexpected', 100, 100, 'NoAnswer')),
    (13, 'both',                        made('Connected', 200, 100)),
    (14, 'both, the other way round',   made('Unexpected', 0, 100, 'NoAnswer')),
    (14, 'both, the other way round',   made('Failed', 100, 100, 'CallRejected')),
    (15, 'listened in',                 made('Ringing', 0, 1000, 'Monitor')),
    (15, 'listened in',                 made('Connected', 1000, 9000, 'Monitor')),
    (15, 'listened in',                 made('Wrap', 10000, 2000, 'Monitor')),
    (16, 'listens in',                  made('Connected', 0, NULL, 'Monitor')),
    (17, 'Monitor whatever the state',  made('Unexpected', 0, 1000, 'Monitor')),
    (17, 'Monitor whatever the state',  made('Failed', 1000, 1000, 'Monitor')),
    (17, 'Monitor whatever the state',  made(NULL, 2000, 1000, 'Monitor')),
    (18, 'listened in, then joined',    made('Connected', 0, 9000, 'Monitor')),
    (18, 'listened in, then joined',    made('Connected', 10000, 5000)),
    (18, 'listened in, then joined',    made('Wrap', 15000, 2000, 'Monitor')),
    (19, 'listened in, then failed',    made('Connected', 0, 9000, 'Monitor')),
    (19, 'listened in, then failed',    made('Failed', 9000, 100)),
    (20, 'listened in, then rang',      made('Connected', 0, 9000, 'Monitor')),
    (20, 'listened in, then rang',      made('Ringing', 9000, 100)),
    (21, 'no state',                    made(NULL, 0, 1000)),
    (22, 'no state, listened in',       made(NULL, 0, 1000)),
    (22, 'no state, listened in',       made('Wrap', 0, 1000, 'Monitor')),
    (23, 'no state, rang',              made(NULL, 0, 9000)),
    (23, 'no state, rang',              made('Ringing', 0, 1000)),
    (24, 'Connected for an odd reason', made('Connected', 0, 1000, 'NoAnswer')),
    (25, 'Wrap open, talked before',    made('Connected', 0, 1000)),
    (25, 'Wrap open, talked before',    made('Wrap', 1000, NULL));

CREATE VIEW report AS
    SELECT nr, of, participation(a) AS p FROM by_hand GROUP BY nr, of;

SELECT nr, of, (p).outcome, (p).offered, (p).handled, (p).open, ms((p).started_at) AS started,
       ms((p).ended_at) AS ended, (p).ring_ms AS ring, (p).talk_ms AS talk, (p).wrap_ms AS wrap,
       (p).handle_ms AS handle, (p).connections AS c
  FROM report
 ORDER BY nr;

--
-- Reasons: of several the latest by start, of those the last in the enum's
-- order; one without a reason does not replace one; a Monitor's, or another
-- state's, is none
--
INSERT INTO by_hand VALUES
    (31, 'none',                        made('Unexpected', 0, 100)),
    (31, 'none',                        made('Failed', 0, 100)),
    (32, 'one of each',                 made('Unexpected', 0, 100, 'CallFailed')),
    (32, 'one of each',                 made('Failed', 0, 100, 'NumberUnobtainable')),
    (33, 'the latest',                  made('Unexpected', 0, 100, 'ConnectionUnavailable')),
    (33, 'the latest',                  made('Unexpected', 200, 100, 'NumberBusy')),
    (33, 'the latest',                  made('Unexpected', 100, 500, 'CallFailed')),
    (33, 'the latest',                  made('Failed', 2, 0, 'NumberUnobtainable')),
    (33, 'the latest',                  made('Failed', 1, 9, 'CallFailed')),
    (34, 'later by a microsecond',      made('Unexpected', 0.001, NULL, 'NumberBusy')),
    (34, 'later by a microsecond',      made('Unexpected', 0, 100, 'NoAnswer')),
    (35, 'tie',                         made('Unexpected', 0, 100, 'NumberUnobtainable')),
    (35, 'tie',                         made('Unexpected', 0, 100, 'NumberBusy')),
    (35, 'tie',                         made('Failed', 0, 100, 'CallFailed')),
    (35, 'tie',                         made('Failed', 0, 100, 'CallRejected')),
    (36, 'the latest has none',         made('Unexpected', 0, 100, 'NoAnswer')),
    (36, 'the latest has none',         made('Unexpected', 100, 100)),
    (37, 'the latest is a Monitor',     made('Unexpected', 0, 100, 'NoAnswer')),
    (37, 'the latest is a Monitor',     made('Unexpected', 100, 100, 'Monitor')),
    (38, 'of other states',             made('Ringing', 300, 100, 'NoAnswer')),
    (38, 'of other states',             made('Connected', 200, 100, 'Resumed')),
    (38, 'of other states',             made('Unexpected', 100, 100, 'NoAnswer')),
    (38, 'of other states',             made('Failed', 0, 100, 'CallFailed')),
    (39, 'without a start',             made('Unexpected', NULL, 100, 'CallFailed')),
    (39, 'without a start',             made('Unexpected', 0, 100, 'NoAnswer')),
    (39, 'without a start',             made('Failed', NULL, 100, 'CallFailed'));
SELECT nr, of, (p).outcome, (p).unexpected_reason, (p).failed_reason
  FROM report
 WHERE nr BETWEEN 31 AND 49
 ORDER BY nr;

--
-- Connections and parked time
--
INSERT INTO by_hand VALUES
    (51, 'once',                        made('Connected', 0, 5000)),
    (52, 'parked',                      made('Connected', 0, 5000)),
    (52, 'parked',                      made('Connected', 7000, 1000, 'Unparked')),
    (53, 'parked twice',                made('Connected', 0, 5000)),
    (53, 'parked twice',                made('Connected', 7000, 1000, 'Unparked')),
    (53, 'parked twice',                made('Connected', 8500, 1000, 'Resumed')),
    (54, 'touching',                    made('Connected', 0, 5000)),
    (54, 'touching',                    made('Connected', 5000, 1000, 'Resumed')),
    (55, 'the last is open',            made('Connected', 0, 5000)),
    (55, 'the last is open',            made('Connected', 7000, NULL, 'Unparked')),
    (56, 'the last is cut short',       made('Connected', 0, 5000, status => 'InternalError')),
    (56, 'the last is cut short',       made('Connected', 7000, NULL, 'Unparked', status => 'InternalError')),
    (57, 'the first is open',           made('Connected', 0, NULL)),
    (57, 'the first is open',           made('Connected', 7000, 1000, 'Unparked')),
    (58, 'all are open',                made('Connected', 0, NULL)),
    (58, 'all are open',                made('Connected', 7000, NULL)),
    (59, 'one is open',                 made('Connected', 0, NULL)),
    (60, 'overlap',                     made('Connected', 0, 5000)),
    (60, 'overlap',                     made('Connected', 3000, 5000)),
    (61, 'one within the other',        made('Connected', 0, 9000)),
    (61, 'one within the other',        made('Connected', 3000, 1000)),
    (62, 'overlap makes up for a gap',  made('Connected', 0, 5000)),
    (62, 'overlap makes up for a gap',  made('Connected', 3000, 5000)),
    (62, 'overlap makes up for a gap',  made('Connected', 9000, 1000)),
    (63, 'starts tie',                  made('Connected', 0, 1000)),
    (63, 'starts tie',                  made('Connected', 2000, 3000)),
    (63, 'starts tie',                  made('Connected', 2000, NULL)),
    (64, 'of 0 ms',                     made('Connected', 0, 0)),
    (64, 'of 0 ms',                     made('Connected', 2000, 0)),
    (65, 'monitors aside',              made('Connected', 0, 1000, 'Monitor')),
    (65, 'monitors aside',              made('Connected', 3000, 1000)),
    (65, 'monitors aside',              made('Connected', 5000, 1000)),
    (65, 'monitors aside',              made('Connected', 9000, 1000, 'Monitor')),
    (66, 'other states aside',          made('Ringing', 0, 1000)),
    (66, 'other states aside',          made('Connected', 3000, 1000)),
    (66, 'other states aside',          made('Unexpected', 4000, 500)),
    (66, 'other states aside',          made('Connected', 5000, 1000)),
    (66, 'other states aside',          made('Wrap', 8000, 1000)),
    (67, 'other states only',           made('Ringing', 0, 1000)),
    (67, 'other states only',           made('Wrap', 8000, 1000)),
    (68, 'parts of a ms, less than a half', made('Connected', 0.3, 1000)),
    (68, 'parts of a ms, less than a half', made('Connected', 1000.799, 1000)),
    (69, 'parts of a ms, a half',       made('Connected', 0.3, 1000)),
    (69, 'parts of a ms, a half',       made('Connected', 1000.8, 1000)),
    (70, 'parts of a ms, overlap',      made('Connected', 0.8, 1000)),
    (70, 'parts of a ms, overlap',      made('Connected', 1000.1, 1000)),
    (71, 'a year',                      made('Connected', 0, 1000)),
    (71, 'a year',                      made('Connected', 31536000000, 1000)),
    (72, 'one without a start',         made('Connected', 0, 1000)),
    (72, 'one without a start',         made('Connected', 5000, 1000)),
    (72, 'one without a start',         made('Connected', NULL, 1000)),
    (73, 'as long as time',             made('Connected', -210000000000000, 1000)),
    (73, 'as long as time',             made('Connected', 9220000000000000, 1000));
SELECT nr, of, (p).connections AS c, (p).talk_ms AS talk, (p).parked_ms AS parked,
       (p).outcome, (p).open
  FROM report
 WHERE nr BETWEEN 51 AND 79
 ORDER BY nr;

--
-- Where it begins and ends, and whether it is open
--
INSERT INTO by_hand VALUES
    (81, 'ended',                       made('Ringing', 0, 5000)),
    (81, 'ended',                       made('Connected', 6000, 5000)),
    (82, 'open',                        made('Ringing', 0, 5000)),
    (82, 'open',                        made('Connected', 6000, NULL)),
    (83, 'open, whatever the status',   made('Connected', 0, NULL, status => 'Ongoing')),
    (84, 'open, without a status',      made('Connected', 0, NULL, status => NULL)),
    (85, 'cut short',                   made('Ringing', 0, 5000)),
    (85, 'cut short',                   made('Connected', 6000, NULL, status => 'InternalError')),
    (86, 'cut short, then another',     made('Connected', 0, NULL, status => 'InternalError')),
    (86, 'cut short, then another',     made('Wrap', 6000, 1000)),
    (87, 'cut short, then open',        made('Connected', 0, NULL, status => 'InternalError')),
    (87, 'cut short, then open',        made('Wrap', 6000, NULL)),
    (88, 'finished despite an error',   made('Connected', 0, 5000, status => 'InternalError')),
    (89, 'an earlier one is open',      made('Connected', 0, NULL)),
    (89, 'an earlier one is open',      made('Wrap', 6000, 1000)),
    (90, 'an earlier one ends later',   made('Connected', 0, 9000)),
    (90, 'an earlier one ends later',   made('Wrap', 6000, 1000)),
    (91, 'starts tie',                  made('Ringing', 0, 0)),
    (91, 'starts tie',                  made('Connected', 0, 7000)),
    (91, 'starts tie',                  made('Wrap', 0, 6000)),
    (92, 'starts tie, one is open',     made('Ringing', 0, 9000)),
    (92, 'starts tie, one is open',     made('Connected', 0, NULL)),
    (93, 'starts tie, one is cut short', made('Ringing', 0, 9000, status => 'InternalError')),
    (93, 'starts tie, one is cut short', made('Connected', 0, NULL, status => 'InternalError')),
    (94, 'starts tie, both',            made('Ringing', 0, NULL, status => 'InternalError')),
    (94, 'starts tie, both',            made('Connected', 0, NULL)),
    (95, 'the last is a Monitor',       made('Connected', 0, 5000)),
    (95, 'the last is a Monitor',       made('Connected', 6000, NULL, 'Monitor')),
    (96, 'parts of a ms',               made('Ringing', 0.123, 5000)),
    (96, 'parts of a ms',               made('Connected', 5000.124, 1)),
    (97, 'of 0 ms',                     made('Failed', 0, 0)),
    (98, 'no start',                    made('Connected', NULL, 5000)),
    (99, 'one without a start',         made('Connected', 1000, 5000)),
    (99, 'one without a start',         made('Ringing', NULL, NULL)),
    (100, 'before all time',            made('Connected', '-infinity', 5000)),
    (101, 'before all time, then known', made('Connected', '-infinity', 5000)),
    (101, 'before all time, then known', made('Wrap', 0, 5000)),
    (102, 'after all time',             made('Connected', 0, 5000)),
    (102, 'after all time',             made('Wrap', 'infinity', 5000)),
    (103, 'a Monitor takes over',       made('Ringing', 0, 1000, 'Monitor')),
    (103, 'a Monitor takes over',       made('Connected', 1000, 9000, 'Monitor')),
    (103, 'a Monitor takes over',       made('Connected', 10000, 5000)),
    (103, 'a Monitor takes over',       made('Wrap', 15000, NULL, 'Monitor')),
    (104, 'Monitors only, the last is open', made('Connected', 0, 9000, 'Monitor')),
    (104, 'Monitors only, the last is open', made('Wrap', 6000, NULL, 'Monitor')),
    (105, 'Monitors only, an earlier one ends later', made('Connected', 0, 9000, 'Monitor')),
    (105, 'Monitors only, an earlier one ends later', made('Wrap', 6000, 1000, 'Monitor')),
    (106, 'an earlier one ends later, the last is open', made('Connected', 0, 9000)),
    (106, 'an earlier one ends later, the last is open', made('Wrap', 6000, NULL)),
    (107, 'an earlier one is open, one ends later', made('Connected', 0, NULL)),
    (107, 'an earlier one is open, one ends later', made('Ringing', 1000, 9000)),
    (107, 'an earlier one is open, one ends later', made('Wrap', 6000, 1000)),
    (108, 'starts tie with an open Monitor', made('Connected', 0, 7000)),
    (108, 'starts tie with an open Monitor', made('Wrap', 0, NULL, 'Monitor')),
    (109, 'no start, and a Monitor',    made('Connected', NULL, 5000)),
    (109, 'no start, and a Monitor',    made('Connected', 0, 9000, 'Monitor'));
SELECT nr, of, ms((p).started_at) AS started, ms((p).ended_at) AS ended, (p).open,
       (p).outcome, (p).status
  FROM report
 WHERE nr BETWEEN 81 AND 109
 ORDER BY nr;

--
-- Status: the best known. Direction, medium and its manager: the latest by
-- start that there is, of those the greatest, byte by byte. Reported: the latest.
--
INSERT INTO by_hand VALUES
    (111, 'alike',                      made('Ringing', 0, 5, reported_ms => 7)),
    (111, 'alike',                      made('Connected', 5, 5, reported_ms => 7)),
    (112, 'status of the first',        made('Ringing', 0, 5, status => 'Completed')),
    (112, 'status of the first',        made('Connected', 5, 5, status => 'Ongoing')),
    (113, 'InternalError',              made('Ringing', 0, 5, status => 'Ongoing')),
    (113, 'InternalError',              made('Connected', 5, 5, status => 'InternalError')),
    (113, 'InternalError',              made('Wrap', 9, 5, status => NULL)),
    (114, 'Completed is better',        made('Ringing', 0, 5, status => 'Completed')),
    (114, 'Completed is better',        made('Connected', 5, 5, status => 'InternalError')),
    (115, 'no status',                  made('Ringing', 0, 5, status => NULL)),
    (116, 'the latest by start',        made('Ringing', 0, 5, direction => 'Internal', medium => 'Phone', manager => 'VCC')),
    (116, 'the latest by start',        made('Connected', 9, 5, direction => 'Inbound', medium => 'Call', manager => 'UC')),
    (116, 'the latest by start',        made('Wrap', 5, 5, direction => 'Outbound', medium => 'Phone', manager => 'VCC')),
    (117, 'null replaces nothing',      made('Ringing', 0, 5, direction => 'Outbound', medium => 'Case', manager => 'Salesforce')),
    (117, 'null replaces nothing',      made('Connected', 9, 5, direction => NULL, medium => NULL, manager => NULL)),
    (118, 'all null',                   made('Ringing', 0, 5, direction => NULL, medium => NULL, manager => NULL)),
    (118, 'all null',                   made('Connected', 9, 5, direction => NULL, medium => NULL, manager => NULL)),
    (119, 'tie',                        made('Ringing', 0, 5, direction => 'Outbound', medium => 'a', manager => 'aa')),
    (119, 'tie',                        made('Connected', 0, 5, direction => 'Inbound', medium => 'B', manager => 'aaa')),
    (119, 'tie',                        made('Wrap', 0, 5, direction => NULL, medium => NULL, manager => '')),
    (120, 'empty is not null',          made('Ringing', 0, 5, medium => '', manager => 'VCC')),
    (120, 'empty is not null',          made('Connected', 5, 5, medium => '', manager => '')),
    (121, 'of a Monitor as well',       made('Ringing', 0, 5, status => 'Ongoing', reported_ms => 7)),
    (121, 'of a Monitor as well',       made('Connected', 5, 5, 'Monitor', direction => 'Internal', medium => 'Chat', manager => 'CC', reported_ms => 8)),
    (122, 'reported later before',      made('Ringing', 0, 5, reported_ms => 80)),
    (122, 'reported later before',      made('Connected', 5, 5, reported_ms => 70)),
    (122, 'reported later before',      made('Wrap', 10, 5)),
    (123, 'without a start',            made('Ringing', NULL, 5, direction => 'Outbound', medium => 'Case', manager => NULL)),
    (123, 'without a start',            made('Connected', 0, 5, direction => 'Inbound', medium => NULL, manager => 'UC'));
SELECT nr, of, (p).status, (p).direction, quote_nullable((p).medium) AS medium,
       quote_nullable((p).medium_manager) AS manager, ms((p).reported_at) AS reported
  FROM report
 WHERE nr BETWEEN 111 AND 129
 ORDER BY nr;

--
-- Answered, from which ring, and until when; listened; how often it rang out
--
INSERT INTO by_hand VALUES
    (151, 'rang, taken',                made('Ringing', 0, 5000)),
    (151, 'rang, taken',                made('Connected', 5000, 60000)),
    (151, 'rang, taken',                made('Wrap', 65000, 1000)),
    (152, 'taken at once',              made('Connected', 0, 5000)),
    (153, 'wrap only',                  made('Wrap', 0, 5000)),
    (154, 'not taken',                  made('Ringing', 0, 5000)),
    (154, 'not taken',                  made('Unexpected', 5000, 100)),
    (155, 'rings when taken',           made('Ringing', 5000, 0)),
    (155, 'rings when taken',           made('Connected', 5000, 1000)),
    (156, 'the last ring counts',       made('Ringing', 0, 1000)),
    (156, 'the last ring counts',       made('Ringing', 3000, 1000)),
    (156, 'the last ring counts',       made('Connected', 5000, 1000)),
    (157, 'rings later',                made('Connected', 0, 1000)),
    (157, 'rings later',                made('Ringing', 5000, 1000)),
    (157, 'rings later',                made('Connected', 6000, 1000)),
    (158, 'a ring that has not ended',  made('Ringing', 0, NULL)),
    (158, 'a ring that has not ended',  made('Connected', 5000, 1000)),
    (159, 'rang out, offered again',    made('Ringing', 0, 15000)),
    (159, 'rang out, offered again',    made('Unexpected', 15000, 2000)),
    (159, 'rang out, offered again',    made('Ringing', 30000, 4500)),
    (159, 'rang out, offered again',    made('Connected', 34500, 1000)),
    (160, 'rang out, taken without a ring', made('Ringing', 0, 5000)),
    (160, 'rang out, taken without a ring', made('Unexpected', 5000, 100)),
    (160, 'rang out, taken without a ring', made('Connected', 6000, 1000)),
    (161, 'out as it rings',            made('Ringing', 5000, 100)),
    (161, 'out as it rings',            made('Unexpected', 5000, 100)),
    (161, 'out as it rings',            made('Connected', 9000, 1000)),
    (162, 'out just before it rings',   made('Ringing', 5000, 100)),
    (162, 'out just before it rings',   made('Unexpected', 4999.999, 100)),
    (162, 'out just before it rings',   made('Connected', 9000, 1000)),
    (163, 'out as it is taken',         made('Ringing', 5000, 100)),
    (163, 'out as it is taken',         made('Unexpected', 9000, 100)),
    (163, 'out as it is taken',         made('Connected', 9000, 1000)),
    (164, 'out just before it is taken', made('Ringing', 5000, 100)),
    (164, 'out just before it is taken', made('Unexpected', 8999.999, 100)),
    (164, 'out just before it is taken', made('Connected', 9000, 1000)),
    (165, 'failed in between',          made('Ringing', 0, 5000)),
    (165, 'failed in between',          made('Failed', 5000, 100)),
    (165, 'failed in between',          made('Connected', 6000, 1000)),
    (166, 'failed afterwards',          made('Ringing', 0, 5000)),
    (166, 'failed afterwards',          made('Connected', 5000, 1000)),
    (166, 'failed afterwards',          made('Failed', 6000, 100)),
    (167, 'a Monitor in between',       made('Ringing', 0, 1000)),
    (167, 'a Monitor in between',       made('Ringing', 2000, 3000, 'Monitor')),
    (167, 'a Monitor in between',       made('Unexpected', 3000, 1000, 'Monitor')),
    (167, 'a Monitor in between',       made('Failed', 4000, 1000, 'Monitor')),
    (167, 'a Monitor in between',       made('Connected', 5000, 1000)),
    (168, 'listened in, then joined',   made('Ringing', 0, 1000, 'Monitor')),
    (168, 'listened in, then joined',   made('Connected', 1000, 9000, 'Monitor')),
    (168, 'listened in, then joined',   made('Connected', 10000, 5000)),
    (168, 'listened in, then joined',   made('Wrap', 15000, 2000, 'Monitor')),
    (169, 'listened in, was called',    made('Connected', 0, 9000, 'Monitor')),
    (169, 'listened in, was called',    made('Ringing', 9000, 2000)),
    (169, 'listened in, was called',    made('Connected', 11000, 5000)),
    (169, 'listened in, was called',    made('Connected', 17000, 9000, 'Monitor')),
    (170, 'listened in',                made('Ringing', 0, 1000, 'Monitor')),
    (170, 'listened in',                made('Connected', 1000, 9000, 'Monitor')),
    (170, 'listened in',                made('Connected', 5000, 7000, 'Monitor')),
    (170, 'listened in',                made('Unexpected', 10000, 1000, 'Monitor')),
    (170, 'listened in',                made('Wrap', 10000, 2000, 'Monitor')),
    (170, 'listened in',                made(NULL, 10000, 1000, 'Monitor')),
    (171, 'listens in',                 made('Connected', 0, 9000, 'Monitor')),
    (171, 'listens in',                 made('Connected', 9000, NULL, 'Monitor')),
    (172, 'the first is open',          made('Connected', 0, NULL)),
    (172, 'the first is open',          made('Connected', 7000, 1000)),
    (173, 'the last is open',           made('Connected', 0, 5000)),
    (173, 'the last is open',           made('Connected', 7000, NULL)),
    (173, 'the last is open',           made('Wrap', 9000, 1000)),
    (174, 'the last is cut short',      made('Connected', 0, NULL, status => 'InternalError')),
    (175, 'an earlier one ends later',  made('Connected', 0, 9000)),
    (175, 'an earlier one ends later',  made('Connected', 3000, 1000)),
    (176, 'starts tie',                 made('Connected', 0, 3000)),
    (176, 'starts tie',                 made('Connected', 2000, 5000)),
    (176, 'starts tie',                 made('Connected', 2000, 4000)),
    (177, 'starts tie, one has no end', made('Connected', 0, 3000)),
    (177, 'starts tie, one has no end', made('Connected', 2000, 5000)),
    (177, 'starts tie, one has no end', made('Connected', 2000, NULL)),
    (178, 'offered time and again',     made('Ringing', 0, 100)),
    (178, 'offered time and again',     made('Unexpected', 100, 100)),
    (178, 'offered time and again',     made('Ringing', 200, 100)),
    (178, 'offered time and again',     made('Connected', 300, 100)),
    (178, 'offered time and again',     made('Unexpected', 400, 100)),
    (178, 'offered time and again',     made('Ringing', 500, 100)),
    (178, 'offered time and again',     made('Unexpected', 600, NULL)),
    (178, 'offered time and again',     made('Ringing', 700, 100)),
    (178, 'offered time and again',     made('Connected', 800, 100)),
    (179, 'parts of a ms, less than a half', made('Ringing', 0.3, 5)),
    (179, 'parts of a ms, less than a half', made('Connected', 1000.799, 5)),
    (180, 'parts of a ms, a half',      made('Ringing', 0.3, 5)),
    (180, 'parts of a ms, a half',      made('Connected', 1000.8, 5)),
    (181, 'a ring without a start',     made('Ringing', NULL, 5)),
    (181, 'a ring without a start',     made('Unexpected', NULL, 5)),
    (181, 'a ring without a start',     made('Connected', 5000, 1000)),
    (182, 'out without a start',        made('Ringing', 0, 5)),
    (182, 'out without a start',        made('Unexpected', NULL, 5)),
    (182, 'out without a start',        made('Failed', '-infinity', 5)),
    (182, 'out without a start',        made('Connected', 5000, 1000)),
    (183, 'taken without a start',      made('Ringing', 0, 5)),
    (183, 'taken without a start',      made('Connected', NULL, 1000)),
    (184, 'taken before all time, too', made('Ringing', 0, 5)),
    (184, 'taken before all time, too', made('Connected', '-infinity', 1000)),
    (184, 'taken before all time, too', made('Connected', 5000, 1000)),
    (184, 'taken before all time, too', made('Connected', 'infinity', 1000)),
    (185, 'as long as time',            made('Ringing', -210000000000000, 1000)),
    (185, 'as long as time',            made('Connected', 9220000000000000, 1000));
SELECT nr, of, (p).outcome, ms((p).answered_at) AS answered, (p).answer_ms, ms((p).disconnected_at) AS disconnected,
       (p).has_monitor, (p).monitor_ms AS monitor, (p).unexpected_attempts AS attempts
  FROM report
 WHERE nr BETWEEN 151 AND 189
 ORDER BY nr;

--
-- The key, parts of which may be null
--
INSERT INTO by_hand VALUES
    (131, 'all of it',                  made('Ringing', 0, 5, agent_id => '002', interaction => 3, channel => 4)),
    (131, 'all of it',                  made('Connected', 5, 5, agent_id => '002', interaction => 3, channel => 4)),
    (132, 'no channel',                 made('Ringing', 0, 5, channel => NULL)),
    (132, 'no channel',                 made('Connected', 5, 5, channel => NULL)),
    (133, 'no interaction',             made('Ringing', 0, 5, interaction => NULL)),
    (133, 'no interaction',             made('Connected', 5, 5, interaction => NULL)),
    (134, 'no agent',                   made('Ringing', 0, 5, agent_id => NULL)),
    (134, 'no agent',                   made('Connected', 5, 5, agent_id => NULL)),
    (135, 'empty agent',                made('Ringing', 0, 5, agent_id => '')),
    (136, 'none of it',                 made('Ringing', 0, 5, agent_id => NULL, interaction => NULL, channel => NULL)),
    (137, 'nothing at all',             ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                                            NULL, NULL, NULL)::activity);
SELECT nr, of, quote_nullable((p).agent_id) AS agent, (p).interaction_guid AS interaction,
       (p).channel_guid AS channel
  FROM report
 WHERE nr BETWEEN 131 AND 139
 ORDER BY nr;
SELECT p FROM report WHERE nr = 137;

-- a long agent and medium
SELECT md5((p).agent_id) = md5(repeat('agent', 20000)) AS agent, length((p).medium),
       (p).connections
  FROM (SELECT participation(made('Connected', n, 5, agent_id => repeat('agent', 20000),
                                  medium => repeat('m', 10000 + n)))
          FROM generate_series(1, 5) AS n) AS v (p);

-- null activities are passed over, and nothing gives nothing
INSERT INTO by_hand VALUES
    (141, 'and null ones',              NULL),
    (141, 'and null ones',              made('Ringing', 0, 5)),
    (141, 'and null ones',              NULL),
    (141, 'and null ones',              made('Connected', 5, 5)),
    (142, 'null ones only',             NULL),
    (142, 'null ones only',             NULL);
SELECT nr, of, p IS NULL AS is_null, (p).connections
  FROM report
 WHERE nr BETWEEN 141 AND 149
 ORDER BY nr;
SELECT participation(a) FROM by_hand WHERE false;

--
-- The page whose participations were worked out by hand
--
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-legs.json"`
INSERT INTO by_hand
    SELECT 200 + dense_rank() OVER (ORDER BY interaction_guid, channel_guid), 'the page', a
      FROM activities(:'page'::json) AS a;
CREATE VIEW page_participation AS
    SELECT (p).*, nr, right((p).interaction_guid::text, 2) AS interaction FROM report WHERE nr > 200;
SELECT agent_id AS agent, interaction, to_char(started_at, 'HH24:MI:SS') AS started, to_char(ended_at, 'HH24:MI:SS.MS') AS ended,
       open, ring_ms AS ring, talk_ms AS talk, parked_ms AS parked, wrap_ms AS wrap, outcome, offered, handled
  FROM page_participation
 ORDER BY nr;
SELECT agent_id AS agent, interaction, to_char(answered_at, 'HH24:MI:SS.MS') AS answered, answer_ms,
       to_char(disconnected_at, 'HH24:MI:SS') AS disconnected, has_monitor, monitor_ms, unexpected_attempts
  FROM page_participation
 ORDER BY nr;
SELECT count(*) AS the_same_from_jsonb
  FROM report AS j
  JOIN (SELECT participation(a)
          FROM activities(:'page'::jsonb) AS a
         GROUP BY agent_id, interaction_guid, channel_guid) AS b (p) ON j.p::text = b.p::text;

--
-- The order of the activities does not matter, nor into which parts they are
-- split: partition-wise, each partition's rows are a part; with workers, what
-- each of them reads.
--
CREATE FUNCTION in_parts(query text) RETURNS SETOF record
    LANGUAGE plpgsql
    SET enable_partitionwise_aggregate = on
    SET max_parallel_workers_per_gather = 0
    SET cpu_tuple_cost = 10 AS
$$
BEGIN
    IF NOT is_partial(query) THEN
        RAISE 'not in parts: %', query;
    END IF;
    RETURN QUERY EXECUTE query;
END
$$;
CREATE FUNCTION by_workers(query text) RETURNS SETOF record
    LANGUAGE plpgsql
    SET max_parallel_workers_per_gather = 2
    SET min_parallel_table_scan_size = 0
    SET parallel_setup_cost = 0
    SET parallel_tuple_cost = 1
    SET cpu_operator_cost = 1
    SET parallel_leader_participation = off AS
$$
BEGIN
    IF NOT is_partial(query) THEN
        RAISE 'not in parts: %', query;
    END IF;
    RETURN QUERY EXECUTE query;
END
$$;

SELECT count(*) AS cases, sum(activities) AS activities,
       count(*) FILTER (WHERE parts > 1) AS in_parts
  FROM (SELECT count(*) AS activities, count(DISTINCT part) AS parts FROM by_hand GROUP BY nr) AS v;
CREATE TABLE answer AS SELECT nr, p::text FROM report;
SELECT count(*) FILTER (WHERE backwards::text IS DISTINCT FROM p) AS backwards,
       count(*) FILTER (WHERE mixed::text IS DISTINCT FROM p) AS mixed,
       count(*) FILTER (WHERE by_state::text IS DISTINCT FROM p) AS by_state
  FROM answer
  JOIN (SELECT nr, participation(a ORDER BY n DESC) AS backwards,
               participation(a ORDER BY md5(n::text)) AS mixed,
               participation(a ORDER BY (a).state, (a).duration_ms) AS by_state
          FROM by_hand
         GROUP BY nr) AS v USING (nr);
SELECT count(*) AS answers, count(*) FILTER (WHERE i.p::text IS DISTINCT FROM a.p) AS differ
  FROM in_parts('TABLE report') AS i (nr integer, of text, p participation)
  JOIN answer AS a USING (nr);
SELECT count(*) AS answers, count(*) FILTER (WHERE i.p::text IS DISTINCT FROM a.p) AS differ
  FROM by_workers('TABLE report') AS i (nr integer, of text, p participation)
  JOIN answer AS a USING (nr);

--
-- Errors
--

-- Activities of two participations, here in one part, and below in two parts.
-- The keys are named in the same order, whichever comes first.
CREATE TABLE pair (nr integer, one activity, other activity);
INSERT INTO pair VALUES
    (1, made('Ringing', 0, 5), made('Ringing', 0, 5, agent_id => '3')),
    (2, made('Ringing', 0, 5), made('Ringing', 0, 5, agent_id => '002')),
    (3, made('Ringing', 0, 5), made('Ringing', 0, 5, agent_id => NULL)),
    (4, made('Ringing', 0, 5, agent_id => NULL), made('Ringing', 0, 5, agent_id => '')),
    (5, made('Ringing', 0, 5), made('Ringing', 0, 5, interaction => 2)),
    (6, made('Ringing', 0, 5), made('Ringing', 0, 5, interaction => NULL)),
    (7, made('Ringing', 0, 5), made('Ringing', 0, 5, channel => 2)),
    (8, made('Ringing', 0, 5, channel => NULL), made('Ringing', 0, 5, channel => 0)),
    (9, made('Ringing', 0, 5, 'Monitor'), made('Ringing', 0, 5, 'Monitor', agent_id => '3'));
\x on
SELECT nr, e.*,
       e = raised(format('SELECT participation(a)
                            FROM (SELECT other AS a FROM pair WHERE nr = %1$s UNION ALL
                                  SELECT one FROM pair WHERE nr = %1$s) AS v', nr)) AS other_way_round
  FROM pair,
       raised(format('SELECT participation(a)
                        FROM pair, LATERAL (VALUES (one), (NULL), (other)) AS v (a)
                       WHERE nr = %s', nr)) AS e
 ORDER BY nr;
\x off
CREATE TABLE two_parts (part integer, a activity) PARTITION BY LIST (part);
CREATE TABLE part_one PARTITION OF two_parts FOR VALUES IN (1) WITH (autovacuum_enabled = off);
CREATE TABLE part_other PARTITION OF two_parts FOR VALUES IN (2) WITH (autovacuum_enabled = off);
CREATE FUNCTION raised_in_parts(one activity, other activity,
        OUT code text, OUT message text, OUT detail text, OUT hint text)
    LANGUAGE plpgsql AS
$$
BEGIN
    TRUNCATE two_parts;
    INSERT INTO two_parts VALUES (1, one), (2, other);
    PERFORM FROM (SELECT participation(a) FROM two_parts GROUP BY part) AS alone;
    SELECT r.* INTO code, message, detail, hint
      FROM raised('SELECT * FROM in_parts(''SELECT participation(a) FROM two_parts'') AS (p participation)') AS r;
END
$$;
SELECT nr, e.code, e.message, e.hint, e = f AS the_same
  FROM pair, raised_in_parts(one, other) AS e,
       raised(format('SELECT participation(a) FROM pair, LATERAL (VALUES (one), (other)) AS v (a)
                       WHERE nr = %s', nr)) AS f
 ORDER BY nr;

-- never a wrong number: what is too much, or below 0
CREATE TABLE bad (nr integer, of text, a activity);
INSERT INTO bad VALUES
    (1, 'negative',                     made('Connected', 0, -1)),
    (2, 'negative, of a Monitor',       made('Connected', 0, -1, 'Monitor')),
    (3, 'ends after all time',          made('Connected', 0, 9223372036854775807)),
    (4, 'ends after all time, a little', made('Connected', 0, 9223370000000000)),
    (5, 'too much talk',                made('Connected', NULL, 9223372036854775807)),
    (5, 'too much talk',                made('Connected', NULL, 1)),
    (6, 'too much ringing',             made('Ringing', NULL, 9223372036854775807)),
    (6, 'too much ringing',             made('Ringing', NULL, 1)),
    (7, 'too much talk and wrap',       made('Connected', NULL, 9223372036854775807)),
    (7, 'too much talk and wrap',       made('Wrap', NULL, 1)),
    (8, 'as much as fits',              made('Connected', NULL, 9223372036854775806)),
    (8, 'as much as fits',              made('Wrap', NULL, 1)),
    (9, 'too much listening',           made('Connected', NULL, 9223372036854775807, 'Monitor')),
    (9, 'too much listening',           made('Wrap', NULL, 1, 'Monitor'));
SELECT nr, of, e.code, e.message, f.message AS in_parts
  FROM (SELECT nr, of, min(a::text)::activity AS one, max(a::text)::activity AS other
          FROM bad GROUP BY nr, of) AS b
 CROSS JOIN raised(format('SELECT participation(a) FROM bad WHERE nr = %s', nr)) AS e
  LEFT JOIN LATERAL (SELECT * FROM raised_in_parts(one, other) WHERE one <> other) AS f ON true
 ORDER BY nr;

--
-- The sample page: its participations, and the answers worked out by hand
--
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
CREATE TABLE sample OF participation;
INSERT INTO sample
    SELECT (participation(a)).*
      FROM activities(:'page'::json) AS a
     GROUP BY agent_id, interaction_guid, channel_guid;
SELECT agent_id AS agent, right(interaction_guid::text, 2) AS interaction, to_char(started_at, 'HH24:MI:SS.MS') AS started,
       to_char(ended_at, 'HH24:MI:SS.MS') AS ended, ring_ms, talk_ms, parked_ms, wrap_ms, connections AS c,
       outcome, coalesce(unexpected_reason, failed_reason) AS reason, status
  FROM sample
 ORDER BY agent_id, started_at;
SELECT count(*) AS the_same_from_jsonb
  FROM sample AS s
  JOIN (SELECT (participation(a)).*
          FROM activities(:'page'::jsonb) AS a
         GROUP BY agent_id, interaction_guid, channel_guid) AS b
       ON s::text = b::text;
\x on
SELECT coalesce(agent_id, 'all') AS agent, handle_time(s), talk_time(s), wrap_time(s),
       ring_time(s), sum(parked_ms)::float8 / 1000 AS parked, handled_participations(s),
       offered_participations(s), unexpected_participations(s), average_handle_time(s),
       unexpected_rate(s), unexpected_rate(s, 'NoAnswer') AS no_answer_rate,
       count(*) FILTER (WHERE outcome = 'Answered') AS answered,
       count(*) FILTER (WHERE outcome = 'Unexpected') AS unexpected,
       count(*) FILTER (WHERE outcome = 'Failed') AS failed,
       count(*) FILTER (WHERE outcome = 'Monitored') AS monitored,
       count(*) AS participations
  FROM sample AS s
 GROUP BY GROUPING SETS ((), (agent_id))
 ORDER BY agent_id NULLS FIRST;
\x off

--
-- Metrics over participations that no activities make
--
CREATE FUNCTION participated(handle bigint, talk bigint DEFAULT NULL, wrap bigint DEFAULT NULL,
        ring bigint DEFAULT NULL, outcome participation_outcome DEFAULT NULL,
        offered boolean DEFAULT NULL, handled boolean DEFAULT NULL,
        reason activity_reason DEFAULT NULL)
    RETURNS participation
    RETURN jsonb_populate_record(NULL::participation, jsonb_build_object(
        'handle_ms', handle, 'talk_ms', talk, 'wrap_ms', wrap, 'ring_ms', ring, 'outcome', outcome,
        'offered', offered, 'handled', handled, 'unexpected_reason', reason));
CREATE TABLE made_up (nr integer, of text, p participation);
INSERT INTO made_up VALUES
    (1, 'null ones',                    NULL),
    (2, 'nothing',                      participated(NULL)),
    (3, 'each sum by itself',           participated(1, 2, 4, 8)),
    (4, 'handled, not offered',         participated(1500, handled => true)),
    (5, 'offered, not handled',         participated(NULL, offered => true)),
    (6, 'unexpected, not offered',      participated(NULL, outcome => 'Unexpected', offered => false)),
    (7, 'unexpected',                   participated(NULL, outcome => 'Unexpected', offered => true)),
    (7, 'unexpected',                   participated(NULL, outcome => 'Unexpected', offered => true, reason => 'NumberBusy')),
    (7, 'unexpected',                   participated(NULL, outcome => 'Unexpected', offered => true, reason => 'NoAnswer')),
    (7, 'unexpected',                   participated(NULL, outcome => 'Answered', offered => true, reason => 'NoAnswer')),
    (8, 'as much as fits',              participated(9223372036854775806, handled => true)),
    (8, 'as much as fits',              participated(1, handled => true)),
    (8, 'as much as fits',              NULL);
SELECT nr, of, handle_time(p) AS handle, talk_time(p) AS talk, wrap_time(p) AS wrap,
       ring_time(p) AS ring, handled_participations(p) AS handled,
       offered_participations(p) AS offered, unexpected_participations(p) AS unexpected,
       average_handle_time(p) AS average, unexpected_rate(p) AS rate,
       unexpected_rate(p, 'NoAnswer') AS no_answer
  FROM made_up
 GROUP BY nr, of
 ORDER BY nr;
-- no rows
SELECT handle_time(p) AS handle, talk_time(p) AS talk, wrap_time(p) AS wrap,
       ring_time(p) AS ring, handled_participations(p) AS handled,
       offered_participations(p) AS offered, unexpected_participations(p) AS unexpected,
       average_handle_time(p) AS average, unexpected_rate(p) AS rate,
       unexpected_rate(p, 'NoAnswer') AS no_answer
  FROM made_up
 WHERE false;
-- with a null reason a row is skipped
SELECT unexpected_rate(p, NULL), unexpected_rate(p, (p).unexpected_reason) AS of_its_own
  FROM made_up
 WHERE nr = 7;

SELECT metric, e.code AS below_0, f.code AS too_much
  FROM (VALUES (1, 'handle_time', ARRAY['-1', '9223372036854775807']),
               (2, 'talk_time', ARRAY['0, -1', '0, 9223372036854775807']),
               (3, 'wrap_time', ARRAY['0, 0, -1', '0, 0, 9223372036854775807']),
               (4, 'ring_time', ARRAY['0, 0, 0, -1', '0, 0, 0, 9223372036854775807']),
               (5, 'average_handle_time', ARRAY['-1', '9223372036854775807'])) AS m (nr, metric, attributes),
       raised(format('SELECT %s(participated(%s))', metric, attributes[1])) AS e,
       raised(format('SELECT %s(p) FROM (VALUES (participated(%s)), (participated(1, 1, 1, 1))) AS v (p)',
                     metric, attributes[2])) AS f
 ORDER BY nr;

--
-- Labels and attributes that were added to the types, in a database of its own
--
SELECT current_database() AS regression \gset
SET client_min_messages = warning;
CREATE DATABASE activity_participation TEMPLATE template0;
\connect activity_participation
CREATE EXTENSION activity;
ALTER TYPE interaction_state ADD VALUE 'Queued' BEFORE 'Ringing';
ALTER TYPE interaction_status ADD VALUE 'Verified';
ALTER TYPE interaction_status ADD VALUE 'Announced' BEFORE 'Ongoing';
ALTER TYPE activity_reason ADD VALUE 'OutOfOffice' BEFORE 'NumberBusy';
ALTER TYPE participation_outcome ADD VALUE 'Queued' BEFORE 'Answered';
ALTER TYPE activity ADD ATTRIBUTE note text;
ALTER TYPE participation ADD ATTRIBUTE remark integer;
CREATE TABLE by_hand (nr integer, state interaction_state, at interval, reason activity_reason,
                      status interaction_status);
INSERT INTO by_hand VALUES
    (1, 'Queued',     '0 s', NULL,          'Ongoing'),
    (2, 'Queued',     '0 s', 'Monitor',     'Ongoing'),
    (3, 'Queued',     '0 s', NULL,          'Announced'),
    (3, 'Ringing',    '5 s', NULL,          'Ongoing'),
    (4, 'Queued',     '0 s', NULL,          'Completed'),
    (4, 'Ringing',    '5 s', 'Monitor',     'Verified'),
    (5, 'Unexpected', '0 s', 'OutOfOffice', 'Announced'),
    (5, 'Unexpected', '0 s', 'NoAnswer',    NULL),
    (6, 'Unexpected', '0 s', 'Resumed',     NULL),
    (6, 'Unexpected', '0 s', 'OutOfOffice', NULL),
    (7, 'Unexpected', '0 s', 'NoAnswer',    NULL),
    (7, 'Unexpected', '5 s', 'OutOfOffice', NULL),
    (7, 'Queued',     '6 s', NULL,          NULL);
CREATE VIEW activity_by_hand AS
    SELECT nr, ROW('2026-03-29 00:30:00+00'::timestamptz + at, 1000, state, status, 'Inbound',
                   NULL, NULL, reason, '2', 'Phone', 'VCC', NULL, 'a note')::activity AS a
      FROM by_hand;
CREATE TABLE participation_table OF participation;
INSERT INTO participation_table
    SELECT (participation(a)).* FROM activity_by_hand GROUP BY nr ORDER BY nr;
SELECT outcome, unexpected_reason, status, offered, ring_ms, ended_at - started_at AS lasted, remark
  FROM participation_table;
SELECT unexpected_participations(p), unexpected_rate(p), unexpected_rate(p, 'OutOfOffice'), ring_time(p)
  FROM participation_table AS p;
\connect :regression
SET client_min_messages = warning;
DROP DATABASE activity_participation;
DROP SCHEMA participation_test CASCADE;
