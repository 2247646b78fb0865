package archive

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
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
