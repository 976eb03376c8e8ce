"""The SQL of the journal: one set of texts for every store.

Parameters are written `:name`. `{now}` is the store's own time in seconds since 1970, `{minute}`
the minute of `at`, and `{ids}` the texts in the JSON list `:ids`, as rows. All else is common to
SQLite 3.35 and PostgreSQL 12.
"""

from __future__ import annotations

from typing import Final

JOB_COLUMNS: Final = (
    "id, source, target, config, config_hash, state, cursor, reading_done, paused_until,"
    " created_at, finished_at, verified_at, verification"
)
ROW_COLUMNS: Final = (
    "seq, source_id, digest, payload, state, target_id, matched_by, reason, error, losses,"
    " before, intent, fields"
)

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
HOLDER: Final = """
    SELECT holder_pid, holder_host, {now} - held_since FROM leadgateway_jobs WHERE id = :id
"""
FENCE: Final = """
    UPDATE leadgateway_jobs SET lease_until = {now} + :ttl, stamp = :stamp
    WHERE id = :job AND fence = :fence AND lease_until IS NOT NULL
    RETURNING fence
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
DRAFT_AGAIN: Final = """
    UPDATE leadgateway_rows SET fields = NULL, losses = '[]'
    WHERE job = :job AND state = 'pending'
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
STAGE_ROW: Final = """
    INSERT INTO leadgateway_rows
        (job, source_id, digest, payload, fields, losses, error, linked_id, target_id, state,
         reason)
    SELECT :job, :source_id, :digest, :payload, :fields, :losses, :error, link.target_id,
        CASE WHEN link.digest = :digest THEN link.target_id END,
        CASE WHEN link.digest = :digest OR CAST(:payload AS TEXT) IS NULL THEN 'skipped'
            ELSE :state END,
        CASE WHEN link.digest = :digest OR CAST(:payload AS TEXT) IS NULL
            THEN 'unchanged since it was moved' ELSE :reason END
    FROM leadgateway_jobs job LEFT JOIN leadgateway_links link
        ON link.source = job.source AND link.target = job.target AND link.source_id = :source_id
    WHERE job.id = :job
    ON CONFLICT (job, source_id) DO NOTHING
"""
IN_DOUBT: Final = """
    SELECT DISTINCT r.seq
    FROM leadgateway_jobs me CROSS JOIN leadgateway_jobs other
    CROSS JOIN leadgateway_rows doubt CROSS JOIN leadgateway_rows r
    WHERE me.id = :job AND other.source = me.source AND other.target = me.target
        AND other.id <> me.id AND doubt.job = other.id AND doubt.state IN ('intent', 'unknown')
        AND r.job = me.id AND r.source_id = doubt.source_id AND r.state = 'pending'
"""
HOLD_BACK: Final = """
    UPDATE leadgateway_rows
    SET state = 'skipped',
        reason = 'in doubt in another job of these connections: resolve it there'
    WHERE job = :job AND seq = :seq
"""
LINK_WAITING: Final = """
    UPDATE leadgateway_rows AS r
    SET linked_id = link.target_id,
        target_id = CASE WHEN link.digest = r.digest THEN link.target_id ELSE r.target_id END,
        state = CASE WHEN link.digest = r.digest THEN 'skipped' ELSE r.state END,
        reason = CASE WHEN link.digest = r.digest THEN 'unchanged since it was moved' ELSE '' END
    FROM leadgateway_jobs job, leadgateway_links link
    WHERE r.job = :job AND r.state = 'pending' AND job.id = r.job AND link.source = job.source
        AND link.target = job.target AND link.source_id = r.source_id
"""
MOVE_CURSOR: Final = """
    UPDATE leadgateway_jobs SET cursor = :cursor, reading_done = :done WHERE id = :job
"""
MET: Final = """
    SELECT source_id FROM leadgateway_rows WHERE job = :job AND source_id IN ({ids})
"""
TWINS: Final = """
    SELECT link.source_id, link.digest
    FROM leadgateway_links link
    JOIN leadgateway_jobs job ON job.source = link.source AND job.target = link.target
    WHERE job.id = :job AND link.source_id IN ({ids})
"""
EARLIER_PAYLOAD: Final = """
    SELECT r.payload
    FROM leadgateway_jobs me CROSS JOIN leadgateway_jobs other CROSS JOIN leadgateway_rows r
    WHERE me.id = :job AND other.source = me.source AND other.target = me.target
        AND r.job = other.id AND r.source_id = :source_id AND r.digest = :digest
        AND r.payload IS NOT NULL
    LIMIT 1
"""
PENDING: Final = """
    SELECT seq, source_id,
        CASE WHEN fields IS NULL OR linked_id IS NOT NULL THEN payload ELSE '' END,
        linked_id, intent, fields, losses
    FROM leadgateway_rows
    WHERE job = :job AND state = 'pending' ORDER BY seq LIMIT :most
"""
INTEND: Final = """
    INSERT INTO leadgateway_intents (job, operation, idempotency_key, body, target_id, at)
    VALUES (:job, :operation, :key, :body, :target_id, {now})
    RETURNING id, at
"""
INTEND_ROW: Final = """
    UPDATE leadgateway_rows
    SET state = 'intent', intent = :intent, fields = :fields, losses = :losses
    WHERE job = :job AND seq = :seq AND state IN ('pending', 'intent')
"""
RESEND: Final = "UPDATE leadgateway_intents SET sends = sends + 1 WHERE job = :job AND id = :id"
SETTLE_ROW: Final = """
    UPDATE leadgateway_rows
    SET state = :state, target_id = :target_id, matched_by = :matched_by, reason = :reason,
        error = :error, losses = :losses, before = COALESCE(:before, before)
    WHERE job = :job AND seq = :seq
"""
LINK: Final = """
    INSERT INTO leadgateway_links (source, target, source_id, target_id, digest)
    SELECT job.source, job.target, r.source_id, :target_id, r.digest
    FROM leadgateway_rows r JOIN leadgateway_jobs job ON job.id = r.job
    WHERE r.job = :job AND r.seq = :seq
    ON CONFLICT (source, target, source_id)
    DO UPDATE SET target_id = excluded.target_id, digest = excluded.digest
"""
CLOSE_INTENT: Final = """
    UPDATE leadgateway_intents SET is_open = 0
    WHERE job = :job AND id = :id AND NOT EXISTS (
        SELECT 1 FROM leadgateway_rows r WHERE r.intent = :id AND r.state = 'intent'
    )
"""
OPEN_INTENTS: Final = """
    SELECT id, operation, idempotency_key, body, target_id, at, sends FROM leadgateway_intents
    WHERE job = :job AND is_open = 1 AND id > :after ORDER BY id LIMIT :most
"""
INTENDED_ROWS: Final = """
    SELECT r.intent, r.seq, r.fields, r.losses
    FROM leadgateway_intents i JOIN leadgateway_rows r ON r.intent = i.id
    WHERE i.job = :job AND i.is_open = 1 AND i.id > :after AND i.id <= :last
        AND r.state <> 'pending'
    ORDER BY r.intent, r.seq
"""
REQUEUE: Final = """
    UPDATE leadgateway_rows
    SET state = 'pending', target_id = NULL, matched_by = NULL, fields = NULL, reason = '',
        error = '', losses = '[]'
    WHERE job = :job AND seq = :seq AND payload IS NOT NULL
        AND state NOT IN ('created', 'merged', 'updated')
"""
CLOSE_REQUEUED: Final = """
    UPDATE leadgateway_intents SET is_open = 0
    WHERE job = :job AND is_open = 1
        AND id = (SELECT intent FROM leadgateway_rows WHERE job = :job AND seq = :seq)
        AND NOT EXISTS (
            SELECT 1 FROM leadgateway_rows r
            WHERE r.intent = leadgateway_intents.id AND r.state = 'intent'
        )
"""
STILL_OPEN: Final = """
    SELECT i.id FROM leadgateway_rows r JOIN leadgateway_intents i ON i.id = r.intent
    WHERE r.job = :job AND r.seq = :seq AND i.is_open = 1
"""
ROWS: Final = f"""
    SELECT {ROW_COLUMNS} FROM leadgateway_rows
    WHERE job = :job AND seq > :after ORDER BY seq LIMIT :most
"""  # noqa: S608  # constant columns
ROWS_OF_STATE: Final = f"""
    SELECT {ROW_COLUMNS} FROM leadgateway_rows
    WHERE job = :job AND state = :state AND seq > :after ORDER BY seq LIMIT :most
"""  # noqa: S608  # constant columns
ROW: Final = f"SELECT {ROW_COLUMNS} FROM leadgateway_rows WHERE job = :job AND seq = :seq"  # noqa: S608  # constant columns
ROWS_BY_TARGET: Final = f"""
    SELECT {ROW_COLUMNS} FROM leadgateway_rows
    WHERE job = :job AND target_id IN ({{ids}}) ORDER BY seq
"""  # noqa: S608  # constant columns
COUNTS: Final = "SELECT state, COUNT(*) FROM leadgateway_rows WHERE job = :job GROUP BY state"
LINKED: Final = """
    SELECT DISTINCT link.target_id
    FROM leadgateway_links link JOIN leadgateway_jobs job ON job.target = link.target
    WHERE job.id = :job AND link.target_id IN ({ids})
"""
NOW: Final = "SELECT {now}"
PURGE_ROWS: Final = """
    UPDATE leadgateway_rows SET payload = NULL, fields = NULL, before = NULL
    WHERE job = :job AND payload IS NOT NULL AND state NOT IN ('pending', 'intent', 'unknown')
"""
PURGE_INTENTS: Final = """
    UPDATE leadgateway_intents SET body = '' WHERE job = :job AND is_open = 0
"""
ACTIVITY: Final = """
    SELECT {minute} AS minute, SUM(sends) FROM leadgateway_intents
    WHERE job = :job GROUP BY minute ORDER BY minute
"""
_OWN_LINK: Final = """
    WHERE (source, target, source_id) IN (
        SELECT job.source, job.target, r.source_id
        FROM leadgateway_rows r JOIN leadgateway_jobs job ON job.id = r.job
        WHERE r.job = :job AND r.seq = :seq
    )
"""
UNLINK: Final = f"DELETE FROM leadgateway_links {_OWN_LINK}"  # noqa: S608  # constant texts
OUTDATE: Final = f"UPDATE leadgateway_links SET digest = '' {_OWN_LINK}"  # noqa: S608  # constant texts
