-- How do raw pages become tables that stay right? Every page is loaded once it has come; what comes again brings its
-- news. Run it again, in any order: the tables stay the same.
CREATE EXTENSION IF NOT EXISTS activity;
DO $$
BEGIN
	IF to_regclass('agent_activity') IS NULL THEN
		PERFORM create_activity_table('agent_activity');
	END IF;
END
$$;

SELECT source, sum(inserted) AS inserted, sum(updated) AS updated, sum(unchanged) AS unchanged, sum(rejected) AS rejected
FROM pages, load_activities('agent_activity', body, 'ignore')
GROUP BY source
ORDER BY min(page_id);
