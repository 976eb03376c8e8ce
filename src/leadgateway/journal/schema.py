"""The tables of the journal, as the steps by which they came to be.

The version of a journal is how many steps it has taken; opening an older one takes the rest. A
step that was released is never edited: what changes is a further step at the end. `{serial}` is
the store's growing integer key, `{number}` an integer key that is given, `{numbered}` a growing one
that may be given, of a table nothing is deleted from; `{number_on}` lets the rows' own grow on from
what it was given.
"""

from __future__ import annotations

from typing import Final, TypeAlias

Steps: TypeAlias = tuple[tuple[str, ...], ...]

STEPS: Final[Steps] = (
    (
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
            stamp TEXT,
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
            intent BIGINT,
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
    ),
    (
        """
        CREATE TABLE leadgateway_quotas (
            name TEXT PRIMARY KEY,
            state TEXT NOT NULL
        )
        """,
    ),
    (
        "ALTER TABLE leadgateway_jobs ADD COLUMN verified_at DOUBLE PRECISION",
        "ALTER TABLE leadgateway_jobs ADD COLUMN verification TEXT",
    ),
    (
        """
        CREATE TABLE leadgateway_leads (
            seq {number},
            fields TEXT,
            payload TEXT,
            before TEXT
        )
        """,
        """
        INSERT INTO leadgateway_leads (seq, fields, payload, before)
        SELECT seq, fields, payload, before FROM leadgateway_rows
        """,
        """
        CREATE TABLE leadgateway_losses (
            id TEXT PRIMARY KEY,
            losses TEXT NOT NULL
        )
        """,
        """
        INSERT INTO leadgateway_losses (id, losses)
        SELECT CAST(seq AS TEXT), losses FROM leadgateway_rows WHERE losses <> '[]'
        """,
        "ALTER TABLE leadgateway_rows ADD COLUMN losses_id TEXT",
        # A column that is dropped may stay in the files until its row is written again.
        """
        UPDATE leadgateway_rows
        SET losses_id = CASE WHEN losses <> '[]' THEN CAST(seq AS TEXT) END,
            losses = '', fields = NULL, payload = NULL, before = NULL
        """,
        "ALTER TABLE leadgateway_rows DROP COLUMN losses",
        "ALTER TABLE leadgateway_rows DROP COLUMN fields",
        "ALTER TABLE leadgateway_rows DROP COLUMN payload",
        "ALTER TABLE leadgateway_rows DROP COLUMN before",
        "DROP INDEX leadgateway_rows_by_intent",
        """
        CREATE INDEX leadgateway_rows_by_intent ON leadgateway_rows (intent)
        WHERE intent IS NOT NULL
        """,
        "DROP INDEX leadgateway_rows_by_target",
        """
        CREATE INDEX leadgateway_rows_by_target ON leadgateway_rows (job, target_id)
        WHERE target_id IS NOT NULL
        """,
        # Seldom asked for, and then for the doubts of a whole run: one look at all of them will do.
        "DROP INDEX leadgateway_links_by_target",
    ),
    (
        # Each lead of a source is named once; who moves it, and where it went, refers to that. Ids
        # come in no order, and each index of them costs about as much as a lead itself.
        "ALTER TABLE leadgateway_links RENAME TO leadgateway_twins",
        """
        CREATE TABLE leadgateway_links (
            id {serial},
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            source_id TEXT NOT NULL,
            target_id TEXT,
            digest TEXT,
            UNIQUE (source_id, source, target)
        )
        """,
        """
        INSERT INTO leadgateway_links (source, target, source_id, target_id, digest)
        SELECT source, target, source_id, target_id, digest FROM leadgateway_twins
        """,
        "DROP TABLE leadgateway_twins",
        """
        INSERT INTO leadgateway_links (source, target, source_id)
        SELECT DISTINCT job.source, job.target, r.source_id
        FROM leadgateway_rows r JOIN leadgateway_jobs job ON job.id = r.job
        WHERE TRUE
        ON CONFLICT (source, target, source_id) DO NOTHING
        """,
        "ALTER TABLE leadgateway_rows RENAME TO leadgateway_named_rows",
        """
        CREATE TABLE leadgateway_rows (
            job TEXT NOT NULL REFERENCES leadgateway_jobs(id),
            seq {numbered},
            link BIGINT NOT NULL,
            digest TEXT NOT NULL,
            state TEXT NOT NULL,
            intent BIGINT,
            linked_id TEXT,
            target_id TEXT,
            matched_by TEXT,
            reason TEXT NOT NULL DEFAULT '',
            error TEXT NOT NULL DEFAULT '',
            losses_id TEXT,
            UNIQUE (job, link)
        )
        """,
        """
        INSERT INTO leadgateway_rows (job, seq, link, digest, state, intent, linked_id, target_id,
            matched_by, reason, error, losses_id)
        SELECT r.job, r.seq, link.id, r.digest, r.state, r.intent, r.linked_id, r.target_id,
            r.matched_by, r.reason, r.error, r.losses_id
        FROM leadgateway_named_rows r JOIN leadgateway_jobs job ON job.id = r.job
        JOIN leadgateway_links link ON link.source = job.source AND link.target = job.target
            AND link.source_id = r.source_id
        ORDER BY r.seq
        """,
        "{number_on}",
        "DROP TABLE leadgateway_named_rows",
        "CREATE INDEX leadgateway_rows_by_state ON leadgateway_rows (job, state, seq)",
        """
        CREATE INDEX leadgateway_rows_by_intent ON leadgateway_rows (intent)
        WHERE intent IS NOT NULL
        """,
        # A request's body may be kept as what stands around its leads' fields, which are there.
        "ALTER TABLE leadgateway_intents ADD COLUMN framed INTEGER NOT NULL DEFAULT 0",
    ),
    (
        # A request whose leads left it one by one must not leave again as it was.
        "ALTER TABLE leadgateway_intents ADD COLUMN is_whole INTEGER NOT NULL DEFAULT 1",
    ),
)
