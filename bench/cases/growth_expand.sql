-- Activities of more and more pages of 100.

-- [ours] {n} activities
SELECT a.* FROM json_100_{n}, activities(page) AS a
