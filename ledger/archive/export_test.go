package archive

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"io"
	"slices"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/money"
)

// Path is the file of a segment of the archive in a folder.
func Path(dir string, s ledger.Segment) string { return (&Folder{dir: dir}).path(s.Account, s.First) }

// FolderOf is the path of an account's folder within an archive.
func FolderOf(account string) string { _, _, folder := folderOf(account); return folder }

// Pack makes a file of any content, with the sums that belong to it, which says that it is one of the account. The number of
// its records is made to fit its size.
func Pack(account string, content []byte) ([]byte, error) {
	s, _ := segmentOf(account, 1, 1+event.Version(len(content)/maxRecord))
	s.Opening, s.Closing = money.New(0, money.EUR), money.New(0, money.EUR)
	h := header{description: description{Segment: s}, body: sha256.Sum256(content), size: int64(len(content))}
	lines, _, err := h.encode()
	if err != nil {
		return nil, err
	}
	return compressed(lines, content)
}

// compressed is a file of a header and what is to be compressed behind it.
func compressed(lines, content []byte) ([]byte, error) {
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, level)
	if err != nil {
		return nil, err
	}
	if _, err := zip.Write(content); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return slices.Concat(lines, packed.Bytes()), nil
}

// Repack changes what is compressed in a file, and leaves its header as it is.
func Repack(b []byte, change func([]byte) []byte) ([]byte, error) {
	_, length, err := parseHeader(b)
	if err != nil {
		return nil, err
	}
	zip, err := gzip.NewReader(bytes.NewReader(b[length:]))
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(zip)
	if err != nil {
		return nil, err
	}
	return compressed(b[:length], change(content))
}
