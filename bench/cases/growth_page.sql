-- Activities of larger and larger pages, together always as many.

-- [ours] pages of {n}
SELECT a.* FROM json_{n}_{rows}, activities(page) AS a
