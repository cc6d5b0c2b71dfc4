/// The tables of a ledger, and how older files come to them.
///
/// ```
/// batches    one roster each                      counts      entries by batch and state
/// runs       one process each, its sealed key     recipients  to whom new runs seal
/// entries    one key for one person each          attempts    one secret on its way onto one key each
/// events     every change, chained by hashes      head        number and hash of the last event
/// ```
///
/// - Numbers of rows grow and are never given twice. Times are seconds since 1970.
/// - `entries.state` and `counts.state` are `EntryState`, `events.kind` is `LedgerEvent.Kind`.
/// - `entries.person` is the account in small letters, by which a roster finds it again.
/// - `entries.before` is the state that a reserved entry goes back to. `work_model` and `work_serial` are the key that it is
///   reserved for; `key_model` and `key_serial` the one that it was written to, or failed at.
/// - `attempts.sealed` is a record of `RecordSealer`, NULL once it is forgotten; `runs.data_key` is the age file that opens it.
/// - `attempts.unused` is 1 from the moment on that the attempt failed or its key was taken back: nobody gets its secret.
/// - `attempts.factor` is the period of a TOTP and the counter of a HOTP credential.
///
/// Each lookup on the way of a key has its index; those over open entries, work and keys hold only such rows, so that they
/// stay small. `counts` and `head` are written in the transaction of what they count.
enum Schema {
    /// "KPLG" in the header of the file, as `file` and other programs read it.
    static let applicationID: Int64 = 1_263_553_607

    /// Version n is what the first n of these make of an empty file. They are never changed, only added to.
    static let migrations = [first, second, third]

    static var version: Int { migrations.count }

    private static let first = """
        CREATE TABLE batches (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            terms TEXT NOT NULL
        ) STRICT;

        CREATE TABLE counts (
            batch INTEGER NOT NULL REFERENCES batches,
            state TEXT NOT NULL,
            entries INTEGER NOT NULL CHECK (entries >= 0),
            PRIMARY KEY (batch, state)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE recipients (
            position INTEGER PRIMARY KEY,
            recipient TEXT NOT NULL
        ) STRICT;

        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            station TEXT NOT NULL,
            entered INTEGER NOT NULL,
            ended INTEGER,
            secrets INTEGER NOT NULL DEFAULT 0 CHECK (secrets >= 0),
            data_key BLOB
        ) STRICT;
        CREATE INDEX runs_alive ON runs (id) WHERE ended IS NULL;

        CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            batch INTEGER NOT NULL REFERENCES batches,
            account TEXT NOT NULL,
            issuer TEXT,
            copy INTEGER NOT NULL,
            owner TEXT,
            email TEXT,
            department TEXT,
            serial TEXT,
            slot INTEGER,
            profile TEXT,
            state TEXT NOT NULL,
            before TEXT,
            changed INTEGER NOT NULL,
            failure TEXT,
            run INTEGER REFERENCES runs,
            work_model TEXT,
            work_serial TEXT,
            key_model TEXT,
            key_serial TEXT,
            attempt INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX entries_account ON entries (account, batch, copy, ifnull(issuer, ''));
        CREATE INDEX entries_state ON entries (state);
        CREATE INDEX entries_batch_state ON entries (batch, state);
        CREATE INDEX entries_open ON entries (batch, state, serial) WHERE state = 'planned' OR state = 'failed';
        CREATE INDEX entries_work ON entries (work_serial, work_model) WHERE work_serial IS NOT NULL;
        CREATE INDEX entries_run ON entries (run) WHERE state = 'reserved' OR state = 'writing';
        CREATE INDEX entries_key ON entries (key_serial, key_model, batch, state) WHERE key_serial IS NOT NULL;

        CREATE TABLE attempts (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            entry INTEGER NOT NULL REFERENCES entries,
            run INTEGER NOT NULL REFERENCES runs,
            family TEXT NOT NULL,
            model TEXT NOT NULL,
            serial TEXT,
            firmware TEXT,
            virtual INTEGER NOT NULL,
            slot INTEGER,
            issuer TEXT,
            account TEXT NOT NULL,
            kind TEXT NOT NULL,
            factor INTEGER NOT NULL,
            algorithm TEXT NOT NULL,
            digits INTEGER NOT NULL,
            verification TEXT,
            sealed BLOB
        ) STRICT;
        CREATE INDEX attempts_entry ON attempts (entry);
        CREATE INDEX attempts_key ON attempts (serial, model) WHERE serial IS NOT NULL;

        CREATE TABLE events (
            number INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            run INTEGER REFERENCES runs,
            batch INTEGER REFERENCES batches,
            entry INTEGER REFERENCES entries,
            detail TEXT NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE INDEX events_entry ON events (entry) WHERE entry IS NOT NULL;
        CREATE INDEX events_batch ON events (batch) WHERE batch IS NOT NULL;
        CREATE INDEX events_time ON events (time);

        CREATE TABLE head (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            number INTEGER NOT NULL,
            hash BLOB NOT NULL
        ) STRICT;
        INSERT INTO head VALUES (1, 0, zeroblob(32));
        """

    private static let second = """
        ALTER TABLE attempts ADD COLUMN unused INTEGER NOT NULL DEFAULT 0;
        UPDATE attempts SET unused = 1 WHERE NOT EXISTS (
            SELECT 1 FROM entries e WHERE e.id = attempts.entry AND e.attempt = attempts.number
            AND e.state IN ('writing', 'verified', 'exported', 'forgotten'));
        CREATE INDEX attempts_unused ON attempts (entry) WHERE unused = 1 AND sealed IS NOT NULL;
        """

    /// Beyond ASCII, `Connection` brings `person` to what it is.
    private static let third = """
        ALTER TABLE entries ADD COLUMN person TEXT NOT NULL DEFAULT '';
        UPDATE entries SET person = lower(account);
        CREATE INDEX entries_person ON entries (person, batch, copy);
        """
}
