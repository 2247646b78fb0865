// Package zones finds the time zones that rules name.
package zones

import (
	"fmt"
	"strings"
	"time"
)

// Load returns the IANA zone of a name. Beside its zones the database of a machine has files of another kind, such as localtime,
// posixrules, and the trees posix/ and right/ (which counts leap seconds): none of them begins with a capital letter, as every zone does.
func Load(name string) (*time.Location, error) {
	const more = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/"
	if name == "Local" || len(name) > 64 || name == "" || name[0] < 'A' || name[0] > 'Z' || strings.Trim(name, more) != "" {
		return nil, fmt.Errorf("%.64q, want an IANA zone such as Europe/Paris", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not in the IANA time zone database of this machine", name)
	}
	return loc, nil
}
