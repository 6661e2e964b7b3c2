"""The tables, as a list of steps that is only ever appended to: `user_version` counts those that were taken."""

import sqlite3
from collections.abc import Callable, Sequence

Step = Callable[[sqlite3.Connection], None]

# "SWRM": tells our database from any other that lies under the same name.
APPLICATION = 0x5357524D

STEPS: list[Step] = []


def step(function: Step) -> Step:
    STEPS.append(function)
    return function


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """All steps that are missing, or none. It writes even when none is, so that a folder where nothing can be
    written is noticed at the start."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for each in steps[version(connection) :]:
            each(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(steps)}")


@step
def first_tables(connection: sqlite3.Connection) -> None:
    """Paths are blobs: a file name is bytes, and need not be text. What is promised is JSON, bytes by device.

    The checks also find damage: whoever opens the database has all of them tried on every row.
    """
    connection.execute(
        """CREATE TABLE models (
            path BLOB NOT NULL PRIMARY KEY CHECK (typeof(path) = 'blob'),
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            origin TEXT NOT NULL,
            sha256 TEXT,
            checked_at REAL,
            used_at REAL
        )"""
    )
    connection.execute(
        """CREATE TABLE fits (
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
        )"""
    )
    # AUTOINCREMENT: an id is never given twice, so whoever lost its row cannot touch another's.
    connection.execute(
        """CREATE TABLE servers (
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
        )"""
    )
    connection.execute(
        """CREATE TABLE facts (
            name TEXT NOT NULL,
            subject TEXT NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value)),
            measured_at REAL NOT NULL,
            PRIMARY KEY (name, subject)
        )"""
    )


@step
def strengths(connection: sqlite3.Connection) -> None:
    connection.execute(
        """CREATE TABLE self_tests (
            model TEXT NOT NULL,
            engine TEXT NOT NULL,
            test TEXT NOT NULL,
            passed INTEGER NOT NULL,
            asked INTEGER NOT NULL CHECK (passed BETWEEN 0 AND asked),
            tested_at REAL NOT NULL,
            PRIMARY KEY (model, engine, test)
        )"""
    )
    connection.execute(
        """CREATE TABLE call_outcomes (
            model TEXT NOT NULL PRIMARY KEY,
            good REAL NOT NULL CHECK (good >= 0),
            bad REAL NOT NULL CHECK (bad >= 0),
            at REAL NOT NULL
        )"""
    )


@step
def swarm_of_nodes(connection: sqlite3.Connection) -> None:
    """Endpoints are JSON: a list of pairs of a host and a port."""
    connection.execute(
        """CREATE TABLE peers (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            endpoints TEXT NOT NULL CHECK (json_valid(endpoints)),
            last_heard REAL NOT NULL
        )"""
    )
    connection.execute(
        """CREATE TABLE denied (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            at REAL NOT NULL
        )"""
    )
    connection.execute(
        """CREATE TABLE starts (
            id TEXT NOT NULL PRIMARY KEY,
            number INTEGER NOT NULL CHECK (number > 0)
        )"""
    )
