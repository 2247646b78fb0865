package webhook

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// W5: the edges of every range.
func TestGuardRanges(t *testing.T) {
	for ip, want := range map[string]bool{
		"0.0.0.0": false, "0.255.255.255": false, "1.0.0.0": true,
		"9.255.255.255": true, "10.0.0.0": false, "10.255.255.255": false, "11.0.0.0": true,
		"100.63.255.255": true, "100.64.0.0": false, "100.127.255.255": false, "100.128.0.0": true,
		"126.255.255.255": true, "127.0.0.0": false, "127.255.255.255": false, "128.0.0.0": true,
		"169.253.255.255": true, "169.254.0.0": false, "169.254.255.255": false, "169.255.0.0": true,
		"172.15.255.255": true, "172.16.0.0": false, "172.31.255.255": false, "172.32.0.0": true,
		"192.0.0.255": false, "192.0.1.0": true, "192.0.2.1": false, "192.88.99.1": false, "192.167.255.255": true,
		"192.168.0.0": false, "192.168.255.255": false, "192.169.0.0": true,
		"198.17.255.255": true, "198.18.0.0": false, "198.19.255.255": false, "198.20.0.0": true, "198.51.100.1": false,
		"203.0.113.1": false, "223.255.255.255": true, "224.0.0.0": false, "239.255.255.255": false, "240.0.0.0": false, "255.255.255.255": false,
		"::": false, "::1": false, "::7f00:1": false, "::ffff:8.8.8.8": true, "::ffff:10.0.0.1": false, "::ffff:127.0.0.1": false,
		"64:ff9b::8.8.8.8": false, "64:ff9b::10.0.0.1": false, "64:ff9b:1::1": false, "100::1": false,
		"1fff:ffff::": false, "2000::": true, "2001:1ff::": false, "2001:200::": true, "2001:db8::1": false, "2002:a00:1::": false,
		"2606:4700::1": true, "3fff::1": false, "3fff:1000::": true, "4000::": false,
		"fc00::1": false, "fdff::1": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "ff02::1": false,
	} {
		if got := (guard{}).allows(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: got %v, want %v", ip, got, want)
		}
	}
	for _, address := range []string{"", "8.8.8.8", "name:443", ":443", "[::1:443"} {
		if (guard{}).control("tcp", address, nil) == nil {
			t.Errorf("%q passed", address)
		}
	}
}

// W5: the classes that net/netip knows are refused in every spelling, and allowing one prefix opens no other.
func TestGuardLaws(t *testing.T) {
	allow := guard{allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4")
		ip := netip.AddrFrom4([4]byte(b))
		if rapid.Bool().Draw(t, "v6") {
			ip = netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "16")))
		}
		bad := ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified()
		if bad && (guard{}).allows(ip) {
			t.Fatalf("%s passed", ip)
		}
		mapped := netip.AddrFrom16(ip.As16())
		if (guard{}).allows(ip) != (guard{}).allows(mapped) {
			t.Fatalf("%s and %s are judged differently", ip, mapped)
		}
		opened := ip.Is4() && b[0] == 10 && b[1] == 1
		if allow.allows(ip) != ((guard{}).allows(ip) || opened) {
			t.Fatalf("%s: with 10.1.0.0/16 allowed, got %v", ip, allow.allows(ip))
		}
	})
	if !allow.allows(netip.MustParseAddr("::ffff:10.1.2.3")) || allow.allows(netip.MustParseAddr("10.2.0.0")) {
		t.Error("the allowed prefix is not what is allowed")
	}
}
