package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/payrules/payrules/event"
)

// The names in the folder of an archive.
const (
	markName = "payrules-archive"
	tempName = "tmp"      // the folder of what is being written
	suffix   = ".segment" // of a segment's file; before it stands its first version
	digits   = 20         // of a version, so that names sort like versions
	readable = 40         // the most characters of an account that its folder's name shows
)

// folderOf is the path of an account's folder within the archive, and of the two folders around it. The SHA-256 of the account
// makes it different from every other, also where a file system takes A for a, or é for e with an accent; the rest is for
// people.
func folderOf(account string) (outer, inner, folder string) {
	sum := sha256.Sum256([]byte(account))
	outer = hex.EncodeToString(sum[:1])
	inner = filepath.Join(outer, hex.EncodeToString(sum[1:2]))
	return outer, inner, filepath.Join(inner, plain(account)+"-"+hex.EncodeToString(sum[:]))
}

// plain is what every file system takes of an account: lower-case letters and digits, the beginning of it.
func plain(account string) string {
	b := make([]byte, 0, readable)
	for _, r := range account {
		switch {
		case len(b) == readable:
			return string(b)
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b = append(b, byte(r))
		case r >= 'A' && r <= 'Z':
			b = append(b, byte(r)+'a'-'A')
		default:
			b = append(b, '_')
		}
	}
	return string(b)
}

// segmentName is the name of the file of the segment that starts at a version. No two segments can start at the same one, so
// making the name, which fails if it is there, decides who was first.
func segmentName(first event.Version) string { return fmt.Sprintf("%0*d%s", digits, first, suffix) }

// firsts are the first versions that names speak of, in order. Names of anything else are passed over.
func firsts(names []string) []event.Version {
	var all []event.Version
	for _, name := range names {
		text, ok := strings.CutSuffix(name, suffix)
		first, err := strconv.ParseUint(text, 10, 64)
		if ok && err == nil && segmentName(event.Version(first)) == name {
			all = append(all, event.Version(first))
		}
	}
	slices.Sort(all)
	return all
}
