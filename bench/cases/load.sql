-- Pages of 100 loaded one after the other into tables that {state}.

-- [before]
TRUNCATE kept, kept_participation;
INSERT INTO kept SELECT * FROM {kept};
INSERT INTO kept_participation SELECT * FROM {kept}_participation;

-- [check] both tables
SELECT 'activity' AS of, hash_record_extended(a, 0) AS hash FROM kept AS a
UNION ALL
SELECT 'participation', hash_record_extended(p, 0) FROM kept_participation AS p

-- [ours] load_activities
SELECT sum(inserted), sum(updated), sum(unchanged) FROM {pages}, load_activities('kept', page)

-- [sql] by hand, with the participations
SELECT count(hand_load_with_participations(page)) FROM {pages}

-- [other] by hand, without the participations
SELECT count(hand_load(page)) FROM {pages}
