"""The SQL of the journal: one set of texts for every store.

Parameters are written `:name`. `{now}` is the store's own time in seconds since 1970, `{minute}`
the minute of `at`. `{ids}` are the texts in the JSON list `:ids`, as rows of one `id`, and
`{intents}` the pairs of `seq` and `intent` in the JSON object `:intents`; `{among_ids}` and
`{among_seqs}` say of what stands before them that it is one of the texts in `:ids` or of the
numbers in `:seqs`. `{fields}` and `{payload}` are the texts that the bytes `:fields` and `:payload`
are. `{turn}` waits until no other transaction has its turn. All else is common to SQLite 3.35.5
and PostgreSQL 12.

Where rows are found by their numbers, `IS TRUE` keeps SQLite from finding those of the whole job.
"""

from __future__ import annotations

from typing import Final

JOB_COLUMNS: Final = (
    "id, source, target, config, config_hash, state, cursor, reading_done, paused_until,"
    " created_at, finished_at, verified_at, verification,"
    " holder_pid, holder_host, lease_until - {now}"
)
_ROW: Final = """
    SELECT r.seq, link.source_id, r.digest, l.payload, r.state, r.target_id, r.matched_by,
        r.reason, r.error, COALESCE(lost.losses, '[]'), l.before, r.intent, l.fields
    FROM leadgateway_rows r CROSS JOIN leadgateway_links link
    LEFT JOIN leadgateway_leads l ON l.seq = r.seq
    LEFT JOIN leadgateway_losses lost ON lost.id = r.losses_id
    WHERE link.id = r.link
"""
UNCHANGED: Final = "unchanged since it was moved"
OVERTAKEN: Final = "a later job moved it as it was then"

MAKE_JOB: Final = """
    INSERT INTO leadgateway_jobs (id, source, target, config, config_hash, state, created_at)
    VALUES (:id, :source, :target, :config, :config_hash, 'running', {now})
    ON CONFLICT (id) DO NOTHING
"""
FIND_JOB: Final = f"SELECT {JOB_COLUMNS} FROM leadgateway_jobs WHERE id = :id"  # noqa: S608  # constant columns
LIST_JOBS: Final = f"SELECT {JOB_COLUMNS} FROM leadgateway_jobs ORDER BY created_at DESC, id"  # noqa: S608  # constant columns
CLAIM: Final = """
    UPDATE leadgateway_jobs
    SET fence = fence + 1, holder_pid = :pid, holder_host = :host, held_since = {now},
        lease_until = {now} + :ttl, stamp = :stamp
    WHERE id = :id AND (
        lease_until IS NULL OR lease_until < {now} OR lease_until > {now} + :far OR stamp = :stamp
    )
    RETURNING fence
"""
TAKE_TURN: Final = "{turn}"
BESIDE: Final = """
    SELECT other.id, other.holder_pid, other.holder_host, {now} - other.held_since
    FROM leadgateway_jobs me JOIN leadgateway_jobs other
        ON other.source = me.source AND other.target = me.target AND other.id <> me.id
    WHERE me.id = :id AND other.lease_until >= {now} AND other.lease_until <= {now} + :far
    ORDER BY other.held_since LIMIT 1
"""
END_SILENT: Final = """
    UPDATE leadgateway_jobs SET lease_until = NULL
    WHERE lease_until IS NOT NULL AND id <> :id AND EXISTS (
        SELECT 1 FROM leadgateway_jobs me
        WHERE me.id = :id AND me.source = leadgateway_jobs.source
            AND me.target = leadgateway_jobs.target
    )
"""
HOLDER: Final = """
    SELECT holder_pid, holder_host, {now} - held_since FROM leadgateway_jobs WHERE id = :id
"""
FENCE: Final = """
    UPDATE leadgateway_jobs SET lease_until = {now} + :ttl, stamp = :stamp
    WHERE id = :job AND fence = :fence AND lease_until IS NOT NULL
"""
LAST_STAMP: Final = """
    UPDATE leadgateway_jobs SET stamp = stamp WHERE id = :job RETURNING stamp
"""
RELEASE: Final = """
    UPDATE leadgateway_jobs SET lease_until = NULL WHERE id = :job AND fence = :fence
"""
EVICT: Final = """
    UPDATE leadgateway_jobs SET lease_until = NULL
    WHERE id = :job AND holder_pid = :pid AND holder_host = :host
"""
RECONFIGURE: Final = """
    UPDATE leadgateway_jobs SET config = :config, config_hash = :config_hash WHERE id = :job
"""
FORGET_DRAFTS: Final = """
    UPDATE leadgateway_leads SET fields = NULL
    WHERE seq IN (SELECT seq FROM leadgateway_rows WHERE job = :job AND state = 'pending')
"""
FORGET_LOSSES: Final = """
    UPDATE leadgateway_rows SET losses_id = NULL WHERE job = :job AND state = 'pending'
"""
MARK: Final = """
    UPDATE leadgateway_jobs
    SET state = :state, paused_until = :paused_until,
        finished_at = CASE WHEN :finished = 1 THEN {now} ELSE NULL END
    WHERE id = :job
"""
RECORD_VERIFICATION: Final = """
    UPDATE leadgateway_jobs SET verified_at = {now}, verification = :verification WHERE id = :job
"""
KEEP_LINKS: Final = """
    INSERT INTO leadgateway_links (source, target, source_id)
    SELECT job.source, job.target, new.id
    FROM leadgateway_jobs job CROSS JOIN ({ids}) AS new
    WHERE job.id = :job
    ON CONFLICT (source, target, source_id) DO NOTHING
    RETURNING source_id, id, digest, target_id
"""
LINKS: Final = """
    SELECT link.source_id, link.id, link.digest, link.target_id
    FROM leadgateway_jobs job CROSS JOIN leadgateway_links link
    WHERE job.id = :job AND link.source = job.source AND link.target = job.target
        AND link.source_id {among_ids}
"""
KNOWN: Final = """
    SELECT link.source_id, r.seq, link.digest
    FROM leadgateway_jobs job CROSS JOIN leadgateway_links link
    LEFT JOIN leadgateway_rows r ON r.job = job.id AND r.link = link.id
    WHERE job.id = :job AND link.source = job.source AND link.target = job.target
        AND link.source_id {among_ids}
"""
LAST_ROW: Final = "SELECT COALESCE(MAX(seq), 0) FROM leadgateway_rows"
STAGE_ROW: Final = """
    INSERT INTO leadgateway_rows
        (job, link, digest, state, linked_id, target_id, reason, error, losses_id)
    VALUES
        (:job, :link, :digest, :state, :linked_id, :target_id, :reason, :error, :losses_id)
    ON CONFLICT (job, link) DO NOTHING
"""
ROWS_AFTER: Final = "SELECT job, link, seq FROM leadgateway_rows WHERE seq > :last"
STAGE_LEAD: Final = """
    INSERT INTO leadgateway_leads (seq, fields, payload) VALUES (:seq, {fields}, {payload})
"""
KEEP_LOSSES: Final = """
    INSERT INTO leadgateway_losses (id, losses) VALUES (:id, :losses) ON CONFLICT (id) DO NOTHING
"""
IN_DOUBT: Final = """
    SELECT DISTINCT doubt.link
    FROM leadgateway_jobs me CROSS JOIN leadgateway_jobs other CROSS JOIN leadgateway_rows doubt
    WHERE me.id = :job AND other.source = me.source AND other.target = me.target
        AND other.id <> me.id AND doubt.job = other.id AND doubt.state IN ('intent', 'unknown')
"""
HOLD_BACK: Final = """
    UPDATE leadgateway_rows
    SET state = 'skipped',
        reason = 'in doubt in another job of these connections: resolve it there'
    WHERE job = :job AND (state = 'pending') IS TRUE AND link {among_seqs}
"""
LINK_WAITING: Final = """
    UPDATE leadgateway_rows AS r
    SET linked_id = link.target_id,
        target_id = CASE WHEN link.digest = r.digest THEN link.target_id ELSE r.target_id END,
        state = CASE WHEN link.digest = r.digest THEN 'skipped' ELSE r.state END,
        reason = CASE WHEN link.digest = r.digest THEN :unchanged ELSE '' END
    FROM leadgateway_links link
    WHERE r.job = :job AND r.state = 'pending' AND link.id = r.link AND link.target_id IS NOT NULL
"""
OVERTAKE: Final = """
    UPDATE leadgateway_rows
    SET state = 'skipped', target_id = linked_id, reason = :overtaken
    WHERE job = :job AND state = 'pending' AND linked_id IS NOT NULL AND EXISTS (
        SELECT 1
        FROM leadgateway_links link CROSS JOIN leadgateway_jobs other
        CROSS JOIN leadgateway_rows later
        WHERE link.id = leadgateway_rows.link AND other.source = link.source
            AND other.target = link.target AND other.id <> :job AND later.job = other.id
            AND later.link = link.id AND later.seq > leadgateway_rows.seq
            AND later.digest = link.digest
    )
"""
MOVE_CURSOR: Final = """
    UPDATE leadgateway_jobs SET cursor = :cursor, reading_done = :done WHERE id = :job
"""
EARLIER_PAYLOAD: Final = """
    SELECT l.payload
    FROM leadgateway_jobs me CROSS JOIN leadgateway_links link CROSS JOIN leadgateway_jobs other
    CROSS JOIN leadgateway_rows r CROSS JOIN leadgateway_leads l
    WHERE me.id = :job AND link.source = me.source AND link.target = me.target
        AND link.source_id = :source_id AND other.source = me.source AND other.target = me.target
        AND r.job = other.id AND r.link = link.id AND r.digest = :digest
        AND l.seq = r.seq AND l.payload IS NOT NULL
    LIMIT 1
"""
PENDING: Final = """
    SELECT r.seq, link.source_id,
        CASE WHEN l.fields IS NULL OR r.linked_id IS NOT NULL THEN l.payload ELSE '' END,
        r.linked_id, r.intent, l.fields, COALESCE(lost.losses, '[]')
    FROM leadgateway_rows r CROSS JOIN leadgateway_links link CROSS JOIN leadgateway_leads l
    LEFT JOIN leadgateway_losses lost ON lost.id = r.losses_id
    WHERE r.job = :job AND r.state = 'pending' AND link.id = r.link AND l.seq = r.seq
    ORDER BY r.seq LIMIT :most
"""
LAST_INTENT: Final = "SELECT COALESCE(MAX(id), 0) FROM leadgateway_intents"
INTEND: Final = """
    INSERT INTO leadgateway_intents (job, operation, idempotency_key, body, framed, target_id, at)
    VALUES (:job, :operation, :key, :body, :framed, :target_id, {now})
"""
INTENTS_AFTER: Final = """
    SELECT id, at FROM leadgateway_intents
    WHERE job = :job AND is_open = 1 AND id > :last ORDER BY id
"""
DRAFT: Final = "UPDATE leadgateway_leads SET fields = :fields WHERE seq = :seq"
LOSE: Final = "UPDATE leadgateway_rows SET losses_id = :losses_id WHERE seq = :seq"
INTEND_ROWS: Final = """
    UPDATE leadgateway_rows SET state = 'intent', intent = asked.intent
    FROM ({intents}) AS asked
    WHERE leadgateway_rows.seq = asked.seq AND (job = :job AND state = :state) IS TRUE
"""
OPEN_FOR: Final = """
    SELECT DISTINCT i.id
    FROM leadgateway_rows r CROSS JOIN leadgateway_intents i
    WHERE (r.job = :job) IS TRUE AND r.seq {among_seqs}
        AND i.id = r.intent AND i.id <= :last AND i.is_open = 1
"""
OPEN_WITHOUT: Final = """
    SELECT DISTINCT i.id
    FROM leadgateway_rows r CROSS JOIN leadgateway_intents i CROSS JOIN leadgateway_rows other
    WHERE (r.job = :job) IS TRUE AND r.seq {among_seqs} AND i.id = r.intent AND i.is_open = 1
        AND other.intent = i.id AND other.state = 'unknown' AND NOT other.seq {among_seqs}
"""
PART: Final = """
    UPDATE leadgateway_intents SET body = :body, framed = 0, is_whole = 0 WHERE id = :id
"""
RESEND: Final = "UPDATE leadgateway_intents SET sends = sends + 1 WHERE job = :job AND id = :id"
SETTLE_ROW: Final = """
    UPDATE leadgateway_rows
    SET state = :state, target_id = :target_id, matched_by = :matched_by, reason = :reason,
        error = :error,
        losses_id = CASE WHEN :losses_stay = 1 THEN losses_id ELSE :losses_id END
    WHERE job = :job AND seq = :seq
"""
PICTURE: Final = "UPDATE leadgateway_leads SET before = :before WHERE seq = :seq"
LINK: Final = """
    UPDATE leadgateway_links AS link SET target_id = r.target_id, digest = r.digest
    FROM leadgateway_rows r
    WHERE link.id = r.link AND (r.job = :job) IS TRUE AND r.seq {among_seqs}
        AND (r.state IN ('created', 'merged', 'updated') AND r.target_id IS NOT NULL) IS TRUE
"""
CLOSE_INTENTS: Final = """
    UPDATE leadgateway_intents SET is_open = 0
    WHERE job = :job AND id {among_seqs} AND NOT EXISTS (
        SELECT 1 FROM leadgateway_rows r
        WHERE r.intent = leadgateway_intents.id AND r.state = 'intent'
    )
"""
OPEN_INTENTS: Final = """
    SELECT id, operation, idempotency_key, body, framed, target_id, at, sends, is_whole
    FROM leadgateway_intents
    WHERE job = :job AND is_open = 1 AND id > :after ORDER BY id LIMIT :most
"""
INTENDED_ROWS: Final = """
    SELECT r.intent, r.seq, l.fields, COALESCE(lost.losses, '[]')
    FROM leadgateway_intents i CROSS JOIN leadgateway_rows r CROSS JOIN leadgateway_leads l
    LEFT JOIN leadgateway_losses lost ON lost.id = r.losses_id
    WHERE i.job = :job AND i.is_open = 1 AND i.id > :after AND i.id <= :last
        AND r.intent = i.id AND r.state <> 'pending' AND l.seq = r.seq
    ORDER BY r.intent, r.seq
"""
REQUEUE: Final = """
    UPDATE leadgateway_rows
    SET state = 'pending', target_id = NULL, matched_by = NULL, reason = '', error = '',
        losses_id = NULL
    WHERE (job = :job AND state NOT IN ('created', 'merged', 'updated')) IS TRUE
        AND seq {among_seqs} AND EXISTS (
            SELECT 1 FROM leadgateway_leads l
            WHERE l.seq = leadgateway_rows.seq AND l.payload IS NOT NULL
        )
"""
FORGET_FIELDS: Final = "UPDATE leadgateway_leads SET fields = NULL WHERE seq {among_seqs}"
CLOSE_REQUEUED: Final = """
    UPDATE leadgateway_intents SET is_open = 0
    WHERE job = :job AND is_open = 1
        AND id IN (
            SELECT intent FROM leadgateway_rows WHERE (job = :job) IS TRUE AND seq {among_seqs}
        ) AND NOT EXISTS (
            SELECT 1 FROM leadgateway_rows r
            WHERE r.intent = leadgateway_intents.id AND r.state IN ('intent', 'unknown')
        )
"""
STILL_ON_THE_WAY: Final = """
    SELECT i.id
    FROM leadgateway_rows r CROSS JOIN leadgateway_intents i CROSS JOIN leadgateway_rows other
    WHERE (r.job = :job) IS TRUE AND r.seq {among_seqs} AND i.id = r.intent AND i.is_open = 1
        AND other.intent = i.id AND other.state = 'intent'
    LIMIT 1
"""
ROWS: Final = f"{_ROW} AND (r.job = :job) IS TRUE AND r.seq > :after ORDER BY r.seq LIMIT :most"
ROWS_OF_STATE: Final = f"""
    {_ROW} AND r.job = :job AND r.state = :state AND r.seq > :after ORDER BY r.seq LIMIT :most
"""
ROW: Final = f"{_ROW} AND r.job = :job AND r.seq = :seq"
ROWS_AT: Final = f"{_ROW} AND (r.job = :job) IS TRUE AND r.seq {{among_seqs}} ORDER BY r.seq"
ARRIVALS: Final = """
    SELECT seq, target_id FROM leadgateway_rows
    WHERE (job = :job) IS TRUE AND target_id IS NOT NULL AND seq > :after ORDER BY seq LIMIT :most
"""
COUNTS: Final = "SELECT state, COUNT(*) FROM leadgateway_rows WHERE job = :job GROUP BY state"
LINKED: Final = """
    SELECT DISTINCT link.target_id
    FROM leadgateway_links link JOIN leadgateway_jobs job ON job.target = link.target
    WHERE job.id = :job AND link.target_id {among_ids}
"""
SHARED: Final = """
    SELECT DISTINCT r.target_id
    FROM leadgateway_rows r JOIN (
        SELECT link.target_id, MIN(link.id) AS first, MAX(link.id) AS last
        FROM leadgateway_jobs me JOIN leadgateway_links link ON link.target = me.target
        WHERE me.id = :job AND link.target_id IS NOT NULL
        GROUP BY link.target_id
    ) AS held ON held.target_id = r.target_id
    WHERE r.job = :job AND (held.first <> r.link OR held.last <> r.link)
"""
SUPERSEDED: Final = """
    SELECT r.seq
    FROM leadgateway_rows r JOIN (
        SELECT later.target_id, MAX(later.intent) AS intent
        FROM leadgateway_jobs me
        JOIN leadgateway_jobs other ON other.target = me.target AND other.id <> me.id
        JOIN leadgateway_rows later ON later.job = other.id
        WHERE me.id = :job
            AND later.state IN ('created', 'merged', 'updated', 'intent', 'unknown')
        GROUP BY later.target_id
    ) AS last ON last.target_id = r.target_id
    WHERE r.job = :job AND last.intent > r.intent
"""
NOW: Final = "SELECT {now}"
PURGE_LEADS: Final = """
    UPDATE leadgateway_leads SET payload = NULL, fields = NULL, before = NULL
    WHERE payload IS NOT NULL AND seq IN (
        SELECT r.seq FROM leadgateway_rows r
        LEFT JOIN leadgateway_intents i ON i.id = r.intent AND i.is_open = 1
        WHERE r.job = :job AND r.state NOT IN ('pending', 'intent', 'unknown') AND i.id IS NULL
    )
"""
PURGE_INTENTS: Final = """
    UPDATE leadgateway_intents SET body = '' WHERE job = :job AND is_open = 0
"""
ACTIVITY: Final = """
    SELECT {minute} AS minute, SUM(sends) FROM leadgateway_intents
    WHERE job = :job GROUP BY minute ORDER BY minute
"""
_OWN_TWINS: Final = """
    FROM leadgateway_rows r
    WHERE link.id = r.link AND link.target_id = r.target_id
        AND (r.job = :job) IS TRUE AND r.seq {among_seqs}
"""
UNLINK: Final = f"""
    UPDATE leadgateway_links AS link SET target_id = NULL, digest = NULL {_OWN_TWINS}
"""  # noqa: S608  # constant texts
OUTDATE: Final = f"UPDATE leadgateway_links AS link SET digest = '' {_OWN_TWINS}"  # noqa: S608  # constant texts
