CREATE TABLE `rollups` (
	`group_id` text NOT NULL,
	`period` text NOT NULL,
	`series` text NOT NULL,
	`kind` text NOT NULL,
	`currency` text NOT NULL,
	`count` integer NOT NULL,
	`minor` integer NOT NULL,
	`members` text NOT NULL,
	PRIMARY KEY(`group_id`, `period`, `series`, `kind`, `currency`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO rollups (group_id, period, series, kind, currency, count, minor, members)
WITH posted AS (
	SELECT e.group_id, e.id, e.date, substr(e.date, 1, 7) AS month, e.kind, COALESCE(e.category_id, 'none') AS category,
		trim(e.body->>'$.vendor') AS vendor, p.value->>'$.currency' AS currency, p.value->>'$.member' AS member,
		iif(e.kind = 'income', p.value->>'$.paid', p.value->>'$.owed') AS owed,
		iif(e.kind = 'income', p.value->>'$.owed', p.value->>'$.paid') AS paid
	FROM expenses e, json_each(e.more, '$.postings') p
	WHERE e.status = 'posted' AND e.deleted_at IS NULL
), keyed AS (
	SELECT posted.*, k.value->>0 AS period, k.value->>1 AS series
	FROM posted, json_each(json_array(json_array(date, ''), json_array(month, ''), json_array(date, category), json_array(month, category), json_array(month, 'v:' || vendor))) k
	WHERE k.value->>1 <> 'v:'
), members AS (
	SELECT group_id, period, series, kind, currency, member, SUM(owed) AS owed, SUM(paid) AS paid, SUM(owed <> 0) AS parts
	FROM keyed GROUP BY group_id, period, series, kind, currency, member
), totals AS (
	SELECT group_id, period, series, kind, currency, COUNT(DISTINCT id) AS n, SUM(paid) AS minor
	FROM keyed GROUP BY group_id, period, series, kind, currency
)
SELECT t.group_id, t.period, t.series, t.kind, t.currency, t.n, t.minor,
	(SELECT json_group_object(m.member, json_array(m.owed, m.paid, m.parts)) FROM members m
		WHERE (m.group_id, m.period, m.series, m.kind, m.currency) = (t.group_id, t.period, t.series, t.kind, t.currency) AND (m.owed <> 0 OR m.paid <> 0))
FROM totals t;
