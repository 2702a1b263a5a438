-- interaction() makes of the participations in an interaction the row that the
-- rules say, whatever their order and however they are split into parts: by
-- hand, case by case, and for a page whose answers were worked out by hand.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA interaction_test;
SET search_path = interaction_test, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set errors :srcdir '/sql/include/errors.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set ECHO none
\i :errors
\i :plans
\set ECHO all

-- so many seconds after an instant
CREATE FUNCTION at(s numeric) RETURNS timestamptz
    RETURN '2026-03-29 00:30:00+00'::timestamptz + s * '1 s'::interval;
CREATE FUNCTION s(at timestamptz) RETURNS numeric
    RETURN trim_scale(extract(epoch FROM at) - extract(epoch FROM at(0)));
CREATE FUNCTION made(agent_id text, started numeric, ended numeric, answered numeric DEFAULT NULL,
        disconnected numeric DEFAULT NULL, outcome participation_outcome DEFAULT 'Answered',
        open boolean DEFAULT false, answer_ms bigint DEFAULT NULL, offered boolean DEFAULT true,
        handled boolean DEFAULT false, ring_ms bigint DEFAULT 0, talk_ms bigint DEFAULT 0,
        parked_ms bigint DEFAULT 0, wrap_ms bigint DEFAULT 0, handle_ms bigint DEFAULT 0,
        monitor_ms bigint DEFAULT 0, unexpected_attempts integer DEFAULT 0,
        status interaction_status DEFAULT 'Completed', direction interaction_direction DEFAULT 'Inbound',
        medium text DEFAULT 'Phone', manager text DEFAULT 'VCC', reported numeric DEFAULT NULL,
        interaction integer DEFAULT 1, channel integer DEFAULT 1)
    RETURNS participation
    RETURN ROW(at(started), at(answered), at(disconnected), at(ended), answer_ms, ring_ms, talk_ms, parked_ms,
               wrap_ms, handle_ms, monitor_ms, 1, unexpected_attempts, outcome, NULL, NULL, offered, handled, open,
               NULL, status, direction, lpad(interaction::text, 32, '0'), lpad(channel::text, 32, '0'), agent_id,
               medium, manager, at(reported))::participation;
-- one who was connected: a leg
CREATE FUNCTION leg(agent_id text, answered numeric, disconnected numeric, open boolean DEFAULT false)
    RETURNS participation
    RETURN made(agent_id, answered, disconnected, answered, disconnected, open => open);
-- The participations of each case are in three partitions by turns, so that a
-- partition-wise aggregate has them in parts. Tables without statistics are
-- thought to be larger than these are, and worth it.
CREATE SEQUENCE turn;
CREATE TABLE by_hand (nr integer, of text, p participation, part integer DEFAULT nextval('turn') % 3,
                      n integer DEFAULT currval('turn')) PARTITION BY LIST (part);
CREATE TABLE part_0 PARTITION OF by_hand FOR VALUES IN (0) WITH (autovacuum_enabled = off);
CREATE TABLE part_1 PARTITION OF by_hand FOR VALUES IN (1) WITH (autovacuum_enabled = off);
CREATE TABLE part_2 PARTITION OF by_hand FOR VALUES IN (2) WITH (autovacuum_enabled = off);
CREATE VIEW report AS
    SELECT nr, of, interaction(p) AS i FROM by_hand GROUP BY nr, of;

--
-- Who passed the call on to whom, and who was only asked
--
INSERT INTO by_hand VALUES
    ( 1, 'one',                         leg('A', 0, 10)),
    ( 2, 'passed on',                   leg('A', 0, 10)),
    ( 2, 'passed on',                   leg('B', 9, 20)),
    ( 3, 'passed on after a while',     leg('A', 0, 10)),
    ( 3, 'passed on after a while',     leg('B', 60, 80)),
    ( 4, 'asked',                       leg('A', 0, 10)),
    ( 4, 'asked',                       leg('B', 3, 6)),
    ( 5, 'leave together',              leg('A', 0, 10)),
    ( 5, 'leave together',              leg('B', 3, 10)),
    ( 6, 'the first leaves first',      leg('A', 0, 10)),
    ( 6, 'the first leaves first',      leg('B', 3, 10.000001)),
    ( 7, 'in no order',                 leg('B', 3, 6)),
    ( 7, 'in no order',                 leg('C', 8, 20)),
    ( 7, 'in no order',                 leg('A', 0, 10)),
    ( 8, 'passed on and back',          leg('A', 0, 10)),
    ( 8, 'passed on and back',          leg('B', 9, 20)),
    ( 8, 'passed on and back',          leg('A', 20, 30)),
    ( 9, 'the same agent again',        leg('A', 0, 10)),
    ( 9, 'the same agent again',        leg('A', 20, 30)),
    (10, 'the same agent meanwhile',    leg('A', 0, 30)),
    (10, 'the same agent meanwhile',    leg('A', 5, 10)),
    (11, 'asked in between',            leg('A', 0, 10)),
    (11, 'asked in between',            leg('B', 3, 6)),
    (11, 'asked in between',            leg('A', 20, 30)),
    (12, 'asked by who was passed it',  leg('A', 0, 10)),
    (12, 'asked by who was passed it',  leg('B', 9, 30)),
    (12, 'asked by who was passed it',  leg('C', 12, 20)),
    (13, 'asked by who was asked',      leg('A', 0, 30)),
    (13, 'asked by who was asked',      leg('B', 5, 20)),
    (13, 'asked by who was asked',      leg('C', 10, 15)),
    (14, 'outlasts who was asked',      leg('A', 0, 30)),
    (14, 'outlasts who was asked',      leg('B', 5, 20)),
    (14, 'outlasts who was asked',      leg('C', 10, 25)),
    (15, 'asked, then passed it',       leg('A', 0, 10)),
    (15, 'asked, then passed it',       leg('B', 3, 6)),
    (15, 'asked, then passed it',       leg('B', 9, 20)),
    (16, 'asks who was there before',   leg('A', 0, 10)),
    (16, 'asks who was there before',   leg('B', 9, 30)),
    (16, 'asks who was there before',   leg('A', 12, 20)),
    (17, 'within an own leg as well',   leg('A', 0, 30)),
    (17, 'within an own leg as well',   leg('B', 1, 9)),
    (17, 'within an own leg as well',   leg('B', 2, 8)),
    (18, 'together all along',          leg('B', 0, 10)),
    (18, 'together all along',          leg('A', 0, 10)),
    (19, 'answer together',             leg('A', 0, 10)),
    (19, 'answer together',             leg('B', 0, 20)),
    (20, 'answer together, by bytes',   leg('a', 0, 20)),
    (20, 'answer together, by bytes',   leg('B', 0, 10)),
    (20, 'answer together, by bytes',   leg('B2', 0, 10)),
    (21, 'of 0 ms, as another leaves',  leg('A', 0, 10)),
    (21, 'of 0 ms, as another leaves',  leg('B', 10, 10)),
    (22, 'of 0 ms, after another left', leg('A', 0, 10)),
    (22, 'of 0 ms, after another left', leg('B', 10.000001, 10.000001)),
    (23, 'the first is on, one was asked', leg('A', 0, NULL, open => true)),
    (23, 'the first is on, one was asked', leg('B', 3, 6)),
    (24, 'both are on',                 leg('A', 0, NULL, open => true)),
    (24, 'both are on',                 leg('B', 3, NULL, open => true)),
    (25, 'the second is on',            leg('A', 0, 10)),
    (25, 'the second is on',            leg('B', 3, NULL, open => true)),
    (26, 'the first wraps',             leg('A', 0, 10, open => true)),
    (26, 'the first wraps',             leg('B', 3, 20)),
    (27, 'the end of the first is lost', leg('A', 0, NULL)),
    (27, 'the end of the first is lost', leg('B', 3, 6)),
    (28, 'the end of the second is lost', leg('A', 0, 10)),
    (28, 'the end of the second is lost', leg('B', 3, NULL)),
    (29, 'that end is lost, the first is on', leg('A', 0, NULL, open => true)),
    (29, 'that end is lost, the first is on', leg('B', 3, NULL)),
    (30, 'both ends are lost',          leg('A', 0, NULL)),
    (30, 'both ends are lost',          leg('B', 3, NULL)),
    (31, 'open is not known',           leg('A', 0, NULL, open => NULL)),
    (31, 'open is not known',           leg('B', 3, 6)),
    (32, 'not answered',                made('A', 0, 10, outcome => 'Unexpected')),
    (32, 'not answered',                made('B', 0, 10, outcome => 'Answered')),
    (33, 'answered, whatever the outcome', leg('A', 0, 10)),
    (33, 'answered, whatever the outcome', made('B', 9, 20, 9, 20, 'Unexpected')),
    (33, 'answered, whatever the outcome', made('C', 19, 30, 19, 30, 'Failed')),
    (33, 'answered, whatever the outcome', made('D', 29, 40, 29, 40, 'Monitored')),
    (33, 'answered, whatever the outcome', made('E', 39, 50, 39, 50, NULL)),
    (34, 'nobody, asked',               leg('A', 0, 10)),
    (34, 'nobody, asked',               leg(NULL, 3, 6)),
    (35, 'nobody and nobody',           leg(NULL, 0, 10)),
    (35, 'nobody and nobody',           leg(NULL, 9, 20)),
    (36, 'nobody and the empty agent',  leg('', 0, 10)),
    (36, 'nobody and the empty agent',  leg(NULL, 0, 10)),
    (37, 'leading zeros count',         leg('2', 0, 10)),
    (37, 'leading zeros count',         leg('002', 9, 20)),
    (38, 'asked by who was asked, back', leg('A', 0, 30)),
    (38, 'asked by who was asked, back', leg('B', 5, 20)),
    (38, 'asked by who was asked, back', leg('A', 10, 15)),
    (39, 'two own legs, another holds', leg('B', 0, 10)),
    (39, 'two own legs, another holds', leg('A', 1, 30)),
    (39, 'two own legs, another holds', leg('A', 2, 40)),
    (39, 'two own legs, another holds', leg('A', 3, 10));
SELECT nr, of, (i).agents, (i).answered, (i).transfers, (i).consults, quote_nullable((i).first_agent_id) AS first,
       quote_nullable((i).last_agent_id) AS last, s((i).answered_at) AS at, s((i).disconnected_at) AS disconnected
  FROM report
 WHERE nr BETWEEN 1 AND 49
 ORDER BY nr;

--
-- From when to when; how long until it was answered
--
INSERT INTO by_hand VALUES
    (51, 'all over',                    made('A', 5, 70)),
    (51, 'all over',                    made('B', 0, 60)),
    (52, 'a Monitor does not count',    made('A', 5, 60)),
    (52, 'a Monitor does not count',    made('B', 0, 70, outcome => 'Monitored', open => true)),
    (53, 'nor one without an end',      made('A', 5, 60)),
    (53, 'nor one without an end',      made('B', 0, NULL, outcome => 'Monitored', open => true)),
    (54, 'Monitors only',               made('A', 5, 60, outcome => 'Monitored')),
    (54, 'Monitors only',               made('B', 0, 70, outcome => 'Monitored', open => true)),
    (55, 'no outcome is no Monitor',    made('A', 5, 60, outcome => NULL)),
    (55, 'no outcome is no Monitor',    made('B', 0, 70, outcome => 'Monitored')),
    (56, 'one is open',                 made('A', 0, NULL, open => true)),
    (56, 'one is open',                 made('B', 5, 60)),
    (57, 'an end is lost',              made('A', 0, NULL)),
    (57, 'an end is lost',              made('B', 5, 60)),
    (58, 'the start is not known',      made('A', NULL, 60, open => NULL)),
    (59, 'a start is not known',        made('A', NULL, 60)),
    (59, 'a start is not known',        made('B', 5, 10)),
    (60, 'a Monitor has the only start', made('A', NULL, 60)),
    (60, 'a Monitor has the only start', made('B', 5, 10, outcome => 'Monitored')),
    (61, 'parts of a ms, less than a half', made('A', 0.000003, 1.000502)),
    (62, 'parts of a ms, a half',       made('A', 0.000003, 1.000503)),
    (63, 'answered later',              made('A', 0, 60, 34.5, 50, answer_ms => 4500)),
    (64, 'answered at once',            made('A', 0, 60, 0, 50)),
    (65, 'rang for 0 ms',               made('A', 0, 60, 0, 50, answer_ms => 0)),
    (66, 'one of two rang for 0 ms',    made('A', 0, 60, 0, 50)),
    (66, 'one of two rang for 0 ms',    made('B', 0, 60, 0, 40, answer_ms => 0)),
    (67, 'who rang answered later',     made('A', 0, 60, 0, 50)),
    (67, 'who rang answered later',     made('B', 0, 60, 0.001, 50, answer_ms => 1)),
    (68, 'answered after a little',     made('A', 0, 60, 0.0001, 50)),
    (69, 'answered after a half of a ms', made('A', 0, 60, 0.0005, 50)),
    (70, 'rang first at another',       made('A', 0, 20, outcome => 'Unexpected')),
    (70, 'rang first at another',       made('B', 25, 60, 30, 50, answer_ms => 5000)),
    (71, 'listened before',             made('A', 0, 20, outcome => 'Monitored')),
    (71, 'listened before',             made('B', 25, 60, 30, 50, answer_ms => 5000)),
    (72, 'answered, no start',          made('A', NULL, NULL, 30, 50, answer_ms => 5000)),
    (73, 'one leg has no end',          made('A', 0, 60, 0, 50)),
    (73, 'one leg has no end',          made('B', 0, 60, 9, NULL)),
    (74, 'one is open, one answered',   made('A', 0, NULL, open => true)),
    (74, 'one is open, one answered',   made('B', 0, 60, 9, 20)),
    (75, 'as long as time',             made('A', -210000000000, 9220000000000, 9220000000000, 9220000000000));
SELECT nr, of, s((i).started_at) AS started, s((i).answered_at) AS answered, s((i).disconnected_at) AS disconnected,
       s((i).ended_at) AS ended, (i).answer_ms, (i).length_ms, (i).open, (i).outcome
  FROM report
 WHERE nr BETWEEN 51 AND 79
 ORDER BY nr;

--
-- What became of it
--
INSERT INTO by_hand VALUES
    (81, 'Answered before all else',    made('A', 0, 9, outcome => 'Unexpected')),
    (81, 'Answered before all else',    made('B', 0, 9, outcome => 'Failed')),
    (81, 'Answered before all else',    made('C', 0, 9, outcome => 'Answered')),
    (82, 'answered, then Failed',       made('A', 0, 9, 0, 9, outcome => 'Failed')),
    (83, 'answered, and not known',     made('A', 0, 9, 0, 9, outcome => NULL)),
    (84, 'Unexpected before Failed',    made('A', 0, 9, outcome => 'Failed')),
    (84, 'Unexpected before Failed',    made('B', 0, 9, outcome => 'Unexpected')),
    (85, 'Failed before Unanswered',    made('A', 0, 9, outcome => 'Unanswered')),
    (85, 'Failed before Unanswered',    made('B', 0, 9, outcome => 'Failed')),
    (86, 'Unanswered, listened in',     made('A', 0, 9, outcome => 'Monitored')),
    (86, 'Unanswered, listened in',     made('B', 0, 9, outcome => 'Unanswered')),
    (87, 'Monitored',                   made('A', 0, 9, outcome => 'Monitored')),
    (87, 'Monitored',                   made('B', 0, 9, outcome => 'Monitored')),
    (88, 'Monitored, and not known',    made('A', 0, 9, outcome => 'Monitored')),
    (88, 'Monitored, and not known',    made('B', 0, 9, outcome => NULL)),
    (89, 'not known',                   made('A', 0, 9, outcome => NULL)),
    (90, 'Unanswered, and not known',   made('A', 0, 9, outcome => NULL)),
    (90, 'Unanswered, and not known',   made('B', 0, 9, outcome => 'Unanswered'));
SELECT nr, of, (i).outcome, (i).answered, (i).unexpected, (i).failed, (i).monitored, (i).participations
  FROM report
 WHERE nr BETWEEN 81 AND 99
 ORDER BY nr;

--
-- Sums and counts are of all rows, Monitors too; what is null counts as nothing
--
INSERT INTO by_hand VALUES
    (101, 'sums',                       made('A', 0, 9, 0, 9, 'Answered', false, 1, true, true, 1, 2, 4, 8, 16, 32, 64)),
    (101, 'sums',                       made('B', 0, 9, 0, 9, 'Monitored', false, 1, false, true, 100, 200, 400, 800, 1600, 3200, 6400)),
    (101, 'sums',                       made('C', 0, 9, NULL, NULL, 'Unexpected', false, 1, true, false, 0, 0, 0, 0, 0, 0, 0)),
    (102, 'nulls',                      made('A', 0, 9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)),
    (102, 'nulls',                      made('A', 0, 9, NULL, NULL, NULL, NULL, NULL, true, true, 5, NULL, NULL, NULL, NULL, NULL, NULL)),
    (103, 'as much as fits',            made('A', 0, 9, talk_ms => 9223372036854775806, unexpected_attempts => 2147483646)),
    (103, 'as much as fits',            made('A', 0, 9, talk_ms => 1, unexpected_attempts => 1));
SELECT nr, of, (i).ring_ms AS ring, (i).talk_ms AS talk, (i).parked_ms AS parked, (i).wrap_ms AS wrap, (i).handle_ms AS handle,
       (i).monitor_ms AS monitor, (i).unexpected_attempts AS attempts, (i).participations, (i).offered, (i).handled
  FROM report
 WHERE nr BETWEEN 101 AND 109
 ORDER BY nr;

--
-- Status: the best known. Direction, medium and its manager: the first known by
-- start, Monitors last, of those the least, byte by byte. Reported: the latest.
--
INSERT INTO by_hand VALUES
    (111, 'alike',                      made('A', 0, 9, reported => 7)),
    (111, 'alike',                      made('B', 5, 9, reported => 7)),
    (112, 'Completed is best',          made('A', 0, 9, status => 'Ongoing')),
    (112, 'Completed is best',          made('B', 5, 9, status => 'Completed', outcome => 'Monitored')),
    (112, 'Completed is best',          made('C', 9, 9, status => 'InternalError')),
    (113, 'InternalError is better',    made('A', 0, 9, status => 'InternalError')),
    (113, 'InternalError is better',    made('B', 5, 9, status => 'Ongoing')),
    (113, 'InternalError is better',    made('C', 5, 9, status => NULL)),
    (114, 'the first by start',         made('A', 5, 9, direction => 'Inbound', medium => 'Case', manager => 'CC', reported => 3)),
    (114, 'the first by start',         made('B', 0, 9, direction => 'Internal', medium => 'Phone', manager => 'VCC', reported => 2)),
    (114, 'the first by start',         made('C', 7, 9, direction => 'Inbound', medium => 'Chat', manager => 'UC', reported => 1)),
    (115, 'each is the first known',    made('A', 5, 9, direction => 'Internal', medium => NULL, manager => 'VCC')),
    (115, 'each is the first known',    made('B', 0, 9, direction => NULL, medium => NULL, manager => 'UC')),
    (115, 'each is the first known',    made('C', 7, 9, direction => 'Inbound', medium => 'Chat', manager => 'CC')),
    (116, 'none known',                 made('A', 0, 9, direction => NULL, medium => NULL, manager => NULL, status => NULL)),
    (117, 'tie',                        made('A', 0, 9, direction => 'Outbound', medium => 'a', manager => 'aaa')),
    (117, 'tie',                        made('B', 0, 9, direction => 'Inbound', medium => 'B', manager => 'aa')),
    (117, 'tie',                        made('C', 0, 9, direction => 'Internal', medium => NULL, manager => 'ab')),
    (118, 'empty is not null',          made('A', 0, 9, medium => '', manager => 'VCC')),
    (118, 'empty is not null',          made('B', 5, 9, medium => 'Phone', manager => '')),
    (119, 'Monitors last',              made('A', 0, 9, direction => 'Internal', medium => 'Case', manager => 'CC', outcome => 'Monitored')),
    (119, 'Monitors last',              made('B', 5, 9, direction => 'Outbound', medium => 'Phone', manager => NULL)),
    (119, 'Monitors last',              made('C', NULL, 9, direction => 'Inbound', medium => 'Chat', manager => NULL)),
    (120, 'Monitors only',              made('A', 5, 9, direction => 'Internal', medium => 'Case', manager => 'CC', outcome => 'Monitored')),
    (120, 'Monitors only',              made('B', 0, 9, direction => 'Outbound', medium => NULL, manager => 'UC', outcome => 'Monitored')),
    (121, 'without a start',            made('A', NULL, 9, direction => 'Inbound', medium => 'Case', manager => 'CC')),
    (121, 'without a start',            made('B', 0, 9, direction => 'Outbound', medium => NULL, manager => 'UC')),
    (122, 'a Monitor before no start',  made('A', 0, 9, direction => 'Inbound', medium => 'Case', manager => 'CC', outcome => 'Monitored')),
    (122, 'a Monitor before no start',  made('B', NULL, 9, direction => 'Outbound', medium => 'Phone', manager => 'VCC')),
    (123, 'no outcome is no Monitor',   made('A', 5, 9, medium => 'Case', outcome => NULL)),
    (123, 'no outcome is no Monitor',   made('B', 0, 9, medium => 'Phone', outcome => 'Monitored'));
SELECT nr, of, (i).status, (i).direction, quote_nullable((i).medium) AS medium, quote_nullable((i).medium_manager) AS manager,
       s((i).reported_at) AS reported
  FROM report
 WHERE nr BETWEEN 111 AND 129
 ORDER BY nr;

--
-- The key, null rows, and no rows
--
INSERT INTO by_hand VALUES
    (131, 'an interaction',             made('A', 0, 9, interaction => 42)),
    (131, 'an interaction',             made('B', 0, 9, interaction => 42)),
    (132, 'no interaction',             made('A', 0, 9, interaction => NULL)),
    (132, 'no interaction',             made('B', 0, 9, interaction => NULL)),
    (133, 'one of nulls',               jsonb_populate_record(NULL::participation, '{}')),
    (134, 'and null ones',              NULL),
    (134, 'and null ones',              made('A', 0, 9)),
    (134, 'and null ones',              NULL),
    (134, 'and null ones',              made('B', 0, 9)),
    (135, 'null ones only',             NULL),
    (135, 'null ones only',             NULL);
SELECT nr, of, (i).interaction_guid AS interaction, (i).participations, i IS NULL AS is_null
  FROM report
 WHERE nr BETWEEN 131 AND 139
 ORDER BY nr;
SELECT i FROM report WHERE nr = 133;
SELECT interaction(p) FROM by_hand WHERE false;

-- a long agent and medium
SELECT length((i).first_agent_id) AS first, length((i).last_agent_id) AS last, length((i).medium) AS medium, (i).transfers
  FROM (SELECT interaction(made(repeat('agent', 10000 + n), n, 2 * n, n, 2 * n, medium => repeat('m', 10010 - n)))
          FROM generate_series(1, 5) AS n) AS v (i);

-- many legs: each hands over to the next, and asks another meanwhile
SELECT (i).participations, (i).agents, (i).transfers, (i).consults, (i).first_agent_id AS first, (i).last_agent_id AS last
  FROM (SELECT interaction(p)
          FROM generate_series(0, 9999) AS n,
               LATERAL (VALUES (leg('A' || n, n, n + 1.5)), (leg('B' || n % 10, n + 0.2, n + 1))) AS v (p)) AS v (i);

--
-- The page whose interactions were worked out by hand; and the metrics over its
-- participations and activities
--
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-legs.json"`
CREATE TABLE page_activity OF activity;
INSERT INTO page_activity SELECT * FROM activities(:'page'::json);
CREATE TABLE page_participation OF participation;
INSERT INTO page_participation
    SELECT (participation(a)).* FROM page_activity AS a GROUP BY agent_id, interaction_guid, channel_guid;
INSERT INTO by_hand
    SELECT 200 + dense_rank() OVER (ORDER BY interaction_guid), 'the page', p
      FROM page_participation AS p
     ORDER BY started_at;
CREATE VIEW page_interaction AS
    SELECT (i).*, nr, right((i).interaction_guid::text, 2) AS interaction FROM report WHERE nr > 200;
CREATE FUNCTION clock(at timestamptz) RETURNS text
    RETURN to_char(at, 'HH24:MI:SS.FF1');
SELECT interaction, clock(started_at) AS started, clock(answered_at) AS answered, clock(disconnected_at) AS disconnected,
       clock(ended_at) AS ended, answer_ms, length_ms
  FROM page_interaction
 ORDER BY nr;
SELECT interaction, ring_ms AS ring, talk_ms AS talk, parked_ms AS parked, wrap_ms AS wrap, handle_ms AS handle,
       monitor_ms AS monitor, participations, agents, offered, answered, handled
  FROM page_interaction
 ORDER BY nr;
SELECT interaction, unexpected, failed, monitored, unexpected_attempts AS attempts, transfers, consults,
       first_agent_id AS first, last_agent_id AS last, outcome, open, status
  FROM page_interaction
 ORDER BY nr;
SELECT interaction, direction, medium, medium_manager, clock(reported_at) AS reported
  FROM page_interaction
 ORDER BY nr;
SELECT count(*) AS the_same_from_jsonb
  FROM report AS j
  JOIN (SELECT interaction(p)
          FROM (SELECT (participation(a)).*
                  FROM activities(:'page'::jsonb) AS a
                 GROUP BY agent_id, interaction_guid, channel_guid) AS p
         GROUP BY interaction_guid) AS b (i) ON j.i::text = b.i::text;
SELECT coalesce(agent_id, 'all') AS agent, answered_participations(p), parked_time(p), average_answer_time(p)
  FROM page_participation AS p
 GROUP BY ROLLUP (agent_id)
 ORDER BY agent_id NULLS FIRST;
SELECT coalesce(agent_id, 'all') AS agent, answered_participations(a)
  FROM page_activity AS a
 GROUP BY ROLLUP (agent_id)
 ORDER BY agent_id NULLS FIRST;

--
-- The order of the participations does not matter, nor into which parts they
-- are split: partition-wise, each partition's rows are a part; with workers,
-- what each of them reads.
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

SELECT count(*) AS cases, sum(participations) AS participations,
       count(*) FILTER (WHERE parts > 1) AS in_parts
  FROM (SELECT count(*) AS participations, count(DISTINCT part) AS parts FROM by_hand GROUP BY nr) AS v;
CREATE TABLE answer AS SELECT nr, i::text FROM report;
SELECT count(*) FILTER (WHERE backwards::text IS DISTINCT FROM i) AS backwards,
       count(*) FILTER (WHERE mixed::text IS DISTINCT FROM i) AS mixed,
       count(*) FILTER (WHERE by_answer::text IS DISTINCT FROM i) AS by_answer
  FROM answer
  JOIN (SELECT nr, interaction(p ORDER BY n DESC) AS backwards,
               interaction(p ORDER BY md5(n::text)) AS mixed,
               interaction(p ORDER BY (p).disconnected_at, (p).answered_at DESC) AS by_answer
          FROM by_hand
         GROUP BY nr) AS v USING (nr);
SELECT count(*) AS answers, count(*) FILTER (WHERE i.i::text IS DISTINCT FROM a.i) AS differ
  FROM in_parts('TABLE report') AS i (nr integer, of text, i interaction)
  JOIN answer AS a USING (nr);
SELECT count(*) AS answers, count(*) FILTER (WHERE i.i::text IS DISTINCT FROM a.i) AS differ
  FROM by_workers('TABLE report') AS i (nr integer, of text, i interaction)
  JOIN answer AS a USING (nr);

-- and the rules written down in plain SQL say the same
\set plain :srcdir '/sql/include/plain_interactions.sql'
\set ECHO none
\i :plain
\set ECHO all
CREATE TABLE apart OF participation;
INSERT INTO apart (started_at, ended_at, ring_ms, talk_ms, parked_ms, wrap_ms, handle_ms, outcome, offered, handled, open, status,
                   direction, interaction_guid, agent_id, medium, medium_manager, reported_at, answered_at, disconnected_at,
                   answer_ms, monitor_ms, unexpected_attempts)
    SELECT (p).started_at, (p).ended_at, (p).ring_ms, (p).talk_ms, (p).parked_ms, (p).wrap_ms, (p).handle_ms, (p).outcome,
           (p).offered, (p).handled, (p).open, (p).status, (p).direction, lpad(nr::text, 32, '0')::uuid, (p).agent_id, (p).medium,
           (p).medium_manager, (p).reported_at, (p).answered_at, (p).disconnected_at, (p).answer_ms, (p).monitor_ms,
           (p).unexpected_attempts
      FROM by_hand
     WHERE p IS DISTINCT FROM NULL;
SELECT count(*) AS interactions, count(*) FILTER (WHERE i::text IS DISTINCT FROM plain::text) AS differ
  FROM (SELECT interaction_guid, interaction(a) AS i FROM apart AS a GROUP BY interaction_guid) AS v
  FULL JOIN plain_interactions('apart') AS plain USING (interaction_guid);

-- As window aggregates: of all participations so far, and of a moving frame
SELECT count(*) AS moments,
       count(*) FILTER (WHERE so_far IS DISTINCT FROM fresh_so_far) AS differ_so_far,
       count(*) FILTER (WHERE last_two IS DISTINCT FROM fresh_last_two) AS differ_in_two
  FROM (SELECT interaction(p) OVER (PARTITION BY nr ORDER BY n)::text AS so_far,
               interaction(p) OVER (PARTITION BY nr ORDER BY n ROWS 1 PRECEDING)::text AS last_two,
               (SELECT interaction(p) FROM by_hand AS r WHERE r.nr = c.nr AND r.n <= c.n)::text AS fresh_so_far,
               (SELECT interaction(p)
                  FROM (SELECT p FROM by_hand AS r WHERE r.nr = c.nr AND r.n <= c.n ORDER BY n DESC LIMIT 2) AS v)::text AS fresh_last_two
          FROM by_hand AS c) AS v;

--
-- Errors
--

-- Participations of two interactions, here in one part, and below in two parts.
-- They are named in the same order, whichever comes first.
CREATE TABLE pair (nr integer, one participation, other participation);
INSERT INTO pair VALUES
    (1, made('A', 0, 9, interaction => 1), made('A', 0, 9, interaction => 2)),
    (2, made('A', 0, 9, interaction => 0), made('A', 0, 9, interaction => NULL)),
    (3, made('A', 0, 9, interaction => NULL, outcome => 'Monitored'), made('B', 0, 9, outcome => 'Monitored'));
\x on
SELECT nr, e.*,
       e = raised(format('SELECT interaction(p)
                            FROM (SELECT other AS p FROM pair WHERE nr = %1$s UNION ALL
                                  SELECT one FROM pair WHERE nr = %1$s) AS v', nr)) AS other_way_round
  FROM pair,
       raised(format('SELECT interaction(p)
                        FROM pair, LATERAL (VALUES (one), (NULL), (other)) AS v (p)
                       WHERE nr = %s', nr)) AS e
 ORDER BY nr;
\x off
CREATE TABLE two_parts (part integer, p participation) PARTITION BY LIST (part);
CREATE TABLE part_one PARTITION OF two_parts FOR VALUES IN (1) WITH (autovacuum_enabled = off);
CREATE TABLE part_other PARTITION OF two_parts FOR VALUES IN (2) WITH (autovacuum_enabled = off);
CREATE FUNCTION raised_in_parts(one participation, other participation,
        OUT code text, OUT message text, OUT detail text, OUT hint text)
    LANGUAGE plpgsql AS
$$
BEGIN
    TRUNCATE two_parts;
    INSERT INTO two_parts VALUES (1, one), (2, other);
    PERFORM FROM (SELECT interaction(p) FROM two_parts GROUP BY part) AS alone;
    SELECT r.* INTO code, message, detail, hint
      FROM raised('SELECT * FROM in_parts(''SELECT interaction(p) FROM two_parts'') AS (i interaction)') AS r;
END
$$;
SELECT nr, e.code, e.message, e.hint, e = f AS the_same
  FROM pair, raised_in_parts(one, other) AS e,
       raised(format('SELECT interaction(p) FROM pair, LATERAL (VALUES (one), (other)) AS v (p)
                       WHERE nr = %s', nr)) AS f
 ORDER BY nr;

-- never a wrong number: sums that are too much, in one part and in two
CREATE TABLE too_much (nr serial, attribute text, one participation, other participation);
INSERT INTO too_much (attribute, one, other) VALUES
    ('ring_ms', made('A', 0, 9, ring_ms => 9223372036854775807), made('A', 0, 9, ring_ms => 1)),
    ('talk_ms', made('A', 0, 9, talk_ms => 9223372036854775807), made('A', 0, 9, talk_ms => 1)),
    ('parked_ms', made('A', 0, 9, parked_ms => 9223372036854775807), made('A', 0, 9, parked_ms => 1)),
    ('wrap_ms', made('A', 0, 9, wrap_ms => 9223372036854775807), made('A', 0, 9, wrap_ms => 1)),
    ('handle_ms', made('A', 0, 9, handle_ms => 9223372036854775807), made('A', 0, 9, handle_ms => 1)),
    ('monitor_ms', made('A', 0, 9, monitor_ms => 9223372036854775807), made('A', 0, 9, monitor_ms => 1)),
    ('unexpected_attempts', made('A', 0, 9, unexpected_attempts => 2147483647), made('A', 0, 9, unexpected_attempts => 1));
SELECT attribute, e.code, e.message, e = f AS the_same_in_parts
  FROM too_much,
       raised(format('SELECT interaction(p) FROM too_much, LATERAL (VALUES (one), (other)) AS v (p) WHERE nr = %s', nr)) AS e,
       raised_in_parts(one, other) AS f
 ORDER BY nr;

RESET ALL;

--
-- Labels and attributes that were added to the types, in a database of its own
--
SELECT current_database() AS regression \gset
SET client_min_messages = warning;
CREATE DATABASE activity_interaction TEMPLATE template0;
\connect activity_interaction
CREATE EXTENSION activity;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
ALTER TYPE participation_outcome ADD VALUE 'Queued' BEFORE 'Answered';
ALTER TYPE interaction_status ADD VALUE 'Verified';
ALTER TYPE interaction_status ADD VALUE 'Announced' BEFORE 'Ongoing';
ALTER TYPE interaction_direction ADD VALUE 'Callback' BEFORE 'Inbound';
ALTER TYPE participation ADD ATTRIBUTE remark integer;
ALTER TYPE interaction ADD ATTRIBUTE note text;
CREATE TABLE by_hand OF participation;
INSERT INTO by_hand (interaction_guid, started_at, outcome, status, direction, remark)
    SELECT lpad(nr::text, 32, '0')::uuid, '2026-03-29 00:00:00+00'::timestamptz + s * '1 s'::interval, outcome, status, direction, nr
      FROM (VALUES (1, 7, 'Queued'::participation_outcome, 'Announced'::interaction_status, 'Outbound'::interaction_direction),
                   (2, 7, 'Queued',     'Verified',  'Outbound'),
                   (2, 0, 'Monitored',  'Completed', 'Inbound'),
                   (3, 0, 'Queued',     'Announced', 'Inbound'),
                   (3, 0, 'Unanswered', 'Ongoing',   'Callback')) AS v (nr, s, outcome, status, direction);
CREATE TABLE made OF interaction;
INSERT INTO made SELECT (interaction(p)).* FROM by_hand AS p GROUP BY interaction_guid;
SELECT started_at, outcome, monitored, status, direction, note FROM made ORDER BY interaction_guid;
\connect :regression
SET client_min_messages = warning;
DROP DATABASE activity_interaction;
DROP SCHEMA interaction_test CASCADE;
