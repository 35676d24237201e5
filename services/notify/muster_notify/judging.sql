-- What judging.py says of one obligation, for all that are looked at: the same words, the same cases, as sets.
-- "due" is made by reminding.py: the obligations looked at, with the day it is in their office and their ladder.
awake AS (
    SELECT * FROM due WHERE snoozed_until IS NULL OR snoozed_until < today
),
rung AS (
    SELECT * FROM unnest(CAST(:rung_ladders AS text[]), CAST(:rung_days AS int[]), CAST(:rung_announces AS bool[]))
        AS rung (ladder, days, only_announces)
),
tell AS (
    SELECT * FROM unnest(CAST(:tell_ladders AS text[]), CAST(:tell_days AS int[]), CAST(:tell_roles AS text[]))
        AS tell (ladder, days, role)
),
-- of what was long overdue when it first became known the owner alone is told
telling_whom AS (
    SELECT ladder, days, role, false AS known_late FROM tell
    UNION ALL
    SELECT ladder, days, CAST(:owner AS text), true FROM rung
),
place AS (
    SELECT role, place FROM unnest(CAST(:roles AS text[])) WITH ORDINALITY AS place (role, place)
),
-- what is on record of the present cycle, without what was taken back before it was sent
past AS (
    SELECT
        awake.obligation_id,
        r.rung,
        bool_or(r.recipient <> '' AND r.status = 'held') AS is_held,
        coalesce(
            bool_and(r.recipient = ANY (CAST(:roles AS text[])) OR r.status = 'failed' OR coalesce(r.reason, '') = :fails)
                FILTER (WHERE r.recipient <> ''),
            false
        ) AS reached_nobody
    FROM awake
    JOIN reminder r ON r.obligation_id = awake.obligation_id AND r.cycle = awake.cycle
    WHERE r.recipient = '' OR r.status <> 'skipped' OR NOT coalesce(r.reason, '') LIKE ANY (CAST(:taken_back AS text[]))
    GROUP BY awake.obligation_id, r.rung
),
done AS (
    SELECT DISTINCT ON (obligation_id) * FROM past ORDER BY obligation_id, rung DESC
),
reached AS (
    SELECT awake.obligation_id, max(rung.days) AS days
    FROM awake
    JOIN rung ON rung.ladder = awake.ladder AND rung.days <= awake.today - awake.due
    GROUP BY awake.obligation_id
),
step AS MATERIALIZED (
    SELECT
        awake.*,
        CASE WHEN done.rung IS NULL OR reached.days > done.rung THEN reached.days END AS send,
        CASE
            WHEN coalesce(reached.days <= done.rung, true) AND (done.is_held OR done.reached_nobody) AND EXISTS (
                SELECT FROM rung WHERE rung.ladder = awake.ladder AND rung.days = done.rung
            ) THEN done.rung
        END AS retell
    FROM awake
    LEFT JOIN done USING (obligation_id)
    LEFT JOIN reached USING (obligation_id)
),
-- the one rung to tell of, unless who acknowledged needs no more of its kind
muted AS (
    SELECT step.obligation_id
    FROM step
    JOIN rung ON rung.ladder = step.ladder AND rung.days = coalesce(step.send, step.retell)
    WHERE step.acknowledged_at IS NOT NULL AND rung.only_announces
),
telling AS (
    SELECT step.*, coalesce(step.send, step.retell) AS days
    FROM step
    WHERE coalesce(step.send, step.retell) IS NOT NULL
        AND NOT EXISTS (SELECT FROM muted WHERE muted.obligation_id = step.obligation_id)
),
named AS MATERIALIZED (
    SELECT
        telling.obligation_id,
        telling.project_code,
        telling.cycle,
        telling.days,
        telling.today,
        telling.retell,
        tell.role,
        place.place,
        h.email,
        h.name,
        h.office
    FROM telling
    JOIN telling_whom tell
        ON tell.ladder = telling.ladder AND tell.days = telling.days AND tell.known_late = telling.known_late
    JOIN place ON place.role = tell.role
    LEFT JOIN role_holder h ON h.project_code = telling.project_code AND h.role = tell.role
),
-- everybody of the projects where mail fails for somebody, for those up the ladder are told instead
concerned AS (
    SELECT n.obligation_id, n.cycle, n.days, n.today, n.retell, n.role, n.place, n.email, n.name, n.office, true AS is_told
    FROM named n
    WHERE n.email IS NOT NULL
    UNION ALL
    SELECT n.obligation_id, n.cycle, n.days, n.today, n.retell, h.role, place.place, h.email, h.name, h.office, false
    FROM (
        SELECT obligation_id, project_code, cycle, days, today, retell, min(place) AS place
        FROM named
        WHERE EXISTS (SELECT FROM failing_address f WHERE f.email = lower(named.email))
        GROUP BY obligation_id, project_code, cycle, days, today, retell
    ) n
    JOIN role_holder h ON h.project_code = n.project_code
    JOIN place ON place.role = h.role AND place.place > n.place
),
present AS MATERIALIZED (
    SELECT
        c.*,
        CASE WHEN stands.email IS NULL THEN c.email ELSE stands.email END AS recipient,
        CASE WHEN stands.email IS NULL THEN c.name ELSE stands.name END AS recipient_name,
        CASE WHEN stands.email IS NULL THEN NULL ELSE c.email END AS instead_of,
        stands.email IS NULL AND fails.email IS NOT NULL AS is_failing
    FROM concerned c
    LEFT JOIN failing_address fails ON fails.email = lower(c.email)
    LEFT JOIN (
        SELECT p.email AS absent, p.stand_in ->> 'email' AS email, p.stand_in ->> 'name' AS name,
            p.stand_in_from AS since, p.stand_in_until AS until
        FROM preference p
        WHERE p.stand_in IS NOT NULL
            AND NOT EXISTS (SELECT FROM failing_address f WHERE f.email = lower(p.stand_in ->> 'email'))
    ) stands ON stands.absent = lower(c.email) AND c.today BETWEEN stands.since AND stands.until
),
failing AS (
    SELECT obligation_id, cycle, days, today, retell, place, email FROM present WHERE is_told AND is_failing
),
told AS (
    SELECT obligation_id, cycle, days, retell, place, recipient, recipient_name, office, instead_of
    FROM present
    WHERE is_told AND NOT is_failing
    UNION ALL
    SELECT obligation_id, cycle, days, retell, place, recipient, recipient_name, office, instead_of
    FROM (
        SELECT DISTINCT ON (f.obligation_id, f.place) f.obligation_id, f.cycle, f.days, f.retell, f.place,
            up.recipient, up.recipient_name, up.office, f.email AS instead_of
        FROM failing f
        JOIN present up ON up.obligation_id = f.obligation_id AND up.place > f.place AND NOT up.is_failing
        ORDER BY f.obligation_id, f.place, up.place
    ) next_up
),
reachable AS MATERIALIZED (
    SELECT DISTINCT ON (obligation_id, lower(recipient)) *
    FROM told
    ORDER BY obligation_id, lower(recipient), instead_of IS NOT NULL, place
),
fresh AS (
    SELECT step.obligation_id, rung.days AS rung, step.cycle, '' AS recipient, '' AS recipient_name, '' AS office,
        'skipped' AS status,
        CASE WHEN step.due + rung.days <= step.snoozed_until THEN step.why_snoozed ELSE CAST(:overtaken AS text) END AS reason,
        CAST(NULL AS text) AS instead_of
    FROM step
    JOIN rung ON rung.ladder = step.ladder AND rung.days <= step.today - step.due AND rung.days IS DISTINCT FROM step.send
    WHERE NOT EXISTS (
        SELECT FROM past WHERE past.obligation_id = step.obligation_id AND past.rung = rung.days
    )
    UNION ALL
    SELECT step.obligation_id, step.send, step.cycle, '', '', '', 'skipped', step.why_acknowledged, NULL
    FROM step
    JOIN muted USING (obligation_id)
    WHERE step.send IS NOT NULL
    UNION ALL
    SELECT obligation_id, days, cycle, recipient, recipient_name, office, 'held', NULL, instead_of
    FROM reachable
    WHERE retell IS NULL OR NOT EXISTS (
        SELECT FROM reminder r
        WHERE r.obligation_id = reachable.obligation_id AND r.cycle = reachable.cycle AND r.rung = reachable.days
            AND lower(r.recipient) = lower(reachable.recipient)
            AND (r.status <> 'skipped' OR r.reason IS DISTINCT FROM :fails
                AND NOT coalesce(r.reason, '') LIKE ANY (CAST(:taken_back AS text[])))
    )
    UNION ALL
    SELECT obligation_id, days, cycle, role, '', '', 'skipped', missing.reason, NULL
    FROM named
    JOIN unnest(CAST(:roles AS text[]), CAST(:why_missing AS text[])) AS missing (role, reason) USING (role)
    WHERE named.email IS NULL
    UNION ALL
    SELECT DISTINCT obligation_id, days, cycle, email, '', '', 'skipped', CAST(:fails AS text), CAST(NULL AS text)
    FROM failing
)
