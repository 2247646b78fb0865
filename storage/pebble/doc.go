// Package pebble keeps a journal in one directory, in files of the embedded database Pebble: the store for a
// service that runs as one process. It is a storage.Journal, a storage.Waiter, and keeps storage.Snapshots; with
// Options.Chain, a record that was altered on purpose is noticed as well, and named.
//
// # Basics
//
// [Open] a directory, and it is there and locked; append and read as storage.Journal says; Close it. After a
// crash, Open puts in order what was left behind. There is nothing to tune: calls that come while a commit
// is under way share the next one, so one caller has the disk's latency, and many have its throughput.
//
// # The picture
//
//	Append ─┐
//	Append ─┼─▶ queue ─▶ committer: decide (storage.Planner) ─▶ one batch ─▶ sync ─▶ mark ─▶ the answers
//	Append ─┘                                                                  └─▶ All, Stream, Head, Wait
//
// One goroutine writes. It decides only on what is durable and on what is in the same commit, and readers
// see only what is durable.
//
// # On disk
//
// All in the directory but one file is the database's. In it are three kinds of keys; numbers in keys, and
// positions, are big-endian, all others little-endian:
//
//	'l', position (8)                   a block: a front, then records whose positions follow each other from that on
//	'i', stream, 0, version (8)         the position of that record (8)
//	's', stream                         a snapshot: 1, CRC-32C (4), version (8), length (1) and schema, data
//
// A block has up to 8 KiB, or a single larger record, all of one commit. Its front is one byte, its format: 1, or
// in the hash chain
//
//	2, position at which the chain begins (8), the hash before the first record (32)
//
// A record begins with its length and, in format 1, its checksum; in format 2 with its own hash (storage.Chain),
// and a piece of the one before it, which tells which of two records that do not fit together was altered:
//
//	length of the rest (4), CRC-32C of the position (8, big-endian) and of the rest (4)
//	length of the rest (4), first bytes of the hash before it (4), its hash (32)
//
// The rest is the same in both:
//
//	flags (1): 1 with traceparent, 2 with key,
//	version (8), At in microseconds since 1970 (8),
//	length (1) and stream, length (1) and type,
//	[length (1) and traceparent,] [length (1) and key, digest (32),]
//	the data, to the end
//
// testdata/record.golden has the bytes.
//
// The file payrules.journal is ours. It has two slots, at 0 and 4096, written in turn:
//
//	"payrules", format (4), position up to which records were acknowledged (8), CRC-32C of these 20 bytes (4)
//
// # Damage
//
// Whatever is read is checked: the checksum, that positions and versions have no gap, and that the index and
// the record say the same. Opening checks that the log reaches as far as was acknowledged, since Pebble alone
// takes a damaged or missing piece of its write-ahead log for the end of it; and that the newest part of the
// log, as much as a write-ahead log may have held, is without gap or damage. An older block is checked when
// it is read. Before anything is written, a journal with records is opened for reading alone, so that an
// open that fails changes nothing.
//
// [Journal.Verify] reads everything: the whole log, and the index against the log and back.
//
// What stays undetected, until Verify: entries missing at the end of a stream in the index alone. And without the
// hash chain: after a power cut, which may lose the newest states of payrules.journal (it is not synced with each
// commit), damage at the same time to the end of the write-ahead log; several files put back together from an
// older copy; and whatever is done on purpose.
//
// # The hash chain
//
// With Options.Chain each record is stored with its storage.Chain hash in place of the checksum, and whatever
// reads it, verifies it: Open the end of the log, All all that it reads, one record on top of the other, and Stream
// each record on top of the one before as that one lies there. Whoever rewrites a record, with or without its hash,
// and every checksum of the database, is noticed by All and Verify, and the record is named. Of several in a row
// that were rewritten, hashes and all, the last is named: there the chain breaks.
//
// Whoever writes the log anew from some record to its end, hashes and all, makes another good chain. Against that
// there is only a seal that is kept where he cannot reach: take [Journal.Seal] at the end of each day, say, and
// give all of them to Verify. The first seal that does not hold says between which two the journal was changed. It
// also tells of a journal that was cut back, or replaced by an older copy.
//
// A journal that began without the chain can get it: open it with the option, once, with as much time as All takes.
// Nothing is rewritten. The chain begins at the next record, on top of the hash of all before, so its seals are
// those of a chain from the first record; and from then on a change to any older record is noticed too, by Verify
// and by All from the start, but not which of them it was. The other way there is none: a journal with a chain does
// not open without the option, since an auditor could not tell a setting that was forgotten from one that was to
// hide something. Nothing is changed by such an open.
//
// Snapshots are outside of the chain. They are a cache; an audit replays the events.
//
// It costs 32 bytes a record and 40 a block, and 0.4 µs a record, written or read: one caller alone does not notice,
// 1,024 callers, or calls of 1,000 batches, store about a sixth fewer events a second, and All reads a third to a
// half fewer (go test -bench 'Append|Group|All' has the rows chain=off and chain=on).
//
// # A disk that fails
//
// The first write or sync that fails stops the journal, as if the machine had stopped there. Appends under
// way answer storage.ErrUnknownOutcome, later ones an error with the cause, and nothing of them is stored;
// what is durable can still be read. Close it and open it again. Pebble itself would end the process here;
// instead, its goroutines are held for good, so a journal that stopped keeps its memory and open files until
// the process ends. The same holds for a damaged file that a compaction comes upon. A disk that is full is
// one that fails; Open asks for as much room as it may need.
//
// # Time
//
// At is Options.Now in UTC microseconds, and a microsecond after the last commit's where the clock goes back.
//
// # Errors
//
// Those of package storage. A *storage.CorruptError names the file, or the record by its position or id.
//
// # Caveats
//
// A directory belongs to one process; on one machine, storage.ErrInUse tells. Do not keep it on a network
// file system. Copy it while it is closed: a copy of files that are being written is no journal.
//
// A receipt is as durable as the disk's sync. The data of a record that All yields shares memory with its
// block, so whoever keeps records for long should copy it.
//
// # Complexity
//
// An event appended costs one to two microseconds beside the sync it shares, and once more to look its stream
// up if it is not among Options.CachedStreams. All reads at a few hundred thousand records a second and more, and
// Verify at about the same; Stream searches for each block that the stream has a record in. Memory is bounded: Options.CacheBytes, up to
// three times Options.MemTableBytes, 100 bytes for each cached stream, a commit of about 4 MiB or of one call,
// and 256 KiB, or a record, for each reader.
package pebble
