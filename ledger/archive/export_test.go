package archive

import "github.com/payrules/payrules/ledger"

// Path is the file of a segment of the archive in a folder.
func Path(dir string, s ledger.Segment) string { return (&Folder{dir: dir}).path(s.Account, s.First) }
