PRAGMA application_id=1398231629;
PRAGMA user_version=3;
BEGIN TRANSACTION;
CREATE TABLE call_outcomes (
            model TEXT NOT NULL PRIMARY KEY,
            good REAL NOT NULL CHECK (good >= 0),
            bad REAL NOT NULL CHECK (bad >= 0),
            at REAL NOT NULL
        );
INSERT INTO "call_outcomes" VALUES('ab',7.5,1.5,1700000000.0);
CREATE TABLE denied (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            at REAL NOT NULL
        );
INSERT INTO "denied" VALUES('fedcba9876543210','laptop',1700000000.0);
CREATE TABLE facts (
            name TEXT NOT NULL,
            subject TEXT NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value)),
            measured_at REAL NOT NULL,
            PRIMARY KEY (name, subject)
        );
INSERT INTO "facts" VALUES('bandwidth','a processor','38.25',1700000000.0);
CREATE TABLE fits (
            file TEXT NOT NULL,
            context INTEGER NOT NULL,
            seats INTEGER NOT NULL,
            kv_type TEXT NOT NULL,
            device_layers INTEGER NOT NULL,
            device TEXT NOT NULL,
            ram INTEGER NOT NULL,
            device_memory INTEGER NOT NULL,
            estimated_ram INTEGER NOT NULL,
            estimated_device_memory INTEGER NOT NULL,
            reading REAL,
            writing REAL,
            engine TEXT NOT NULL,
            measured_at REAL NOT NULL,
            PRIMARY KEY (file, context, seats, kv_type, device_layers, device)
        );
INSERT INTO "fits" VALUES('ab',4096,8,'f16',0,'cpu',1000,0,900,0,NULL,NULL,'llama.cpp',1700000000.0);
CREATE TABLE models (
            path BLOB NOT NULL PRIMARY KEY CHECK (typeof(path) = 'blob'),
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            origin TEXT NOT NULL,
            sha256 TEXT,
            checked_at REAL,
            used_at REAL
        );
INSERT INTO "models" VALUES(X'2F6D6F64656C732F612E67677566',1000,5,'found','ab',1700000000.0,NULL);
CREATE TABLE peers (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            endpoints TEXT NOT NULL CHECK (json_valid(endpoints)),
            last_heard REAL NOT NULL
        );
INSERT INTO "peers" VALUES('0123456789abcdef','desk','[["192.168.1.7", 17617]]',1700000000.0);
CREATE TABLE self_tests (
            model TEXT NOT NULL,
            engine TEXT NOT NULL,
            test TEXT NOT NULL,
            passed INTEGER NOT NULL,
            asked INTEGER NOT NULL CHECK (passed BETWEEN 0 AND asked),
            tested_at REAL NOT NULL,
            PRIMARY KEY (model, engine, test)
        );
INSERT INTO "self_tests" VALUES('ab','an engine','1',20,22,1700000000.0);
CREATE TABLE servers (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            pid INTEGER NOT NULL,
            boot TEXT NOT NULL,
            process_started REAL NOT NULL,
            host TEXT NOT NULL,
            port INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('starting', 'loading', 'ready', 'stopping')),
            model BLOB NOT NULL CHECK (typeof(model) = 'blob'),
            name TEXT NOT NULL,
            context INTEGER NOT NULL,
            seats INTEGER NOT NULL,
            started_at REAL NOT NULL,
            heartbeat REAL NOT NULL,
            promised TEXT NOT NULL CHECK (json_valid(promised))
        );
INSERT INTO "servers" VALUES(1,1,'another boot',1.5,'localhost',17615,'ready',X'2F6D6F64656C732F612E67677566','A',4096,8,1700000000.0,1700000000.0,'{"ram": 1000}');
CREATE TABLE starts (
            id TEXT NOT NULL PRIMARY KEY,
            number INTEGER NOT NULL CHECK (number > 0)
        );
INSERT INTO "starts" VALUES('0123456789abcdef',3);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('servers',1);
COMMIT;
