// Package archive is the ledger.Archiver that comes with the library: a folder of compressed files, each with a checksum.
//
// # Basics
//
// [Open] a folder, and give the [Folder] to whatever archives. A segment of an account's stream becomes one file, which is never
// written again. The folder can be copied, backed up or mounted read-only like any other: there is no index, no path is stored,
// and a copy is an archive.
//
//	account's stream  ▐ 1 … 4,120 ▐ 4,121 … 8,077 ▐ 8,078 …        live
//	                        │             │
//	                       Put           Put
//	                        ▼             ▼
//	                   …001.segment ◀─ …121.segment    each names the Sum of the one before
//
// # On disk
//
//	payrules-archive                                 marks the folder, and says the format
//	tmp/                                             files in the making
//	3f/a9/savings_7-3fa9…/00000000000000000001.segment
//	3f/a9/savings_7-3fa9…/00000000000000004121.segment
//
// An account's folder is the SHA-256 of its id in hexadecimal digits, behind the beginning of the id in lower-case letters and
// digits. So ids may be any text, and no two share a folder, also where case or accents do not count. A file's name is its first
// version.
//
// A file is four lines, and then gzip:
//
//	payrules ledger archive 1
//	sum 7c9e…                            the segment's Sum: SHA-256 over the other three lines
//	records e3b0… 00000000000001048576   SHA-256 over what gzip holds, and how many bytes that is
//	{"account":"savings-7","first":4121,"last":8077, … ,"previous":"51d2…"}
//	<gzip>
//
// The Sum stands for the description, for every byte of the records, and by way of "previous" for all segments before. It does
// not depend on how well gzip did. What gzip holds is a line of words a record, and its data:
//
//	version position at bytes kind type traceparent digest key
//	4121 981244 1772366400123456 67 account ledger.entry_booked.v1 - -
//	{"transfer":"pay-981","amount":{"amount":"12.34","currency":"EUR"}}
//
// At is in microseconds since 1970, bytes is the length of the data, the kind is what stands before the account in the stream's
// name, and a dash is a traceparent or digest that is not there. Digest and key are those of a command over the account; an entry
// has none, because that command's are in the stream of its transfer. So an archive is readable without this library, for as long
// as there is gzip: tail -n +5 FILE | zcat.
//
// Files of an older format stay readable.
//
// # Durability
//
// Put writes and syncs a file in tmp, reads it back, and then links it to its name, which fails if the name is there; then it
// syncs the folders. So a crash at any point leaves the whole segment or nothing, of many that put at once one is first, and none
// can write over another. What a crash leaves in tmp is removed by a later Put, once it is an hour old.
//
// # Errors
//
// What is refused wraps ledger.ErrInvalid: see ledger.Archiver. A file that was cut off, altered or swapped is an error that
// wraps ledger.ErrCorrupt and names the file; so is one that is missing before another. No record comes out of a file before
// all of it was compared with its sum. An error of the file system is neither of the two, and wraps what the system said.
//
// Everything in a file is bounded before it is believed: a header by 4 KiB, a record by what package event allows, all of them by
// what the header says and by their number.
//
// # Caveats
//
// An archive cannot notice that its last segments, or a whole account, are missing; nor that all of an account's files were
// replaced by others that fit together. Who has the Sum of the last segment can: it stands for all before.
//
// What the records say is not read: that the entries sum to the balances of the description is for ledger.Check to see.
//
// The file system must know hard links, as all of Unix and NTFS do. Nothing is encrypted.
//
// # Complexity
//
// Put, Records and putting again are O(records), at a time the memory of one record and of gzip: about 1 MiB to put, 0.2 to read.
// Segments reads one header a segment, some tens of microseconds each.
//
// With entries of 280 bytes of JSON, and names, ids and digests of 100 more, a record takes about 85 bytes. Gzip's default level
// is used: level 2 takes 12 % more room and 0.4 of the time.
package archive
