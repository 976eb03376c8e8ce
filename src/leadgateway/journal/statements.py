"""The SQL of the journal: one set of texts for every store.

Parameters are written `:name`; `{now}` is the store's own time in seconds since 1970 and
`{serial}` its growing integer key. All else is common to SQLite 3.35 and PostgreSQL 12.
"""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = 1

SCHEMA: Final = (
    """
    CREATE TABLE leadgateway_meta (
        version INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE leadgateway_jobs (
        id TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        target TEXT NOT NULL,
        config TEXT NOT NULL,
        config_hash TEXT NOT NULL,
        state TEXT NOT NULL,
        cursor TEXT,
        reading_done INTEGER NOT NULL DEFAULT 0,
        paused_until DOUBLE PRECISION,
        created_at DOUBLE PRECISION NOT NULL,
        finished_at DOUBLE PRECISION,
        fence INTEGER NOT NULL DEFAULT 0,
        holder_pid INTEGER,
        holder_host TEXT,
        held_since DOUBLE PRECISION,
        lease_until DOUBLE PRECISION
    )
    """,
    """
    CREATE TABLE leadgateway_intents (
        id {serial},
        job TEXT NOT NULL REFERENCES leadgateway_jobs(id),
        operation TEXT NOT NULL,
        idempotency_key TEXT,
        body TEXT NOT NULL,
        target_id TEXT,
        at DOUBLE PRECISION NOT NULL,
        sends INTEGER NOT NULL DEFAULT 1,
        is_open INTEGER NOT NULL DEFAULT 1
    )
    """,
    "CREATE INDEX leadgateway_open_intents ON leadgateway_intents (job, id) WHERE is_open = 1",
    """
    CREATE TABLE leadgateway_rows (
        job TEXT NOT NULL REFERENCES leadgateway_jobs(id),
        seq {serial},
        source_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        payload TEXT,
        state TEXT NOT NULL,
        intent INTEGER,
        fields TEXT,
        linked_id TEXT,
        target_id TEXT,
        matched_by TEXT,
        reason TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        losses TEXT NOT NULL DEFAULT '[]',
        before TEXT,
        UNIQUE (job, source_id)
    )
    """,
    "CREATE INDEX leadgateway_rows_by_state ON leadgateway_rows (job, state, seq)",
    "CREATE INDEX leadgateway_rows_by_intent ON leadgateway_rows (intent)",
    "CREATE INDEX leadgateway_rows_by_target ON leadgateway_rows (job, target_id)",
    """
    CREATE TABLE leadgateway_links (
        source TEXT NOT NULL,
        target TEXT NOT NULL,
        source_id TEXT NOT NULL,
        target_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (source, target, source_id)
    )
    """,
    "CREATE INDEX leadgateway_links_by_target ON leadgateway_links (target, target_id)",
)

JOB_COLUMNS: Final = (
    "id, source, target, config, config_hash, state, cursor, reading_done, paused_until,"
    " created_at, finished_at"
)
ROW_COLUMNS: Final = (
    "seq, source_id, digest, payload, state, target_id, matched_by, reason, error, losses,"
    " before, intent"
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
        lease_until = {now} + :ttl
    WHERE id = :id AND (lease_until IS NULL OR lease_until < {now})
    RETURNING fence
"""
HOLDER: Final = """
    SELECT holder_pid, holder_host, {now} - held_since FROM leadgateway_jobs WHERE id = :id
"""
FENCE: Final = """
    UPDATE leadgateway_jobs SET lease_until = {now} + :ttl
    WHERE id = :job AND fence = :fence AND lease_until IS NOT NULL
    RETURNING fence
"""
RELEASE: Final = """
    UPDATE leadgateway_jobs SET lease_until = NULL WHERE id = :job AND fence = :fence
"""
RECONFIGURE: Final = """
    UPDATE leadgateway_jobs SET config = :config, config_hash = :config_hash WHERE id = :job
"""
MARK: Final = """
    UPDATE leadgateway_jobs
    SET state = :state, paused_until = :paused_until,
        finished_at = CASE WHEN :finished = 1 THEN {now} ELSE NULL END
    WHERE id = :job
"""
STAGE_ROW: Final = """
    INSERT INTO leadgateway_rows
        (job, source_id, digest, payload, state, linked_id, target_id, reason)
    SELECT :job, :source_id, :digest, :payload,
        CASE WHEN link.digest = :digest THEN 'skipped' ELSE 'pending' END,
        link.target_id,
        CASE WHEN link.digest = :digest THEN link.target_id END,
        CASE WHEN link.digest = :digest THEN 'unchanged since it was moved' ELSE '' END
    FROM leadgateway_jobs job LEFT JOIN leadgateway_links link
        ON link.source = job.source AND link.target = job.target AND link.source_id = :source_id
    WHERE job.id = :job
    ON CONFLICT (job, source_id) DO NOTHING
"""
MOVE_CURSOR: Final = """
    UPDATE leadgateway_jobs SET cursor = :cursor, reading_done = :done WHERE id = :job
"""
PENDING: Final = """
    SELECT seq, source_id, payload, linked_id, intent FROM leadgateway_rows
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
    WHERE job = :job AND seq = :seq
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
CLOSE_INTENT: Final = "UPDATE leadgateway_intents SET is_open = 0 WHERE job = :job AND id = :id"
OPEN_INTENTS: Final = """
    SELECT id, operation, idempotency_key, body, target_id, at, sends FROM leadgateway_intents
    WHERE job = :job AND is_open = 1 AND id > :after ORDER BY id LIMIT :most
"""
INTENT_ROWS: Final = """
    SELECT seq, fields, losses FROM leadgateway_rows
    WHERE job = :job AND intent = :intent ORDER BY seq
"""
REQUEUE: Final = """
    UPDATE leadgateway_rows
    SET state = 'pending', fields = NULL, reason = '', error = '', losses = '[]'
    WHERE job = :job AND seq = :seq
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
ROW_BY_TARGET: Final = f"""
    SELECT {ROW_COLUMNS} FROM leadgateway_rows
    WHERE job = :job AND target_id = :target_id ORDER BY seq
"""  # noqa: S608  # constant columns
COUNTS: Final = "SELECT state, COUNT(*) FROM leadgateway_rows WHERE job = :job GROUP BY state"
LINKED: Final = """
    SELECT link.target_id
    FROM leadgateway_links link JOIN leadgateway_jobs job ON job.target = link.target
    WHERE job.id = :job AND link.target_id = :target_id
"""
NOW: Final = "SELECT {now}"
PURGE_ROWS: Final = """
    UPDATE leadgateway_rows SET payload = NULL, fields = NULL, before = NULL
    WHERE job = :job AND payload IS NOT NULL
"""
PURGE_INTENTS: Final = "UPDATE leadgateway_intents SET body = '' WHERE job = :job"
