package webhook

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// errAddress is what the guard says; it ends up as ReasonAddress.
var errAddress = errors.New("webhook: address not allowed")

// Addresses that are not, or not only, of the public internet.
// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, and RFC 6890.
var (
	special4 = [...]netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),       // this network, unspecified
		netip.MustParsePrefix("10.0.0.0/8"),      // private
		netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers (CGNAT)
		netip.MustParsePrefix("127.0.0.0/8"),     // loopback
		netip.MustParsePrefix("169.254.0.0/16"),  // link-local, the metadata services of clouds
		netip.MustParsePrefix("172.16.0.0/12"),   // private
		netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
		netip.MustParsePrefix("192.0.2.0/24"),    // documentation
		netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
		netip.MustParsePrefix("192.168.0.0/16"),  // private
		netip.MustParsePrefix("198.18.0.0/15"),   // benchmarking
		netip.MustParsePrefix("198.51.100.0/24"), // documentation
		netip.MustParsePrefix("203.0.113.0/24"),  // documentation
		netip.MustParsePrefix("224.0.0.0/4"),     // multicast
		netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
	}
	// Of IPv6 only what is in global is public: loopback, unspecified, unique and link-local, multicast, and NAT64
	// (64:ff9b::/96 and 64:ff9b:1::/48, which lead to any IPv4 address) are outside of it.
	global6  = [...]netip.Prefix{netip.MustParsePrefix("2000::/3")}
	special6 = [...]netip.Prefix{
		netip.MustParsePrefix("2001::/23"),     // protocol assignments, Teredo: an IPv4 address inside
		netip.MustParsePrefix("2001:db8::/32"), // documentation
		netip.MustParsePrefix("2002::/16"),     // 6to4: an IPv4 address inside
		netip.MustParsePrefix("3fff::/20"),     // documentation
	}
)

// guard lets connections through to public addresses, and to those that are allowed besides.
type guard struct {
	allow []netip.Prefix
}

// control is the Control of a net.Dialer. It sees the address that the socket is about to be connected to, after all names
// are resolved, so a name that resolves to something else the second time gains nothing.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return errAddress
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !g.allows(ip) {
		return errAddress
	}
	return nil
}

// allows judges an IPv4 address inside an IPv6 one (::ffff:10.0.0.1) as that IPv4 address.
func (g guard) allows(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return isPublic(ip) || within(g.allow, ip)
}

func isPublic(ip netip.Addr) bool {
	if ip.Is4() {
		return !within(special4[:], ip)
	}
	return within(global6[:], ip) && !within(special6[:], ip)
}

func within(prefixes []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(ip) })
}
