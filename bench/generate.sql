--
-- generate.sql: activities in any number, and whole pages of them.
--
--     \i bench/generate.sql
--     CREATE TABLE a OF activity;
--     INSERT INTO a SELECT * FROM generate_activities(300000);
--     CREATE TABLE pages AS
--         SELECT page FROM generate_pages(300000, page_size => 100) AS page;
--
-- The functions land in the current schema; the types of the extension have
-- to be on the search_path while this file is read, and not after that. The
-- same arguments give the same rows in the same order, on every server and
-- under any settings: all that varies is drawn with hashint8extended() and
-- computed with integers. Another seed gives other rows of the same kind.
--
-- generate_activities() makes about 2.6 activities a participation. They come
-- by participation, which is roughly by start. Their key (agent, interaction,
-- channel, start, state) is unique: none is delivered twice. Each agent has 40
-- participations a day, from 07:00 UTC on 2026-01-05 over twelve hours and then
-- the next day. What they are like:
--
--     agents        every fourth has a twin with a leading zero in the id (01
--                   and 1), one in 64 has an e-mail address for an id
--     interactions  participations come in fours. Half of the fours are four
--                   interactions; an eighth each are a call not answered,
--                   then taken by the next agent and listened to by a
--                   supervisor; a call transferred once; a busy line, then
--                   taken, transferred, listened to; a call transferred
--                   three times. So there are 72 interactions to 100
--                   participations
--     stories       what happens in a participation: answered, rung out, busy,
--                   offered again, parked, interrupted, monitored, joined by
--                   the monitor, cut off, still open, ... The shares of those
--                   outside such calls stand below
--     states        34 % Ringing, 34 % Connected, 23 % Wrap, 8 % Unexpected,
--                   1 % Failed; 9 % of all are a monitor's
--     media         Phone, Call, Phone Callback, Case, Email, Chat
--     channels      null for 4 % of the activities; that of a case or e-mail
--                   is the interaction itself (8 %)
--     durations     whole milliseconds, short ones more likely than long ones;
--                   1.6 % are 0; 1.1 % are null, a third of them for ever
--                   (InternalError); 2 in 1,000 are past 2^31 ms (cases that
--                   began 65 days earlier). Cases last for hours, so an agent's
--                   activities overlap
--     guids         begin with the time, as the vendor's do, and end at random
--     reported_at   the same for all: two days after the last day's midnight,
--                   as if one request had brought all pages
--
-- generate_pages() makes the same activities into bodies of the endpoint
-- /agent-activities/interactions, in the order above, page_size items each
-- (the last page may have fewer). activities() of the pages gives the rows of
-- generate_activities() again.
--

-- A guid of version 4 in form, but with the time, in milliseconds since 1970,
-- in its first twelve digits.
CREATE FUNCTION generate_guid(at_ms bigint, key bigint, seed bigint)
    RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (lpad(to_hex(at_ms), 12, '0')
            || to_hex(hashint8extended(key, seed) & x'0fff'::bigint | x'4000'::bigint)
            || to_hex(hashint8extended(key, seed + 1) & x'3fffffffffffffff'::bigint
                      | x'8000000000000000'::bigint))::uuid;

CREATE FUNCTION generate_activities(participations bigint,
        agents integer DEFAULT 200, seed bigint DEFAULT 1)
    RETURNS SETOF activity
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000000 ROWS 100000
BEGIN ATOMIC
    WITH
    -- What happens in a participation, stretch by stretch. A stretch without
    -- a state is time that no activity covers: parked, interrupted, not yet
    -- offered again.
    stretch (story, stretch, state, reason, open, shortest, longest) AS (VALUES
        ('answered',    1, 'Ringing'::interaction_state, NULL::activity_reason, false,
                                                          1000::bigint, 20000::bigint),
        ('answered',    2, 'Connected',  NULL,       false,      5000,     900000),
        ('answered',    3, 'Wrap',       NULL,       false,      1000,     120000),
        ('unwrapped',   1, 'Ringing',    NULL,       false,      1000,      20000),
        ('unwrapped',   2, 'Connected',  NULL,       false,      5000,     900000),
        ('parked',      1, 'Ringing',    NULL,       false,      1000,      20000),
        ('parked',      2, 'Connected',  NULL,       false,      5000,     600000),
        ('parked',      3, NULL,         NULL,       false,      2000,     300000),
        ('parked',      4, 'Connected',  'Unparked', false,      5000,     600000),
        ('parked',      5, 'Wrap',       NULL,       false,      1000,     120000),
        ('rung out',    1, 'Ringing',    NULL,       false,     10000,      30000),
        ('rung out',    2, 'Unexpected', NULL,       false,       500,       8000),
        ('missed',      1, 'Ringing',    NULL,       false,      1000,      20000),
        ('busy',        1, 'Unexpected', 'NumberBusy', false,     200,       3000),
        ('taken later', 1, 'Ringing',    NULL,       false,     10000,      30000),
        ('taken later', 2, 'Unexpected', NULL,       false,       500,       8000),
        ('taken later', 3, NULL,         NULL,       false,      1000,      60000),
        ('taken later', 4, 'Ringing',    NULL,       false,      1000,      20000),
        ('taken later', 5, 'Connected',  NULL,       false,      5000,     900000),
        ('taken later', 6, 'Wrap',       NULL,       false,      1000,     120000),
        ('never taken', 1, 'Ringing',    NULL,       false,     10000,      30000),
        ('never taken', 2, 'Unexpected', NULL,       false,       500,       8000),
        ('never taken', 3, NULL,         NULL,       false,      1000,      60000),
        ('never taken', 4, 'Ringing',    NULL,       false,     10000,      30000),
        ('never taken', 5, 'Unexpected', NULL,       false,       500,       8000),
        ('monitored',   1, 'Ringing',    'Monitor',  false,      1000,       5000),
        ('monitored',   2, 'Connected',  'Monitor',  false,      5000,     300000),
        ('monitored',   3, 'Wrap',       'Monitor',  false,      1000,      20000),
        ('joined',      1, 'Connected',  'Monitor',  false,      5000,     300000),
        ('joined',      2, NULL,         NULL,       false,         1,       2000),
        ('joined',      3, 'Connected',  NULL,       false,      5000,     300000),
        ('joined',      4, 'Wrap',       NULL,       false,      1000,      60000),
        ('cut off',     1, 'Ringing',    NULL,       false,      1000,      20000),
        ('cut off',     2, 'Connected',  NULL,       false,      5000,     600000),
        ('cut off',     3, 'Failed',     NULL,       false,       100,       3000),
        ('failed',      1, 'Ringing',    NULL,       false,      1000,      20000),
        ('failed',      2, 'Failed',     NULL,       false,       100,       3000),
        ('not reached', 1, 'Failed',     NULL,       false,       100,       3000),
        ('error',       1, 'Ringing',    NULL,       false,      1000,      20000),
        ('error',       2, 'Connected',  NULL,       true,          0,          0),
        ('ringing',     1, 'Ringing',    NULL,       true,          0,          0),
        ('talking',     1, 'Ringing',    NULL,       false,      1000,      20000),
        ('talking',     2, 'Connected',  NULL,       true,          0,          0),
        ('wrapping',    1, 'Ringing',    NULL,       false,      1000,      20000),
        ('wrapping',    2, 'Connected',  NULL,       false,      5000,     900000),
        ('wrapping',    3, 'Wrap',       NULL,       true,          0,          0),
        ('chat',        1, 'Ringing',    NULL,       false,      1000,      20000),
        ('chat',        2, 'Connected',  NULL,       false,     20000,    1800000),
        ('chat',        3, 'Wrap',       NULL,       false,      1000,     120000),
        ('case',        1, 'Connected',  NULL,       false,     60000,   28800000),
        ('case',        2, 'Wrap',       NULL,       false,      1000,     600000),
        ('interrupted', 1, 'Connected',  NULL,       false,     60000,   14400000),
        ('interrupted', 2, NULL,         NULL,       false,      5000,   14400000),
        ('interrupted', 3, 'Connected',  'Resumed',  false,     60000,   14400000),
        ('interrupted', 4, 'Wrap',       NULL,       false,      1000,     600000),
        ('resumed',     1, 'Connected',  NULL,       false,     60000,   14400000),
        ('resumed',     2, NULL,         NULL,       false,      5000,   14400000),
        ('resumed',     3, 'Connected',  'Resumed',  true,          0,          0),
        ('long case',   1, 'Connected',  NULL,       false, 2147483648, 5500000000),
        ('long case',   2, 'Wrap',       NULL,       false,      1000,     600000)
    ),
    -- OFFSET 0 below keeps each step's expressions from being computed anew
    -- wherever a later step uses them.

    -- Participations are numbered from 0 and come in fours; the seed is spread
    -- first, so that seeds beside each other have nothing in common.
    numbered AS (
        SELECT p, p / 4 AS four, p % 4 AS place,
               hashint8extended(generate_activities.seed, 0) / 2 AS seed
          FROM generate_series(0, generate_activities.participations - 1) AS p
    ),
    drawn AS (
        SELECT n.*,
               hashint8extended(four, n.seed) AS four_hash,
               hashint8extended(p, n.seed + 1) AS hash,
               (hashint8extended(p, n.seed + 1) >> 8 & 1048575) % 1000 AS draw,
               -- 2026-01-05 07:00 UTC, the day, the time of the day, some seconds
               1767596400000
               + four * 4 / (generate_activities.agents * 40::bigint) * 86400000
               + four * 4 % (generate_activities.agents * 40::bigint) * 43200000
                 / (generate_activities.agents * 40::bigint)
               + (hashint8extended(four, n.seed + 2) & 32767) AS four_ms
          FROM numbered AS n
        OFFSET 0
    ),
    -- Which place of the four began the interaction, and what happens in this one.
    cast_in AS (
        SELECT d.*,
               CASE four_hash & 7
                   WHEN 4 THEN place / 3 * 3
                   WHEN 5 THEN CASE WHEN place < 2 THEN 0 ELSE place END
                   WHEN 6 THEN 0
                   WHEN 7 THEN 0
                   ELSE place
               END AS first_place,
               CASE (four_hash & 7) * 4 + place
                   WHEN 16 THEN 'rung out'
                   WHEN 17 THEN CASE WHEN hash & 7 = 0 THEN 'parked' ELSE 'answered' END
                   WHEN 18 THEN 'monitored'
                   WHEN 20 THEN 'unwrapped'
                   WHEN 21 THEN 'answered'
                   WHEN 24 THEN 'busy'
                   WHEN 25 THEN CASE WHEN hash & 3 = 0 THEN 'parked' ELSE 'unwrapped' END
                   WHEN 26 THEN 'answered'
                   WHEN 27 THEN 'monitored'
                   WHEN 28 THEN 'unwrapped'
                   WHEN 29 THEN 'unwrapped'
                   WHEN 30 THEN 'rung out'
                   WHEN 31 THEN 'answered'
                   ELSE CASE
                       WHEN draw < 300 THEN 'answered'
                       WHEN draw < 360 THEN 'unwrapped'
                       WHEN draw < 430 THEN 'parked'
                       WHEN draw < 530 THEN 'rung out'
                       WHEN draw < 550 THEN 'missed'
                       WHEN draw < 580 THEN 'busy'
                       WHEN draw < 620 THEN 'taken later'
                       WHEN draw < 640 THEN 'never taken'
                       WHEN draw < 660 THEN 'monitored'
                       WHEN draw < 670 THEN 'joined'
                       WHEN draw < 690 THEN 'cut off'
                       WHEN draw < 710 THEN 'failed'
                       WHEN draw < 720 THEN 'not reached'
                       WHEN draw < 735 THEN 'error'
                       WHEN draw < 740 THEN 'ringing'
                       WHEN draw < 755 THEN 'talking'
                       WHEN draw < 765 THEN 'wrapping'
                       WHEN draw < 855 THEN 'chat'
                       WHEN draw < 925 THEN 'case'
                       WHEN draw < 985 THEN 'interrupted'
                       WHEN draw < 990 THEN 'resumed'
                       ELSE 'long case'
                   END
               END AS story
          FROM drawn AS d
        OFFSET 0
    ),
    participation AS (
        SELECT c.p, c.seed, c.story, c.hash,
               -- those of one interaction follow each other at 2 to 3 minutes
               c.four_ms + c.place * 150000 + (c.hash >> 28 & 32767)
               - CASE c.story WHEN 'long case' THEN 65 * 86400000::bigint ELSE 0 END
               AS start_ms,
               CASE WHEN c.story IN ('case', 'interrupted', 'resumed', 'long case')
                    THEN (ARRAY['Case', 'Case', 'Case', 'Email'])[1 + (c.hash & 3)]
                    WHEN c.story = 'chat' THEN 'Chat'
                    ELSE (ARRAY['Phone', 'Phone', 'Phone', 'Phone', 'Phone', 'Phone',
                                'Call', 'Phone Callback'])
                         [1 + (c.four_hash + c.first_place * 3 & 7)]
               END AS medium,
               c.four_hash >> 3 & 3 AS manager,
               CASE WHEN c.story IN ('case', 'interrupted', 'resumed', 'long case', 'chat')
                    THEN 'Inbound'
                    ELSE (ARRAY['Inbound', 'Inbound', 'Inbound', 'Inbound', 'Inbound',
                                'Outbound', 'Outbound', 'Internal'])
                         [1 + (c.four_hash >> 5 & 7)]
               END::interaction_direction AS direction,
               CASE WHEN c.story = 'error' THEN 'InternalError'
                    WHEN c.story IN ('ringing', 'talking', 'wrapping', 'resumed') THEN 'Ongoing'
                    WHEN c.story IN ('case', 'interrupted') AND c.hash & 28 = 0 THEN 'Ongoing'
                    ELSE 'Completed'
               END::interaction_status AS status,
               generate_guid(c.four_ms, c.four * 4 + c.first_place, c.seed + 3)
               AS interaction_guid,
               CASE WHEN c.story = 'chat' AND c.hash & 1 = 0 OR c.hash & 127 = 127
                    THEN 'none'
                    WHEN c.story IN ('case', 'interrupted', 'resumed', 'long case')
                    THEN 'interaction'
                    ELSE 'own'
               END AS channel,
               -- agents of one interaction differ if there are enough of them
               ((c.four_hash >> 8 & 1048575) + c.place
                + CASE WHEN c.place = c.first_place THEN c.hash >> 43 & 65535 ELSE 0 END)
               % generate_activities.agents AS agent
          FROM cast_in AS c
        OFFSET 0
    ),
    activity AS (
        SELECT p.p, s.stretch, p.start_ms, s.state, s.reason, s.open,
               p.direction, p.status, p.medium, p.manager, p.interaction_guid,
               CASE p.channel
                   WHEN 'own' THEN generate_guid(p.start_ms, p.p, p.seed + 5)
                   WHEN 'interaction' THEN p.interaction_guid
               END AS channel_guid,
               CASE WHEN p.agent % 64 = 63
                    THEN 'agent.' || p.agent || '@contact-centre.example'
                    WHEN p.agent % 4 = 0 THEN '0' || (p.agent / 4 + 1)
                    WHEN p.agent % 4 = 1 THEN (p.agent / 4 + 1)::text
                    ELSE (1000000 + p.agent)::text
               END AS agent_id,
               h.hash,
               CASE WHEN s.open OR h.hash & 63 = 0 AND s.state IS NOT NULL THEN 0
                    -- the square of a draw below 2^15, over 2^30
                    ELSE s.shortest + ((s.longest - s.shortest)
                                       * ((h.hash >> 6 & 32767) * (h.hash >> 6 & 32767)) >> 30)
               END AS duration_ms
          FROM participation AS p
          JOIN stretch AS s USING (story)
         CROSS JOIN LATERAL hashint8extended(p.p * 8 + s.stretch, p.seed + 7) AS h (hash)
    ),
    timed AS (
        SELECT a.*,
               a.start_ms + sum(a.duration_ms) OVER w::bigint - a.duration_ms AS at_ms
          FROM activity AS a
        WINDOW w AS (PARTITION BY a.p ORDER BY a.stretch)
    )
    SELECT '1970-01-01 00:00:00+00'::timestamptz + t.at_ms * '1 ms'::interval,
           CASE WHEN NOT t.open THEN t.duration_ms END,
           t.state,
           t.status,
           t.direction,
           t.interaction_guid,
           t.channel_guid,
           CASE WHEN t.reason IS NOT NULL THEN t.reason
                WHEN t.state = 'Unexpected'
                THEN (ARRAY['NoAnswer', 'NoAnswer', 'NoAnswer', 'NoAnswer', 'NumberBusy',
                            'NumberUnobtainable', 'CallRejected', 'CallFailed',
                            'ConnectionUnavailable', NULL])
                     [1 + (t.hash >> 21 & 65535) % 10]::activity_reason
                WHEN t.state = 'Failed'
                THEN (ARRAY['CallFailed', 'NumberUnobtainable', 'CallRejected', NULL])
                     [1 + (t.hash >> 21 & 3)]::activity_reason
           END,
           t.agent_id,
           t.medium,
           CASE t.medium
               WHEN 'Phone' THEN (ARRAY['VCC', 'VCC', 'VCC', 'VBC'])[1 + t.manager]
               WHEN 'Call' THEN 'VBC'
               WHEN 'Chat' THEN (ARRAY['CC', 'UC', 'Salesforce', NULL])[1 + t.manager]
               WHEN 'Phone Callback' THEN 'VCC'
               ELSE 'Salesforce'
           END,
           '2026-01-07 00:00:00.395+00'::timestamptz
           + (generate_activities.participations - 1)
             / (generate_activities.agents * 40::bigint) * '24 hours'::interval
      FROM timed AS t
     WHERE t.state IS NOT NULL
     ORDER BY t.p, t.stretch;
END;

-- The vendor's way to write a time: UTC, three decimals and a Z.
CREATE FUNCTION generate_time(at timestamptz)
    RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_char(timezone('UTC', at), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- A null channel is written as null or as an object without a guid, by turns.
-- What is generated needs no escapes in JSON.
CREATE FUNCTION generate_pages(participations bigint,
        agents integer DEFAULT 200, seed bigint DEFAULT 1,
        page_size integer DEFAULT 100)
    RETURNS SETOF json
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000000 ROWS 1000
BEGIN ATOMIC
    WITH page AS (
        SELECT (a.item - 1) / generate_pages.page_size + 1 AS page,
               count(*) AS count,
               max(a.reported_at) AS up_to,
               string_agg(
                   '{"agentId":"' || a.agent_id
                   || '","start":"' || generate_time(a.start)
                   || '","status":"' || a.status
                   || '","duration":' || coalesce(a.duration_ms::text, 'null')
                   || ',"state":"' || a.state
                   || '","reason":' || coalesce('"' || a.reason || '"', 'null')
                   || ',"interaction":{"guid":"' || a.interaction_guid
                   || '","medium":"' || a.medium
                   || '","mediumManager":' || coalesce('"' || a.medium_manager || '"', 'null')
                   || ',"direction":"' || a.direction
                   || '"},"channel":'
                   || CASE WHEN a.channel_guid IS NOT NULL
                           THEN '{"guid":"' || a.channel_guid || '"}'
                           WHEN a.item % 2 = 0 THEN 'null'
                           ELSE '{"guid":null}'
                      END
                   || '}',
                   ',' ORDER BY a.item) AS items
          FROM generate_activities(generate_pages.participations, generate_pages.agents,
                                   generate_pages.seed)
               WITH ORDINALITY
               AS a (start, duration_ms, state, status, direction, interaction_guid,
                     channel_guid, reason, agent_id, medium, medium_manager,
                     reported_at, item)
         GROUP BY 1
    )
    SELECT ('{"meta":{"page":' || p.page
            || ',"count":' || p.count
            || ',"pageCount":' || count(*) OVER ()
            || ',"totalCount":' || sum(p.count) OVER ()
            || '},"items":[' || p.items
            || '],"upTo":"' || generate_time(p.up_to) || '"}')::json
      FROM page AS p
     ORDER BY p.page;
END;
