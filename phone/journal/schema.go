package journal

import (
	"database/sql"
	"fmt"
)

// application marks the file as a journal of Calla (PRAGMA application_id): "Call".
const application = 0x43616c6c

// version is the schema's: how many of the steps a file has gone (PRAGMA user_version).
func version() int { return len(steps()) }

// step takes a file of the version before it to its own: by statements, and by what cannot be said in SQL.
type step struct {
	text string
	then func(*sql.Tx) error // nil: nothing
}

// steps are the schema. A step that has been released is never changed; what is to be otherwise is one more step.
//
// Times are µs since 1970, 0 for none. The ID of a call or message is the time it began at in µs, made unique, so
// that the order of IDs is that of time, in the search's index too. Columns named digits have all ends of a number, and
// other spellings of the texts beside it: see digitsOf and spellings.
func steps() []step {
	return []step{{text: `
CREATE TABLE calls (
	id         INTEGER PRIMARY KEY,
	account    TEXT    NOT NULL,
	label      TEXT    NOT NULL, -- of the account
	incoming   INTEGER NOT NULL,
	outcome    TEXT    NOT NULL,
	name       TEXT    NOT NULL,
	address    TEXT    NOT NULL,
	uri        TEXT    NOT NULL,
	after      TEXT    NOT NULL, -- digits dialled behind the number
	person     TEXT    NOT NULL, -- the address in its one spelling: see Person
	digits     TEXT    NOT NULL,
	began      INTEGER NOT NULL,
	rang       INTEGER NOT NULL,
	answered   INTEGER NOT NULL,
	ended      INTEGER NOT NULL,
	cause      TEXT    NOT NULL, -- JSON
	code       INTEGER NOT NULL, -- of SIP
	codec      TEXT    NOT NULL,
	quality    TEXT    NOT NULL, -- JSON
	recording  TEXT    NOT NULL, -- a path
	note       TEXT    NOT NULL,
	timeline   TEXT    NOT NULL, -- JSON
	seen       INTEGER NOT NULL
) STRICT;
CREATE INDEX calls_of_outcome ON calls (outcome);
CREATE INDEX calls_of_person ON calls (person);
CREATE INDEX calls_unseen ON calls (seen) WHERE seen = 0;
` + searchable("calls", "name", "address", "digits", "note", "outcome") + `
CREATE TABLE contacts (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	uid          TEXT    NOT NULL, -- of the vCard it came from
	name         TEXT    NOT NULL,
	organisation TEXT    NOT NULL,
	note         TEXT    NOT NULL,
	favourite    INTEGER NOT NULL,
	sorted       TEXT    NOT NULL, -- the name as lists are sorted by it
	addresses    TEXT    NOT NULL, -- all of them, for the search
	digits       TEXT    NOT NULL
) STRICT;
CREATE INDEX contacts_sorted ON contacts (sorted, id);
CREATE INDEX contacts_of_uid ON contacts (uid) WHERE uid <> '';
CREATE INDEX contacts_favourite ON contacts (favourite) WHERE favourite = 1;
CREATE TABLE contact_addresses (
	contact INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	place   INTEGER NOT NULL, -- among those of the contact
	address TEXT    NOT NULL,
	label   TEXT    NOT NULL,
	person  TEXT    NOT NULL,
	PRIMARY KEY (contact, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_addresses_of_person ON contact_addresses (person);
` + searchable("contacts", "name", "organisation", "note", "addresses", "digits") + `
CREATE TABLE messages (
	id       INTEGER PRIMARY KEY,
	account  TEXT    NOT NULL,
	address  TEXT    NOT NULL,
	uri      TEXT    NOT NULL,
	name     TEXT    NOT NULL,
	incoming INTEGER NOT NULL,
	text     TEXT    NOT NULL,
	unread   INTEGER NOT NULL,
	status   INTEGER NOT NULL,
	cause    TEXT    NOT NULL  -- JSON
) STRICT;
CREATE INDEX messages_of_conversation ON messages (account, address, id);
CREATE INDEX messages_unread ON messages (account, address) WHERE unread = 1;
CREATE TABLE conversations (
	account TEXT    NOT NULL,
	address TEXT    NOT NULL,
	name    TEXT    NOT NULL, -- as it was told last
	last    INTEGER NOT NULL, -- the newest message
	PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversations_by_last ON conversations (last);
`}, {then: compareAnew}, {text: `
CREATE INDEX IF NOT EXISTS calls_of_way ON calls (incoming);
CREATE INDEX IF NOT EXISTS calls_recorded ON calls (id) WHERE recording <> '';
`}, {text: messagesStep()}, {text: `
ALTER TABLE contacts ADD COLUMN ringtone TEXT    NOT NULL DEFAULT ''; -- contacts.Own
ALTER TABLE contacts ADD COLUMN answer   TEXT    NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN after    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN record   TEXT    NOT NULL DEFAULT '';
`}, {then: spellAnew}}
}

// messagesStep is version 4: a conversation is one with a person, however the address is written, and is found by what
// was said.
func messagesStep() string {
	return `
DROP INDEX messages_of_conversation;
DROP INDEX messages_unread;
DROP INDEX conversations_by_last;
ALTER TABLE messages RENAME TO messages_1;
ALTER TABLE conversations RENAME TO conversations_1;
CREATE TABLE messages (
	id       INTEGER PRIMARY KEY,
	account  TEXT    NOT NULL,
	person   TEXT    NOT NULL, -- the address in its one spelling
	address  TEXT    NOT NULL,
	uri      TEXT    NOT NULL,
	name     TEXT    NOT NULL, -- as the other side tells it
	digits   TEXT    NOT NULL,
	incoming INTEGER NOT NULL,
	type     TEXT    NOT NULL, -- of the content
	text     TEXT    NOT NULL,
	settled  INTEGER NOT NULL, -- when it was known what became of it
	unread   INTEGER NOT NULL,
	status   INTEGER NOT NULL,
	cause    TEXT    NOT NULL  -- JSON
) STRICT;
CREATE INDEX messages_of_conversation ON messages (account, person, id);
CREATE INDEX messages_unread ON messages (account, person) WHERE unread = 1;
CREATE INDEX messages_under_way ON messages (status) WHERE status = 0;
` + searchable("messages", "name", "address", "digits", "text") + `
CREATE TABLE conversations (
	account TEXT    NOT NULL,
	person  TEXT    NOT NULL,
	last    INTEGER NOT NULL, -- the newest message
	PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversations_by_last ON conversations (last);
INSERT INTO messages SELECT id, account, lower(address), address, uri, name, '', incoming, 'text/plain', text, 0,
	unread, status, cause FROM messages_1;
INSERT INTO conversations SELECT account, person, max(id) FROM messages GROUP BY account, person;
DROP TABLE messages_1;
DROP TABLE conversations_1;
`
}

// searchable makes the search's index of a table, and keeps it: an FTS5 table with the words of some columns, from
// which deleted words go at once.
func searchable(table string, columns ...string) string {
	all, old, fresh := "", "", ""
	for _, c := range columns {
		all, old, fresh = all+", "+c, old+", old."+c, fresh+", new."+c
	}
	index := table + "_text"
	remove := "INSERT INTO " + index + " (" + index + ", rowid" + all + ") VALUES ('delete', old.id" + old + ");"
	add := "INSERT INTO " + index + " (rowid" + all + ") VALUES (new.id" + fresh + ");"
	changes := all[len(", "):]
	on := "CREATE TRIGGER " + table
	return `
CREATE VIRTUAL TABLE ` + index + ` USING fts5 (` + changes + `, content = '` + table + `', content_rowid = 'id',
	detail = 'column', columnsize = 0, prefix = '1 2 3 4 5',
	tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'");
INSERT INTO ` + index + ` (` + index + `, rank) VALUES ('secure-delete', 1);
` + on + `_added AFTER INSERT ON ` + table + ` BEGIN ` + add + ` END;
` + on + `_removed AFTER DELETE ON ` + table + ` BEGIN ` + remove + ` END;
` + on + `_changed AFTER UPDATE OF ` + changes + ` ON ` + table + ` BEGIN ` + remove + ` ` + add + ` END;
`
}

// tables are those of the present version.
func tables() []string {
	return []string{
		"calls", "calls_text", "contacts", "contact_addresses", "contacts_text", "messages", "messages_text",
		"conversations",
	}
}

// upgrade takes a file to the present version, all in one transaction: it has the old schema or the new one.
func upgrade(db *sql.DB) error {
	has, err := schemaOf(db)
	if err != nil || has == version() {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for i, step := range steps()[has:] {
		_, err := tx.Exec(step.text)
		if err == nil && step.then != nil {
			err = step.then(tx)
		}
		if err != nil {
			return fmt.Errorf("upgrade to version %d: %w", has+i+1, err)
		}
	}
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", application, version())
	if _, err := tx.Exec(mark); err != nil {
		return err
	}
	return tx.Commit()
}

// compareAnew writes the addresses of all rows in the spelling by which they are compared now.
func compareAnew(tx *sql.Tx) error {
	rows, err := tx.Query("SELECT address FROM calls UNION SELECT address FROM contact_addresses")
	if err != nil {
		return err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return err
		}
		all = append(all, address)
	}
	if err := errorsOf(rows); err != nil {
		return err
	}
	if _, err := tx.Exec("CREATE TEMP TABLE anew (address TEXT PRIMARY KEY, person TEXT) STRICT"); err != nil {
		return err
	}
	for _, address := range all {
		if _, err := tx.Exec("INSERT INTO anew VALUES (?, ?)", address, Person(address)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE calls SET person = anew.person FROM anew WHERE anew.address = calls.address;
		UPDATE contact_addresses SET person = anew.person FROM anew WHERE anew.address = contact_addresses.address;
		DROP TABLE anew`)
	return err
}

// schemaOf reads which version a file has.
func schemaOf(db *sql.DB) (int, error) {
	var has int
	err := db.QueryRow("PRAGMA user_version").Scan(&has)
	return has, err
}
